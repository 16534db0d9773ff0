#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # space.bash sets daemon and space
# netwatch check: one look, published; its hooks.
load ../common
load space

setup() { space_setup; }
teardown() { space_teardown; }

@test "check publishes what it finds, and exits by it" {
  [ "$(inside netwatch check)" = 'connected (not-probed) over eth0, online' ]
  says_line connected online eth0 reason=not-probed by=check
  netwatch is connected
  ip -n "$space" route del default
  run inside netwatch check
  [ "$status" -eq 1 ]
  [ "$output" = 'disconnected (no-route), offline' ]
  run inside netwatch check --exit-state --json
  [ "$status" -eq 11 ]
  jq -e '.state == "disconnected" and .reason == "no-route" and .by == "check" and .generation == 2' <<<"$output"
  [ -z "$(inside netwatch check --quiet)" ]
}

@test "check is content with what was found lately, while links are the same" {
  inside netwatch check
  local first
  first=$(jq -r .at "$OFFQ_DIR/network.json")
  inside netwatch check --max-age 60s
  [ "$(jq -r .at "$OFFQ_DIR/network.json")" = "$first" ]
  inside netwatch check --max-age 0
  [ "$(jq -r .at "$OFFQ_DIR/network.json")" != "$first" ]
  ip -n "$space" route del default
  run inside netwatch check --max-age 60s
  [ "$status" -eq 1 ]
}

@test "check is no wider than the terminal, and one line where a program reads it" {
  command -v script >/dev/null || skip 'script(1) is not installed'
  inside netwatch check
  jq -c '.note = "https://api.example.com/health: the certificate that was shown is of another name, and nobody knows whose"' \
    "$OFFQ_DIR/network.json" >"$OFFQ_DIR/netwatch/network.new"
  mv "$OFFQ_DIR/netwatch/network.new" "$OFFQ_DIR/network.json"
  [[ $(inside netwatch check --max-age 60s) == *': the certificate that was shown is of another name, and nobody knows whose' ]]
  run -0 inside script -qec 'stty cols 80; netwatch check --max-age 60s' /dev/null </dev/null
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[1]} == *'nobody knows whose'* ]]
  local line
  for line in "${lines[@]}"; do
    line=${line%$'\r'}
    [ "${#line}" -le 80 ]
  done
}

@test "check looks again when settings have changed since somebody looked" {
  inside netwatch check
  run netwatch is metered
  [ "$status" -ne 0 ]
  printf 'network:\n  metered: yes\n' > "$OFFQ_DIR/config.yaml"
  inside netwatch check --max-age 60s
  says_line metered=yes
  netwatch is metered
}

@test "garbage in the place of the line is replaced, however long it is" {
  inside netwatch check
  head -c 100000 /dev/urandom > "$OFFQ_DIR/network"
  inside netwatch check
  says_line connected by=check
  head -c 100000 /dev/urandom > "$OFFQ_DIR/network"
  netwatch mode offline
  says_line offline
  head -c 100000 /dev/urandom > "$OFFQ_DIR/network"
  start_daemon
  await says_line connected by=daemon
}

@test "check asks the daemon where there is one" {
  start_daemon
  local first
  first=$(jq -r .at "$OFFQ_DIR/network.json")
  inside netwatch check --max-age 0
  [ "$(jq -r .at "$OFFQ_DIR/network.json")" != "$first" ]
  says_line by=daemon
}

@test "check does without a daemon that stands still" {
  start_daemon
  kill -STOP "$daemon"
  ip -n "$space" route del default
  run -1 --separate-stderr inside timeout 20 netwatch check
  [[ $stderr == *'the daemon stands still: looking without it'* ]]
  says_line disconnected reason=no-route by=check
  kill -CONT "$daemon"
  await says_line disconnected reason=no-route by=daemon
  inside netwatch check && false
  says_line by=daemon
}

@test "check that is content with what was found runs no hooks" {
  inside netwatch check
  hook on-change <<<$'#!/bin/sh\necho "$NETWORK_GENERATION" >>told'
  netwatch mode offline
  inside netwatch check --max-age 60s
  [ ! -e "$OFFQ_DIR/told" ]
  inside netwatch check --max-age 0
  [ "$(cat "$OFFQ_DIR/told")" = 2 ]
}

@test "check of a part is shown, and not published" {
  settings 'basic: [tcp://10.9.0.1:1]' 'timeout: 1s'
  run inside netwatch check --basic-only --json
  [ "$status" -eq 1 ]
  jq -e '.state == "disconnected"' <<<"$output"
  [ ! -e "$OFFQ_DIR/network" ]
  fails 78 inside netwatch check --api-only
  says 'network.check names no endpoint'
  fails 2 inside netwatch check --endpoint other.example
  says 'not configured: other.example'
}

