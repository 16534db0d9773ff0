#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch watch: a line for each change, as it happens.
load ../common
load published

setup() {
  common_setup
  mkfifo "$BATS_TEST_TMPDIR/lines"
}

teardown() {
  if [[ -n ${watcher:-} ]]; then kill "$watcher" 2>/dev/null || true; fi
}

# start_watcher ARGUMENT...: what it prints comes from descriptor 4.
start_watcher() {
  netwatch watch "$@" >"$BATS_TEST_TMPDIR/lines" 3>&- 4>&- &
  watcher=$!
  exec 4<"$BATS_TEST_TMPDIR/lines"
}

# The next line, and no byte more.
next_line() {
  timeout 20 sed -u -n '1{p;q}' <&4
}

# prints EXPRESSION: the next line, for jq.
prints() {
  local line
  line=$(next_line)
  jq -e "$1" <<<"$line" >/dev/null || {
    echo "expected $1, got: $line" >&2
    return 1
  }
}

@test "watch begins with what holds, and tells what changes" {
  publish connected online 60 check
  start_watcher --json
  prints '.state == "connected" and .mode == "online" and .generation == 7'
  netwatch mode offline
  prints '.state == "connected" and .mode == "offline" and .generation == 8 and .override.mode == "offline"'
  netwatch mode auto
  prints '.mode == "online" and .generation == 9'
}

@test "watch tells generations that came at once, each, from the history" {
  publish connected online 60 check
  netwatch mode offline
  netwatch mode auto
  netwatch mode offline
  start_watcher --json --since 8
  prints '.generation == 9 and .mode == "online"'
  prints '.generation == 10 and .mode == "offline"'
}

@test "watch says when the state is unknown, and when it is known again" {
  start_watcher --json
  prints '.state == "unknown" and (has("generation") | not)'
  publish connected online 60 check
  prints '.state == "connected" and .generation == 7'
  publish connected online 1 check
  prints '.state == "unknown" and .generation == 7'
  publish connected online 60 check
  prints '.state == "connected" and .generation == 7'
}

@test "watch prints a sentence for people" {
  publish limited offline 60 check no portal
  start_watcher
  read -r _ state mode reason interface < <(next_line)
  [ "$state $mode $reason $interface" = 'limited offline portal eth0' ]
}

@test "watch ends when nobody reads any more, and by a signal" {
  publish connected online 60 check
  start_watcher --json
  prints '.generation == 7'
  exec 4<&-
  wait "$watcher"
  start_watcher --json
  prints '.generation == 7'
  kill -TERM "$watcher"
  local code=0
  wait "$watcher" || code=$?
  [ "$code" -eq 143 ]
}
