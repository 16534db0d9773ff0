#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets spawned and url
# offq run: commands that need a network.

load ../common
load ../servers
load ../netwatch/published

teardown() { stop_servers; }

offline() { publish disconnected offline 600 check no no-route; }
online() { publish connected online 600 check; }

# queued: the id of the one operation that is pending.
queued() { offq list --ids --state pending; }

@test "run: with a network, or where nobody knows, a command is run as it is" {
  run -3 offq run -- sh -c 'echo out; echo err >&2; exit 3'
  [ "${lines[*]}" = 'out err' ]
  online
  [ "$(echo in | offq run -- cat)" = in ]
  [ "$(echo in | offq run --stdin -- cat)" = in ]
  for policy in queue skip local-fallback fail; do
    [ "$(offq run --policy "$policy" -- echo "$policy")" = "$policy" ]
  done
  run -143 offq run -- sh -c 'kill -TERM $$'
  fails 66 offq run -- no-such-command
  fails 2 offq run
  fails 2 offq run --fallback x -- true
  run -0 offq list --ids
  [ -z "$output" ]
}

@test "run: offline a command is queued, and run where and as it was queued" {
  mkdir there
  offline
  export SECRET=secret WANTED=wanted LC_ALL=C.UTF-8
  (cd there && printf 'a\0b' | offq run --stdin --env WANTED -- \
    sh -c 'cat > input; pwd; echo "$1,$WANTED,$SECRET,$LC_ALL,$OFFQ_ID,$OFFQ_ATTEMPT"' x 'an argument')
  id=$(queued)
  [ "$(offq list --json | jq -r .type)" = command ]
  [[ $(offq show "$id") == *'an argument'* ]]
  run -75 offq sync
  [ ! -e there/input ]

  online
  cd /
  export WANTED=other
  run -0 offq sync
  cd "$BATS_TEST_TMPDIR"
  [ "$(state_of "$id")" = synced ]
  printf 'a\0b' | cmp - there/input
  [ "$(last_receipt "$id" | jq -r .http.body)" = \
    "$BATS_TEST_TMPDIR/there"$'\n'"an argument,wanted,,C.UTF-8,$id,1" ]
  run ! grep -rq '"secret' "$OFFQ_DIR"
}

