#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets faulty, receiver, spawned and url
# hooks/on-synced and hooks/on-failed.

load ../common
load ../servers
load queue

teardown() { stop_servers; }

# hook NAME: the script on standard input becomes a hook.
hook() {
  mkdir -p "$OFFQ_DIR/hooks"
  chmod 700 "$OFFQ_DIR" "$OFFQ_DIR/hooks"
  { echo '#!/bin/bash' && cat; } > "$OFFQ_DIR/hooks/$1"
  chmod 700 "$OFFQ_DIR/hooks/$1"
}

@test "hooks: each gets its receipt, its variables and the queue; what it prints is no result" {
  start_receiver
  here=$BATS_TEST_TMPDIR
  hook on-synced << END
{ echo "\$OFFQ_ID \$OFFQ_TYPE \$OFFQ_OUTCOME \$OFFQ_DIR \$PWD"; cat; } > "$here/synced.txt"
echo 'from the hook'
END
  hook on-failed <<< "cat >> '$here/failed.txt'"
  id=$(offq enqueue "$url/x" --type note -d 1)
  run -0 --separate-stderr offq sync --json
  [ "$(jq -r 'select(.id).id' <<< "$output")" = "$id" ]
  says 'from the hook'
  { read -r first && read -r receipt; } < synced.txt
  [ "$first" = "$id note synced $OFFQ_DIR $OFFQ_DIR" ]
  [ "$receipt" = "$(last_receipt "$id")" ]
  [ ! -e failed.txt ]
}

@test "hooks: of one that prints without end the beginning is told, and it is ended in time" {
  start_receiver
  hook on-synced <<< 'exec yes'
  offq enqueue "$url/x" -d 1
  OFFQ_HOOKS_TIMEOUT=2s run -0 --separate-stderr offq sync
  says ' more bytes are left out]'
  says 'it takes too long, and is ended'
  [ "${#stderr}" -gt 16384 ]
  [ "${#stderr}" -lt 17000 ]
}

@test "hooks: one that prints more than a pipe holds is not held up" {
  start_receiver
  hook on-synced << END
yes | head -c 1000000 >&2
echo done > "$BATS_TEST_TMPDIR/done"
END
  offq enqueue "$url/x" -d 1
  OFFQ_HOOKS_TIMEOUT=30s run -0 --separate-stderr offq sync
  [ "$(cat 'done')" = 'done' ]
}

@test "hooks: what is given up without asking anybody is told too" {
  start_faulty 401
  hook on-failed << END
jq -r .reason >> "$BATS_TEST_TMPDIR/reasons"
END
  first=$(offq enqueue "$url/x" -d 1)
  offq enqueue "$url/y" --after "$first" -d 1
  run -1 offq sync
  [ "$(sort reasons | xargs)" = 'dependency rejected' ]
}

@test "hooks: a slow one stops no delivery, is ended after its time, and changes no exit status" {
  start_receiver
  mkfifo block
  hook on-synced << END
exec < "$BATS_TEST_TMPDIR/block"
END
  for i in 1 2 3 4 5 6; do offq enqueue "$url/$i" -d 1 > /dev/null; done
  OFFQ_HOOKS_TIMEOUT=200ms run -0 --separate-stderr offq sync
  [ "$output" = '6 delivered' ]
  says 'warning: hook on-synced: '
  says 'it takes too long, and is ended'
  [ "$(wc -l < inbox/inbox.jsonl)" -eq 6 ]
}

@test "hooks: one that fails, or that others may write to, is warned of" {
  start_receiver
  hook on-synced <<< 'exit 3'
  id=$(offq enqueue "$url/x" -d 1)
  run -0 --separate-stderr offq sync
  says "offq: warning: hook on-synced: $id: exit status 3"
  chmod 722 "$OFFQ_DIR/hooks/on-synced"
  offq enqueue "$url/x" -d 1
  run -0 --separate-stderr offq sync
  says 'others may write to it'
  [[ $stderr != *'exit status'* ]]
}

@test "hooks: one that fails for each of many is told once, and counted" {
  start_receiver
  hook on-synced <<< 'exit 3'
  for i in $(seq 20); do echo '{"payload":1}'; done | offq enqueue "$url/x" --ndjson > ids
  run -0 --separate-stderr offq sync
  [ "$(grep -c 'exit status 3$' <<< "$stderr")" -eq 1 ]
  says 'offq: warning: hook on-synced: exit status 3: 19 more times'
}

