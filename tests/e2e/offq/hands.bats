#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # $shared is of disks.bash
# What hands and foreign programs do to the folders of a queue.
load ../common
load ../disks
load ../servers
load queue

teardown() {
  stop_servers
  remove_disks
}

# age: the folders look as if nothing had changed for a while.
age() { touch -d '1 minute ago' "$OFFQ_DIR"/{pending,synced,failed,tmp}; }

@test "a file that may not be read is told, and found as soon as it may" {
  become_nobody
  export OFFQ_DIR=$shared/queue
  id=$(nobody offq enqueue https://api.example.com/x -d 1)
  nobody offq enqueue https://api.example.com/x -d 2 > /dev/null
  chmod 000 "$OFFQ_DIR/pending/$id.json"
  age
  for option in --json --ids; do
    run --separate-stderr -0 nobody offq list "$option"
    [[ $stderr == *"warning: a file may not be read: "*"$id.json: Permission denied" ]]
  done
  chmod 600 "$OFFQ_DIR/pending/$id.json"
  run --separate-stderr -0 nobody offq list --ids
  [ "${#lines[@]}" -eq 2 ]
  [ -z "$stderr" ]
}

@test "a hand-written file that may not be read does not stop the queue" {
  become_nobody
  export OFFQ_DIR=$shared/queue
  id=$(nobody offq enqueue https://api.example.com/x -d 1)
  for name in mine.json many.jsonl; do
    printf '{"type":"note","payload":1}' > "$OFFQ_DIR/pending/$name"
    own_as_nobody "$OFFQ_DIR/pending/$name"
    chmod 000 "$OFFQ_DIR/pending/$name"
  done
  run --separate-stderr -0 nobody offq list --ids
  [ "$output" = "$id" ]
  [[ $stderr == *'2 files may not be read'* && $stderr != *'cannot be written'* ]]
  age
  chmod 600 "$OFFQ_DIR"/pending/m*
  run --separate-stderr -0 nobody offq list --ids
  [ "${#lines[@]}" -eq 3 ]
}

@test "sync sends what it can read, and exits with 77 for a file that it may not read" {
  become_nobody
  export OFFQ_DIR=$shared/queue
  start_receiver
  id=$(nobody offq enqueue "$url/x" -d 1)
  chmod 000 "$OFFQ_DIR/pending/$id.json"
  nobody offq enqueue "$url/x" -d 2 > /dev/null
  run --separate-stderr -77 nobody offq sync
  [ "$output" = '1 delivered' ]
  says "a file may not be read: open: "
  says "$id.json: Permission denied"
  # One that was read before, and may not be read when it is its turn.
  chmod 600 "$OFFQ_DIR"/pending/*
  nobody offq enqueue "$url/x" -d 3 > /dev/null
  nobody offq list > /dev/null
  chmod 000 "$OFFQ_DIR/pending/$id.json"
  run --separate-stderr -77 nobody offq sync
  [ "$output" = '1 delivered' ]
  says "$id.json: Permission denied"
  chmod 600 "$OFFQ_DIR"/pending/*
  run -0 nobody offq sync
}

@test "sync sends what it can read, and exits with 74 for files that the disk does not give" {
  strace -o probe true 2> probe.err || skip "strace cannot trace: $(< probe.err)"
  start_receiver
  good=$(offq enqueue "$url/x" -d 1)
  bad=$(offq enqueue "$url/x" -d 2)
  printf '{"type":"note","payload":1,"request":{"method":"POST","url":"%s"}}' "$url/y" \
    > "$OFFQ_DIR/pending/mine.json"
  printf '1\n2\n' | offq enqueue "$url/z" --ndjson > ids
  batch=$(head -n 1 ids)
  batch=$OFFQ_DIR/pending/${batch%.1}.jsonl
  run --separate-stderr -74 strace -f -o trace -P "$OFFQ_DIR/pending/$bad.json" -P "$batch" \
    -P "$OFFQ_DIR/pending/mine.json" -e inject=read,pread64:error=EIO "$(command -v offq)" sync
  [[ $stderr == *'3 files cannot be read: '* ]]
  for name in "$bad.json" mine.json "${batch##*/}"; do
    [[ $stderr == *"$name: Input/output error"* ]]
  done
  [ "$(state "$good")" = synced ]
  # The disk gives them again.
  run -0 offq sync
  [ "$output" = '4 delivered' ]
}

@test "fsck promises nothing of a file that may not be read" {
  become_nobody
  export OFFQ_DIR=$shared/queue
  id=$(nobody offq enqueue https://api.example.com/x -d 1)
  chmod 000 "$OFFQ_DIR/pending/$id.json"
  run -65 nobody offq fsck
  [[ $output == *damage*"$id.json: may not be read"*"lost: $id"* ]]
  [[ $(grep damage <<< "$output") != *'(repair:'* ]]
}

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

# looks_at ID: commands that only look find it, and one more.
looks_at() {
  local command
  for command in 'list --ids' "show $1" stats; do
    # shellcheck disable=SC2086  # words
    run --separate-stderr -0 offq $command
    says 'shown as it is: '
  done
  run --separate-stderr -1 offq status
  [[ $output == 'offq: 2 pending'* ]]
  [ "$(offq list --ids | head -n 1)" = "$1" ]
}

@test "what only looks needs no room, though there is something to recover" {
  use_disk size=2m
  id=$(add)
  add > /dev/null
  rm -f "$OFFQ_DIR/reserve"
  echo '{"type":"note","payload":1}' > "$OFFQ_DIR/pending/mine.json"
  fill_disk
  looks_at "$id"
  rm "$OFFQ_DIR/queue.json"
  fill_disk
  looks_at "$id"
  fails 73 offq sync
  rm disk/fill
  [ "$(offq list --ids | wc -l)" -eq 3 ]
}

@test "what only looks writes nothing on a read-only filesystem, be the queue known, new or bare" {
  use_disk size=4m
  id=$(add)
  add > /dev/null
  for round in new known bare; do
    [ "$round" != bare ] || rm -r "$OFFQ_DIR"/{queue.json,index.db*,keys}
    mount -o remount,ro disk
    looks_at "$id"
    mount -o remount,rw disk
    [ "$round" != new ] || offq list > /dev/null
  done
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

@test "a folder that is gone is made again, with a warning" {
  for folder in pending synced failed tmp receipts blobs keys; do
    id=$(add)
    [[ $(state "$id") = pending ]]
    rm -rf "${OFFQ_DIR:?}/$folder"
    run --separate-stderr -1 offq fsck --repair
    [[ $stderr == *"made again what was missing: $folder/"* ]]
    [ -d "$OFFQ_DIR/$folder" ]
    run -0 offq fsck
    add --key "$folder" > /dev/null
  done
}

@test "a damaged queue.json: 65, and removing it helps" {
  id=$(add)
  echo garbage > "$OFFQ_DIR/queue.json"
  fails 65 offq list
  says "$OFFQ_DIR/queue.json: damaged: "
  says 'remove it'
  rm "$OFFQ_DIR/queue.json"
  [ "$(offq list --ids)" = "$id" ]
  jq -e '.format == 1' "$OFFQ_DIR/queue.json"
}

@test "a file that may not be read is no concern of a sync of another operation" {
  start_receiver
  become_nobody
  export OFFQ_DIR=$shared/queue
  a=$(nobody offq enqueue "$url/a" -d 1)
  b=$(nobody offq enqueue "$url/b" -d 1)
  chmod 000 "$OFFQ_DIR/pending/$b.json"
  age
  run -0 nobody offq sync "$a"
  run -77 nobody offq sync
}
