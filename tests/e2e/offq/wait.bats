#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq wait: sleeping until operations are settled.
load ../common
load queue

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
  offq wait "$a" --timeout 20s 3>&- &
  waiter=$!
  until grep -qs inotify /proc/$waiter/fdinfo/*; do :; done
  deliver "$a"
  wait "$waiter"

  b=$(add)
  offq wait "$b" --timeout 20s 2> err 3>&- &
  waiter=$!
  until grep -qs inotify /proc/$waiter/fdinfo/*; do :; done
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
  offq wait "$a" 3>&- &
  waiter=$!
  until grep -qs inotify /proc/$waiter/fdinfo/*; do :; done
  kill -TERM "$waiter"
  code=0
  wait "$waiter" || code=$?
  [ "$code" -eq 143 ]
}
