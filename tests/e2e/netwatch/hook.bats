#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch hook: what there is, trying one, and what has run.
load ../common
load published

# hook EVENT: a program, on standard input.
hook() {
  mkdir -p "$OFFQ_DIR/hooks"
  cat >"$OFFQ_DIR/hooks/$1"
  chmod 700 "$OFFQ_DIR/hooks/$1"
}

@test "hook list says what there is, and what is wrong with it" {
  [ "$(netwatch hook list --json | jq -r .status | sort -u)" = none ] # also before there is a queue
  run netwatch hook log
  [ "$status" -eq 0 ] && [ -z "$output" ]
  publish connected online 60 check
  netwatch hook list --json | jq -se 'map(.event + " " + .status) ==
    ["on-online none", "on-offline none", "on-change none"]'
  hook on-online <<<'#!/bin/sh'
  hook on-change <<<'#!/bin/sh'
  chmod o+w "$OFFQ_DIR/hooks/on-change"
  netwatch hook list --json | jq -se '.[0].status == "ready" and
    (.[2].status | startswith("not run: /") and endswith("on-change: others may write to it"))'
  [ "$(netwatch hook list on-online --json | jq -r .event)" = on-online ]
}

@test "hook test gives it what is published, and says how it ended" {
  publish connected online 60 check
  hook on-online <<'END'
#!/bin/sh
cat >input
echo "$NETWORK_EVENT $NETWORK_STATE $NETWORK_MODE $NETWORK_GENERATION $NETWORK_INTERFACE $NETWORK_METERED $OFFQ_DIR" >told
echo hello
END
  run --separate-stderr netwatch hook test on-online
  [ "$status" -eq 0 ] && [ -z "$output" ]
  says hello
  says 'hook on-online: ok'
  [ "$(cat "$OFFQ_DIR/told")" = "on-online connected online 7 eth0 no $OFFQ_DIR" ]
  jq -e '.generation == 7 and .state == "connected" and .mode == "online"' "$OFFQ_DIR/input"
  [ ! -e "$OFFQ_DIR/netwatch/hooks.json" ]
}

@test "hook test passes on the beginning of what a hook prints, and ends it in time" {
  publish connected online 60 check
  hook on-change <<<$'#!/bin/sh\nexec yes'
  NETWATCH_HOOK_TIMEOUT=4s run --separate-stderr netwatch hook test on-change
  [ "$status" -eq 1 ]
  says ' more bytes are left out]'
  [ "${#stderr}" -lt 17000 ]
}

@test "hook test says how a hook has failed" {
  publish connected online 60 check
  fails 66 netwatch hook test on-change
  hook on-change <<<$'#!/bin/sh\nexit 3'
  fails 1 netwatch hook test on-change
  says 'hook on-change: exit status 3'
  hook on-change <<<$'#!/bin/sh\nkill -9 $$'
  fails 1 netwatch hook test on-change
  says 'killed by signal 9'
  chmod 722 "$OFFQ_DIR/hooks/on-change"
  fails 77 netwatch hook test on-change
}

@test "hook test ends a hook that takes too long, with all it has started" {
  publish connected online 60 check
  mkfifo "$BATS_TEST_TMPDIR/never"
  hook on-change <<END
#!/bin/sh
cat "$BATS_TEST_TMPDIR/never" &
echo \$! >child
wait
END
  export NETWATCH_HOOK_TIMEOUT=4s
  fails 1 netwatch hook test on-change
  says 'it took too long'
  # Nothing of it is left but a zombie.
  local state
  state=$(grep -s '^State:' "/proc/$(cat "$OFFQ_DIR/child")/status") || return 0
  [[ $state == *Z* ]]
}

@test "hook test runs none beside another" {
  publish connected online 60 check
  mkfifo "$BATS_TEST_TMPDIR/started" "$BATS_TEST_TMPDIR/go"
  hook on-change <<END
#!/bin/sh
echo >"$BATS_TEST_TMPDIR/started"
read -r _ <"$BATS_TEST_TMPDIR/go"
END
  netwatch hook test on-change 3>&- &
  local first=$!
  read -r _ <"$BATS_TEST_TMPDIR/started"
  fails 75 netwatch hook test on-change
  says 'another process is running hooks'
  echo >"$BATS_TEST_TMPDIR/go"
  wait "$first"
}

@test "hook log shows what ran, the newest last" {
  publish connected online 60 check
  [ -z "$(netwatch hook log)" ]
  cat >"$OFFQ_DIR/netwatch/hooks.jsonl" <<'END'
{"at":"2026-11-21T10:00:00.000000Z","event":"on-online","generation":4,"mode":"online","exit":0,"ms":12}
{"at":"2026-11-21T10:00:01.000000Z","event":"on-change","generation":4,"mode":"online","signal":9,"ms":300100,"late":true}
{"torn
{"at":"2026-11-21T10:00:02.000000Z","event":"on-change","generation":5,"mode":"online","message":"run: it is gone"}
END
  netwatch hook log --json | jq -se 'map(.outcome) ==
    ["ok", "ended after 5m: it took too long", "run: it is gone"] and .[0].exit == 0 and .[1].signal == 9'
  [ "$(netwatch hook log -n 1 --json | jq .generation)" = 5 ]
  [ "$(netwatch hook log on-online --json | jq -s length)" = 1 ]
  run -0 --separate-stderr netwatch hook log
  [[ ${lines[1]} == *on-online*ok* ]]
  says 'hooks: 1 line cannot be read'
  netwatch hook list --json | jq -se '.[0].outcome == "ok" and .[2].outcome == "run: it is gone"'
}

@test "hook refuses what makes no sense" {
  fails 2 netwatch hook dance
  fails 2 netwatch hook test
  fails 2 netwatch hook log --limit -1
  fails 2 netwatch hook list on-monday
}
