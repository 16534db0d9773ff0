#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq doctor: what is guaranteed here, and what does it cost?
load ../common
load ../disks
load queue

teardown() {
  cd "$BATS_TEST_TMPDIR" || return
  if mountpoint -q over; then umount over; fi
  remove_disks
}

# use_image SIZE OPTIONS: the queue is on an ext4 of its own, mounted on disk/.
use_image() {
  [[ $EUID -eq 0 ]] || skip 'only root can mount a filesystem'
  mkdir disk
  truncate -s "$1" image
  mkfs.ext4 -q -F image
  mount -o "loop,$2" image disk 2> mount.err || skip "cannot mount: $(< mount.err)"
  chmod 700 disk
  export OFFQ_DIR=$PWD/disk/queue
}

# check NAME: of the last output of --json.
check() { jq -r --arg name "$1" '.checks[] | select(.name == $name) | .level + " " + .text' <<< "$output"; }

@test "a place where no queue is yet is looked at, and nothing is made" {
  run offq doctor --json
  [[ $(check directory) == "ok $OFFQ_DIR: not there yet; "* ]]
  jq -e '.exists == false and .fsync == null' <<< "$output"
  [ ! -e "$OFFQ_DIR" ]
}

@test "an ext4 is believed, its cost is measured, and the queue stays as it is" {
  use_image 64M rw
  add > /dev/null
  OFFQ_QUEUE_MAX_SIZE=1MB run offq doctor --json
  jq -e '.survives == "power_loss" and .exists and .fsync.rounds > 0 and
    .fsync.file_worst_us >= .fsync.file_median_us' <<< "$output"
  [[ $(check filesystem) == 'ok ext4 on /dev/loop'*' honours fsync' ]]
  [ -z "$(names tmp)" ]
  [ "$(names pending | wc -l)" -eq 1 ]
  OFFQ_QUEUE_MAX_SIZE=1MB run offq doctor
  [[ ${lines[-1]} == 'Printed ids survive kill -9 and power loss: ext4 on '*' honours fsync'*. ]]
}

@test "memory is told, and exits 1" {
  use_disk size=200m
  add > /dev/null
  run -1 offq doctor
  [ "${lines[-1]}" = 'Printed ids survive kill -9, but not a power loss or reboot: tmpfs is memory.' ]
  [[ $output == *'warn filesystem  tmpfs is memory'* ]]
}

@test "an overlay over memory is memory" {
  use_disk size=50m
  mkdir disk/upper disk/work lower over
  mount -t overlay -o "lowerdir=$PWD/lower,upperdir=$PWD/disk/upper,workdir=$PWD/disk/work" none over ||
    skip 'cannot mount an overlay'
  export OFFQ_DIR=$PWD/over/queue
  add > /dev/null
  run -1 offq doctor
  [[ ${lines[-1]} == *'overlay writes to tmpfs, which is memory.' ]]
}

@test "a disk that is nearly full, and one that is, are told before anything is lost" {
  use_image 24M rw
  add > /dev/null
  run -1 offq doctor --json
  [[ $(check space) == 'warn '*'the disk is full before the queue is' ]]
  head -c 64M /dev/zero > disk/fill || true
  run offq doctor --json
  [ "$status" -eq 73 ]
  [[ $(check space) == 'fail '* ]]
  rm disk/fill
}

@test "a read-only filesystem is told" {
  use_image 24M rw
  add > /dev/null
  mount -o remount,ro disk
  run -77 offq doctor
  [[ $output == *'fail filesystem'*'is mounted read-only'* ]]
  [ "${lines[-2]}" = 'That has to be mended first. What is promised then:' ]
}

@test "a directory that others may write to, and a wrong configuration, are told" {
  add > /dev/null
  chmod 770 "$OFFQ_DIR"
  run -77 offq doctor
  [[ $output == *'fail directory'*'others may write to it'* ]]
  chmod 700 "$OFFQ_DIR"
  echo 'queue: {max_size: many}' > "$OFFQ_DIR/config.yaml"
  run -78 offq doctor
  [[ $output == *'fail config'*'config.yaml'* ]]
}

@test "who holds the lock is told, and nobody is disturbed" {
  add > /dev/null
  exec 9> "$OFFQ_DIR/lock"
  flock 9
  run offq doctor --json
  [[ $(check lock) == 'ok held by process '*'a sync or prune is running' ]]
}
