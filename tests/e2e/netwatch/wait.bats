#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch wait: it sleeps until what is published is as wanted.
load ../common
load published

teardown() {
  if [[ -n ${waiter:-} ]]; then kill "$waiter" 2>/dev/null || true; fi
}

# start_waiter ARGUMENT...: until it sleeps, for what is published comes after that.
start_waiter() {
  netwatch wait "$@" 3>&- &
  waiter=$!
  local deadline=$((SECONDS + 20))
  while ((SECONDS < deadline)); do
    # In ppoll(2).
    [[ $(cut -d' ' -f1 "/proc/$waiter/syscall" 2>/dev/null) == 271 ]] && return
    read -r _ <"/proc/$waiter/stat" || return
  done
  echo 'the waiter does not wait' >&2
  return 1
}

@test "wait returns at once when it is so already" {
  publish connected online 60 check
  netwatch wait
  netwatch wait --for connected
  since=$(($(date +%s) - 100)) publish connected online 60 check
  netwatch wait --for connected --stable 90s
}

@test "wait ends when its time is over, and says what is" {
  publish disconnected offline 60 check no no-route
  fails 124 netwatch wait --timeout 50ms
  says 'wait: disconnected (no-route), offline'
  fails 124 netwatch wait --for change --timeout 0
}

@test "wait is woken by what is published" {
  publish disconnected offline 60 check no no-route
  start_waiter --for connected --timeout 20s
  publish connected online 60 check
  wait "$waiter"
}

@test "wait is woken by a mode that somebody sets, and by its end" {
  publish disconnected offline 60 check no no-route
  start_waiter --timeout 20s
  netwatch mode online --force
  wait "$waiter"
  publish connected online 60 check
  netwatch mode offline --force
  start_waiter --timeout 20s
  netwatch mode auto
  wait "$waiter"
}

@test "wait for a change takes any generation" {
  publish connected online 60 check
  start_waiter --for change --timeout 20s
  publish connected online 70 check
  kill -0 "$waiter"
  generation=8 publish connected online 60 check
  wait "$waiter"
}

@test "wait --stable waits on while it has not been so for long enough" {
  publish connected online 60 check
  fails 124 netwatch wait --stable 30s --timeout 100ms
  netwatch wait --stable 1500ms --timeout 20s
}

@test "wait ends by a signal" {
  publish disconnected offline 60 check
  start_waiter
  kill -TERM "$waiter"
  local code=0
  wait "$waiter" || code=$?
  [ "$code" -eq 143 ]
}
