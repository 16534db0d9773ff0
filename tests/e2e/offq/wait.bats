#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq wait: until operations are settled.
load ../common
load ../servers
load queue

# starts_waiting ARG...: offq wait, until it waits; sets $waiter.
starts_waiting() {
  spawn wait.log offq wait --verbose "$@"
  waiter=$spawned
  wait_for_lines wait.log 1 '^offq: still pending' "$waiter"
}

@test "wait ends at once for what is settled, with 66 for what is not there" {
  offq wait
  a=$(add)
  deliver "$a"
  offq wait "$a"
  offq wait
  b=$(add)
  offq cancel "$b"
  fails 1 offq wait "$b"
  says cancelled
  fails 66 offq wait 01KAJ6Q0000000000000000001
}

@test "wait wakes when another process settles the operation" {
  a=$(add)
  starts_waiting "$a" --timeout 20s
  deliver "$a"
  wait "$waiter"

  b=$(add)
  starts_waiting "$b" --timeout 20s
  offq cancel "$b"
  code=0
  wait "$waiter" || code=$?
  [ "$code" -eq 1 ]
}

@test "wait gives up after its time, and without using the processor" {
  a=$(add)
  TIMEFORMAT=%U
  cpu=$( { time run -124 offq wait "$a" --timeout 700ms; } 2>&1)
  [[ $cpu == 0.0* || $cpu == 0.1* ]]
  fails 124 offq wait --timeout 10ms
}

@test "wait ends when it is told to" {
  a=$(add)
  starts_waiting "$a"
  kill -TERM "$waiter"
  code=0
  wait "$waiter" || code=$?
  [ "$code" -eq 143 ]
}