@test "hooks: a watcher runs them, one after the other for one operation, and goes on delivering" {
  start_faulty 401
  mkfifo go
  # Open for both, it has no end: not even for the next hook, whose 'go' is still to come.
  hook on-failed << END
echo "begin \$OFFQ_ID" >> "$BATS_TEST_TMPDIR/log"
read -r line <> "$BATS_TEST_TMPDIR/go"
echo "end \$OFFQ_ID" >> "$BATS_TEST_TMPDIR/log"
END
  : > log
  spawn watch.log offq sync --watch --verbose
  watcher=$spawned
  id=$(offq enqueue "$url/x" -d 1)
  wait_for_lines log 1 "begin $id" "$watcher"
  offq retry "$id"
  wait_for_lines 401.log 2 "^POST /x $id"
  start_receiver
  other=$(offq enqueue "$url/y" -d 1)
  offq wait "$other" --timeout 20s
  [ "$(cat log)" = "begin $id" ]
  echo > go
  wait_for_lines log 2 "begin $id"
  [ "$(cat log)" = "begin $id
end $id
begin $id" ]
  fails 75 offq sync
  echo > go
  wait_for_lines log 2 "end $id"
  kill -TERM "$watcher"
  code=0
  wait "$watcher" || code=$?
  [ "$code" -eq 143 ]
}

@test "hooks: SIGTERM ends a sync and its hooks at once" {
  start_receiver
  mkfifo block
  hook on-synced << END
trap '' TERM
echo \$\$ > "$BATS_TEST_TMPDIR/hook.pid"
exec 3<> "$BATS_TEST_TMPDIR/block"
while :; do read -r line <&3; done
END
  : > hook.pid
  id=$(offq enqueue "$url/x" -d 1)
  spawn sync.log offq sync
  syncer=$spawned
  wait_for_lines hook.pid 1 . "$syncer"
  kill -TERM "$syncer"
  # A third of the time that the hook may take.
  timeout 10 tail -s 0.02 --pid="$syncer" -f /dev/null
  code=0
  wait "$syncer" || code=$?
  [ "$code" -eq 143 ]
  [ "$(state_of "$id")" = synced ]
  run ! kill -0 "$(< hook.pid)"
}

@test "hooks: what a sync left running when it was killed is ended before the next one starts any" {
  start_faulty 401
  hook on-failed << END
if mkdir "$BATS_TEST_TMPDIR/alone"; then :; else echo 'two at once' >> "$BATS_TEST_TMPDIR/log"; fi
trap 'rmdir "$BATS_TEST_TMPDIR/alone"; exit 0' TERM
mkfifo "$BATS_TEST_TMPDIR/block.\$\$"
echo "begin \$\$" >> "$BATS_TEST_TMPDIR/log"
while :; do read -r line <> "$BATS_TEST_TMPDIR/block.\$\$"; done
END
  : > log
  id=$(offq enqueue "$url/x" -d 1)
  spawn sync.log offq sync
  wait_for_lines log 1 '^begin ' "$spawned"
  first=$(sed 's/begin //' log)
  await grep -qs "process" "$OFFQ_DIR/running/$first" # it is on record from a moment after its start
  kill -KILL "$spawned"
  wait "$spawned" || true
  kill -0 "$first"
  offq retry "$id"
  spawn sync.log offq sync
  wait_for_lines log 2 '^begin ' "$spawned"
  run ! kill -0 "$first"
  [ "$(grep -c 'two at once' log)" -eq 0 ]
  [[ $(< sync.log) == *'a sync that was killed had left a program running: ended'* ]]
  kill -TERM "$spawned"
  wait "$spawned" || true
}

@test "hooks: what else is in the way of records stops no sync" {
  start_receiver
  hook on-synced <<< "echo told >> '$BATS_TEST_TMPDIR/told'"
  : > told
  offq enqueue "$url/x" -d 1
  mkdir -p "$OFFQ_DIR/running/a-folder"
  echo garbage > "$OFFQ_DIR/running/garbage"
  run -0 --separate-stderr offq sync
  [ "$(ls "$OFFQ_DIR/running")" = a-folder ]
  run ! grep -q 'no part of a queue' <(offq fsck)
  offq enqueue "$url/y" -d 1
  rm -r "$OFFQ_DIR/running" && touch "$OFFQ_DIR/running"
  run -0 --separate-stderr offq sync
  says 'what a killed sync may have left running: '
  [ "$(wc -l < told)" -eq 2 ]
}