@test "run: how a queued command ends decides what becomes of it" {
  offline
  for status in 0 64 65 77 78 1 69 75; do
    offq run --key "s$status" -- sh -c "exit $status" 2> /dev/null
  done
  printf '#!/bin/sh\nexec tail -f /dev/null\n' > for-ever && chmod +x for-ever
  offq run --timeout 200ms --key late -- ./for-ever 2> /dev/null
  online
  run -1 offq sync
  outcomes=$(offq list --json)
  [ "$(jq -r 'select(.key == "s0") | .state' <<< "$outcomes")" = synced ]
  for status in 64 65 77 78; do
    [ "$(jq -r "select(.key == \"s$status\") | .state + .reason" <<< "$outcomes")" = failedrejected ]
  done
  for key in s1 late; do
    [ "$(jq -r "select(.key == \"$key\") | .state + (.attempts | tostring)" <<< "$outcomes")" = pending1 ]
  done
  for key in s69 s75; do
    [ "$(jq -r "select(.key == \"$key\") | .state + (.attempts | tostring)" <<< "$outcomes")" = pending0 ]
    [ "$(jq -r "select(.key == \"$key\") | has(\"retry_at\")" <<< "$outcomes")" = true ]
  done
  grep -q '"later"' "$OFFQ_DIR"/receipts/*
  grep -q 'it took too long' "$OFFQ_DIR"/receipts/*
}

@test "run: what cannot be done now waits longer each time, and keeps no other from its turn" {
  offline
  offq run --key never -- sh -c 'exit 75' 2> /dev/null
  offq run --key other -- sh -c 'exit 0' 2> /dev/null
  online
  run -75 --separate-stderr offq sync
  says 'exit status 75: again in '
  [ "$(offq list --json | jq -r 'select(.key == "other") | .state')" = synced ]
  # The file says when, too: not before its time, also for an index that is made anew.
  again=$(offq list --json | jq -r 'select(.key == "never") | .retry_at')
  [ "$(stat -c %Y "$OFFQ_DIR"/pending/*.json)" -eq "$(date -d "$again" +%s)" ]
  touch -d '+1 minute' "$OFFQ_DIR"/pending/*.json
  rm "$OFFQ_DIR"/index.db*
  run -0 offq sync
  [ "$(offq list --json | jq -r 'select(.key == "never") | "\(.state) \(.attempts)"')" = 'pending 0' ]
  [ "$(cat "$OFFQ_DIR"/receipts/* | grep -c '"later"')" -eq 1 ]
  touch -d '1 second ago' "$OFFQ_DIR"/pending/*.json
  rm "$OFFQ_DIR"/index.db*
  run -75 offq sync
  [ "$(cat "$OFFQ_DIR"/receipts/* | grep -c '"later"')" -eq 2 ]
}

@test "run: a queued command is listed as a shell takes it" {
  offline
  offq run -- sh -c 'echo one  two' '' "it's" --x=1 2> /dev/null
  [[ $(offq list) == *"/sh -c 'echo one  two' '' 'it'\\''s' --x=1"* ]]
  eval "words=($(offq list --json | jq -r .command))"
  [ "${#words[@]}" -eq 6 ]
  [ "${words[*]:1}" = "-c echo one  two  it's --x=1" ]
}

@test "run: what is cancelled while it runs stays so, whatever it ends with" {
  offline
  mkfifo go
  printf '#!/bin/sh\necho > begun\nread line < go\nexit 75\n' > try && chmod +x try
  offq run -- ./try 2> /dev/null
  id=$(queued)
  online
  : > begun
  spawn sync.log offq sync
  syncer=$spawned
  wait_for_lines begun 1 '^' "$syncer"
  offq cancel "$id"
  echo > go
  wait "$syncer" || true
  [ "$(offq list "$id" --json | jq -r .state)" = failed ]
  offq fsck
}

@test "run: a command that says itself that it cannot be done now is queued" {
  printf '#!/bin/sh\n[ -e ready ] && echo done > result || exit 75\n' > try && chmod +x try
  fails 0 offq run -- ./try
  says 'the command ended with 75: queued as '
  id=$(queued)
  touch ready
  run -0 offq sync
  [ "$(state_of "$id") $(cat result)" = 'synced done' ]
  rm ready
  run -75 offq run --policy fail -- ./try
  [ -z "$(queued)" ]
}

@test "run: skip does nothing, and fail says so" {
  offline
  fails 0 offq run --policy skip -- touch finished
  says 'offline: the network is disconnected (no-route): skipped'
  fails 75 offq run --policy fail -- touch finished
  says 'offline: the network is disconnected (no-route): not run'
  [ ! -e finished ]
  [ -z "$(queued)" ]
}

@test "run: a fallback is what was printed last, while it is fresh, and then a command" {
  printf '#!/bin/sh\necho "fresh $1"\n[ "$1" != bad ]\n' > rates && chmod +x rates
  [ "$(offq run --policy local-fallback -- ./rates a)" = 'fresh a' ]
  run -1 offq run --policy local-fallback -- ./rates bad
  offline
  rm rates && printf '#!/bin/sh\necho never\n' > rates && chmod +x rates
  [ "$(offq run --policy local-fallback -- ./rates a)" = 'fresh a' ]
  fails 75 offq run --policy local-fallback -- ./rates b
  says 'nothing is kept to fall back on'
  fails 75 offq run --policy local-fallback -- ./rates bad
  [ "$(offq run --policy local-fallback --fallback 'echo plan b' -- ./rates b)" = 'plan b' ]
  run -7 offq run --policy local-fallback --fallback 'exit 7' -- ./rates b
  fails 75 offq run --policy local-fallback --cache-ttl 0s -- ./rates a

  online
  [ "$(offq run --policy local-fallback --key rates -- echo named)" = named ]
  offline
  [ "$(offq run --policy local-fallback --key rates -- ./rates c)" = named ]
}

@test "run: what is printed is the command's or that of its fallback, never both" {
  online
  printf '#!/bin/sh\necho "half of $1"\nexit "$2"\n' > rates && chmod +x rates
  run_it() { offq run --policy local-fallback --key rates "${@:3}" -- ./rates "$1" "$2"; }
  run -75 --separate-stderr run_it none 75
  [ "$output" = 'half of none' ]
  run -3 --separate-stderr run_it failed 3
  [ "$output" = 'half of failed' ]
  run -0 --separate-stderr run_it second 69 --fallback 'echo plan b'
  [ "$output" = 'plan b' ]
  run -0 --separate-stderr run_it good 0
  run -0 --separate-stderr run_it third 75
  [ "$output" = 'half of good' ]
}

@test "run: output that is too large to be kept is passed on all the same" {
  online
  [ "$(offq run --policy local-fallback -- head -c 20000000 /dev/zero 2> said | wc -c)" -eq 20000000 ]
  grep -q 'the output is not kept: it is too large' said
}

@test "run: what is kept is bounded" {
  online
  for i in $(seq 110); do offq run --policy local-fallback --key "k$i" -- true; done
  [ "$(find "$OFFQ_DIR/outputs" -type f | wc -l)" -le 100 ]
  offline
  run -0 offq run --policy local-fallback --key k110 -- false
}

@test "run: of those queued with one key only the newest is run" {
  offline
  for i in 1 2 3; do offq run --key k -- sh -c "echo $i >> ran" 2> /dev/null; done
  online
  run -0 offq sync
  [ "$(cat ran)" = 3 ]
  run -1 offq retry --all
  [[ $output == *"has the key 'k' too, and was delivered"* ]]
  run -0 offq sync
  [ "$(cat ran)" = 3 ]
}

@test "run: no command is taken from a line, a file, or another queue" {
  offline
  offq run -- touch stolen 2> /dev/null
  id=$(queued)
  file=$OFFQ_DIR/pending/$id.json
  fails 65 offq enqueue --ndjson < "$file"
  says "unknown member 'command'"
  online
  export OFFQ_DIR=$BATS_TEST_TMPDIR/other
  offq list > /dev/null 2>&1 || true
  offq enqueue http://127.0.0.1:1/x -d 1 --key x > /dev/null
  cp "$file" "$OFFQ_DIR/pending/"
  jq -c 'del(.id, .sum)' "$file" > "$OFFQ_DIR/mine.json"
  mv "$OFFQ_DIR/mine.json" "$OFFQ_DIR/pending/"
  run offq sync
  [ ! -e stolen ]
  [ "$(offq list --ids --state failed | wc -l)" -eq 2 ]
  grep -q 'it was not queued here by offq run' "$OFFQ_DIR"/receipts/*
  grep -q 'a file from elsewhere may not name one' "$OFFQ_DIR"/receipts/*
}

@test "run: a sync that is ended ends its command, and charges nothing" {
  offline
  printf '#!/bin/sh\necho $$ > pid.new; mv pid.new pid\nexec tail -f /dev/null\n' > for-ever
  chmod +x for-ever
  offq run -- ./for-ever 2> /dev/null
  id=$(queued)
  online
  spawn sync.log offq sync --verbose
  syncer=$spawned
  await test -e pid
  kill -TERM "$syncer"
  code=0
  wait "$syncer" || code=$?
  [ "$code" -eq 143 ]
  [ "$(state_of "$id") $(attempts_of "$id")" = 'pending 0' ]
  run ! kill -0 "$(cat pid)"
}

@test "run: a command whose sync was killed is ended, and run again as the same operation" {
  offline
  cat > once << 'END'
#!/bin/sh
echo "$OFFQ_ID" >> ids
if [ -e pid ]; then
  kill -0 "$(cat pid)" 2> /dev/null && echo 'two at once' >> ids
  exit 0
fi
echo $$ > pid.new; mv pid.new pid
exec tail -f /dev/null
END
  chmod +x once
  offq run -- ./once 2> /dev/null
  id=$(queued)
  online
  spawn sync.log offq sync
  await test -e pid
  await grep -qs process "$OFFQ_DIR/running/$(cat pid)" # on record from a moment after its start
  stop "$spawned"
  kill -0 "$(cat pid)"
  run -0 --separate-stderr offq sync
  says 'a sync that was killed had left a program running: ended'
  [ -z "$(ls "$OFFQ_DIR/running")" ]
  [ "$(state_of "$id") $(xargs < ids)" = "synced $id $id" ]
  run -0 offq sync --force
  [ "$(wc -l < ids)" -eq 2 ]
}

@test "run: a watcher runs what is queued when the network comes back" {
  offline
  spawn watch.log offq sync --watch --verbose
  wait_for_lines watch.log 1 '^offq: watching: '
  offq run -- touch finished 2> /dev/null
  id=$(queued)
  wait_for_lines watch.log 1 '^offq: offline: '
  online
  offq wait "$id" --timeout 10s
  [ -e finished ]
}

@test "run: --dry-run counts commands as such" {
  offline
  offq run -- true 2> /dev/null
  online
  run -0 --separate-stderr offq sync --dry-run
  [[ $stderr == *'1 command would be run' ]]
  run -0 --separate-stderr offq sync --dry-run --json
  [ "$(jq -c 'select(.dry_run) | [.requests, .commands, .operations]' <<< "$output")" = '[0,1,1]' ]
}
