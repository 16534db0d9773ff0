#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch is: what a script learns from the exit status.
load ../common

# publish STATE MODE VALID_FOR BY [WORD...]
publish() {
  local now
  now=$(date +%s)
  mkdir -p "$OFFQ_DIR/netwatch"
  chmod 700 "$OFFQ_DIR" "$OFFQ_DIR/netwatch"
  printf '%s %s 7 %s %s eth0 metered=%s reason=%s by=%s v=1\n' "$1" "$2" "$now" $((now + $3)) \
    "${5:-no}" "${6:-ok}" "$4" >"$OFFQ_DIR/network"
}

@test "is answers from what is published, and prints nothing" {
  publish connected online 60 check
  run netwatch is online
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  netwatch is connected
  run netwatch is offline
  [ "$status" -eq 1 ]
  run netwatch is metered
  [ "$status" -eq 1 ]
}

@test "is says that it does not know when nobody has looked, or too long ago" {
  run netwatch is online
  [ "$status" -eq 75 ]
  publish connected online -1 check
  run netwatch is online
  [ "$status" -eq 75 ]
  publish connected online 60 check
  touch -d '10 seconds ago' "$OFFQ_DIR/network"
  run netwatch is online --max-age 5s
  [ "$status" -eq 75 ]
  netwatch is online --max-age 1m
}

@test "is does not believe a daemon that has gone" {
  publish connected online 60 daemon
  touch "$OFFQ_DIR/netwatch/lock"
  run netwatch is connected
  [ "$status" -eq 75 ]
  flock "$OFFQ_DIR/netwatch/lock" netwatch is connected
}

@test "is names a portal and a metered network" {
  publish limited offline 60 check guess-yes portal
  netwatch is portal
  netwatch is limited
  netwatch is metered
  netwatch is offline
}

@test "is refuses what it cannot be asked" {
  run netwatch is onlin
  [ "$status" -eq 2 ]
  [[ $output == *"online"* ]]
  run netwatch is
  [ "$status" -eq 2 ]
}

@test "is does not believe a directory in which others may write" {
  publish connected online 60 check
  chmod 777 "$OFFQ_DIR"
  run netwatch is connected
  [ "$status" -eq 77 ]
}