@test "check runs hooks, each once" {
  hook on-online <<<$'#!/bin/sh\necho "$NETWORK_EVENT $NETWORK_GENERATION" >>told'
  hook on-offline <<<$'#!/bin/sh\necho "$NETWORK_EVENT $NETWORK_GENERATION" >>told'
  hook on-change <<<$'#!/bin/sh\necho "$NETWORK_EVENT $NETWORK_GENERATION" >>told'
  inside netwatch check
  inside netwatch check --max-age 0
  [ "$(cat "$OFFQ_DIR/told")" = $'on-online 1\non-change 1' ]
  ip -n "$space" route del default
  run inside netwatch check
  [ "$status" -eq 1 ]
  [ "$(tail -n 2 "$OFFQ_DIR/told")" = $'on-offline 2\non-change 2' ]
}

@test "hooks run where the directory was named by a path from here" {
  hook on-change <<<$'#!/bin/sh\necho "$OFFQ_DIR" >>told'
  cd "$OFFQ_DIR/.."
  inside netwatch --dir "${OFFQ_DIR##*/}" check
  [ "$(cat "$OFFQ_DIR/told")" = "$OFFQ_DIR" ]
}

@test "checks that run hooks leave them to one of them, and none is lost" {
  mkfifo "$BATS_TEST_TMPDIR/started" "$BATS_TEST_TMPDIR/go"
  hook on-online <<END
#!/bin/sh
echo "\$NETWORK_GENERATION" >>told
echo >"$BATS_TEST_TMPDIR/started"
read -r _ <"$BATS_TEST_TMPDIR/go"
END
  hook on-offline <<<$'#!/bin/sh\necho "off $NETWORK_GENERATION" >>told'
  ip netns exec "$space" netwatch check 3>&- &
  local first=$!
  heard "$BATS_TEST_TMPDIR/started"
  ip -n "$space" route del default
  # Returns although the hook runs; the first one tells what was published meanwhile.
  run inside netwatch check
  [ "$status" -eq 1 ]
  echo >"$BATS_TEST_TMPDIR/go"
  wait "$first"
  [ "$(cat "$OFFQ_DIR/told")" = $'1\noff 2' ]
}

# is_over PROCESS: nothing of it is left but a zombie.
is_over() {
  local state
  state=$(grep -s '^State:' "/proc/$1/status") || return 0
  [[ $state == *Z* ]]
}

# leave_hook_behind: a check is killed while its hook runs, and the hook of the next has begun, which
# is $second. The one that was left behind is ended before.
leave_hook_behind() {
  ip netns exec "$space" netwatch check --quiet 3>&- &
  local first=$!
  heard "$BATS_TEST_TMPDIR/started"
  # It may run before its number is noted; one that is killed in between leaves it alone.
  await grep -qs '"process":[1-9]' "$OFFQ_DIR/netwatch/hooks.json"
  kill -KILL "$first"
  wait "$first" || true
  ip netns exec "$space" netwatch check --quiet --max-age 0 3>&- &
  second=$!
  heard "$BATS_TEST_TMPDIR/started"
}

@test "check --quiet of a crontab: a hook that was killed with it is told by the next" {
  mkfifo "$BATS_TEST_TMPDIR/started" "$BATS_TEST_TMPDIR/go"
  hook on-online <<END
#!/bin/sh
echo "\$\$" >>told
echo >"$BATS_TEST_TMPDIR/started"
read -r _ <"$BATS_TEST_TMPDIR/go"
END
  leave_hook_behind
  await is_over "$(head -n 1 "$OFFQ_DIR/told")"
  echo >"$BATS_TEST_TMPDIR/go"
  wait "$second"
  [ "$(wc -l <"$OFFQ_DIR/told")" -eq 2 ]
}

@test "run looks first where nobody has" {
  [ "$(inside netwatch run -- echo ran)" = ran ]
  says_line connected by=check
  rm "$OFFQ_DIR/network"
  ip -n "$space" route del default
  fails 75 inside netwatch run -- echo ran
  says 'run: the network is disconnected (no-route)'
}

@test "check ends all that a hook left behind has started, before the next begins" {
  mkfifo "$BATS_TEST_TMPDIR/started" "$BATS_TEST_TMPDIR/go"
  # The shell ends when it is asked to; what it has started does not.
  hook on-online <<END
#!/bin/bash
(trap '' TERM; echo "\$BASHPID" >>told; echo >"$BATS_TEST_TMPDIR/started"; read -r _ <"$BATS_TEST_TMPDIR/go")
true
END
  leave_hook_behind
  is_over "$(head -n 1 "$OFFQ_DIR/told")"
  echo >"$BATS_TEST_TMPDIR/go"
  wait "$second"
}

