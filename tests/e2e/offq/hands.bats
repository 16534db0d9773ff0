#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What hands and foreign programs do to the folders of a queue.
load ../common
load ../disks
load queue

teardown() { remove_disks; }

@test "prune leaves links and special files in tmp/ alone" {
  add > /dev/null
  head -c 100000 /dev/zero > "$OFFQ_DIR/blobs/$(printf '%064d' 1)"
  touch -d '2 hours ago' "$OFFQ_DIR"/blobs/*
  ln -s /nowhere "$OFFQ_DIR/tmp/link"
  mkfifo "$OFFQ_DIR/tmp/pipe"
  run --separate-stderr -0 offq prune
  [[ $output == *'1 body'* ]]
  [ "$(names tmp)" = $'link\npipe' ]
}

@test "fsck of a queue on a read-only filesystem repairs nothing and says so" {
  use_disk size=4m
  add > /dev/null
  mount -o remount,ro disk
  run --separate-stderr -0 offq fsck
  [[ $output == clean* ]]
  [[ $stderr == *'shown as it is'* ]]
}

@test "fsck that had to make a damaged index again says that it repaired" {
  add > /dev/null
  offq list > /dev/null
  rm -f "$OFFQ_DIR"/index.db-*
  printf 'garbage' > "$OFFQ_DIR/index.db"
  run --separate-stderr -1 offq fsck
  [[ $output == repaired* ]]
  run -0 offq fsck
}
