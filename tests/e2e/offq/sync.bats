#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets faulty, receiver, spawned and url
# offq sync and offq send as a person and a script meet them.

load ../common
load ../servers
load queue

teardown() { stop_servers; }

@test "offline: exit 75, the reason and the number that waits on stderr, nothing charged" {
  hold_port
  id=$(offq enqueue "$url/" -d 1)
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  [ "$output" = '0 delivered, 1 held' ]
  says "offq: held: http://127.0.0.1:$port: connection refused"
  says '1 operation waits, next try'
  [ "$(state_of "$id")" = pending ]
  [ "$(attempts_of "$id")" -eq 0 ]
}

@test "a held destination is left alone by the next sync, and --force asks it all the same" {
  hold_port
  offq enqueue "$url/" -d 1
  run ! offq sync
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  start_receiver_at "$port"
  run --separate-stderr offq sync --force
  [ "$status" -eq 0 ]
  [ "$output" = '1 delivered' ]
}

@test "what is delivered arrives byte for byte, once, under its id" {
  start_receiver
  payload='{"b": 1.10, "a":123456789012345678901234567890, "s":"\u0000\ud83d\ude00é"}'
  id=$(offq enqueue "$url/x" -X PUT -H 'X-Mine: yes' -d "$payload")
  run -0 --separate-stderr offq sync
  run -0 --separate-stderr offq sync
  [ "$output" = '0 delivered' ]
  [ "$(received_keys)" = "$id" ]
  grep -F "\"body\":$payload" inbox/inbox.jsonl
  grep -F '"X-Mine":"yes"' inbox/inbox.jsonl
  [ "$(jq -r .method inbox/inbox.jsonl)" = PUT ]
}

@test "an upload arrives byte for byte" {
  start_receiver
  head -c 300000 /dev/urandom > big.bin
  offq enqueue "$url/big.bin" -T big.bin
  run -0 offq sync
  cmp big.bin "inbox/blobs/$(sha256sum < big.bin | cut -d' ' -f1)"
}

@test "--json prints one object for each outcome, and a summary" {
  start_receiver
  id=$(offq enqueue "$url/" -d 1)
  run -0 --separate-stderr offq sync --json
  [ "$(jq -r 'select(.id) | [.id, .outcome, .status] | @tsv' <<< "$output")" = "$id	delivered	201" ]
  [ "$(jq -c 'select(.summary) | .summary | [.delivered, .failed, .held]' <<< "$output")" = '[1,0,[]]' ]
}

@test "--dry-run says what would be sent and sends nothing" {
  start_receiver
  id=$(offq enqueue "$url/x" -d 12)
  run -0 --separate-stderr offq sync --dry-run --json
  [ "$(jq -r 'select(.id) | [.id, .method, .url, .bytes] | @tsv' <<< "$output")" = \
    "$id	POST	$url/x	2" ]
  run -0 script -qec 'offq sync --dry-run' /dev/null
  [[ ${lines[0]} == *ID* && ${lines[1]} == *"$id"* ]]
  [ "${lines[2]%$'\r'}" = '1 request with 2 B of bodies would be sent' ]
  [ ! -s inbox/inbox.jsonl ]
  [ "$(state_of "$id")" = pending ]
}

@test "only the ids, types and lanes that were named are delivered; --max-ops ends it early" {
  start_receiver
  one=$(offq enqueue "$url/" --type note -d 1)
  offq enqueue "$url/" --type metric -d 2
  offq enqueue "$url/" --type metric --lane fast -d 3
  offq enqueue "$url/" --type metric -d 4
  [ "$(offq sync "$one")" = '1 delivered' ]
  [ "$(offq sync --lane fast)" = '1 delivered' ]
  [ "$(offq sync --type metric --max-ops 1)" = '1 delivered' ]
  run offq sync 00ZZZZ
  [ "$status" -eq 66 ]
  run offq sync "$one"
  [ "$status" -eq 2 ]
}

@test "the configuration routes a type: endpoint, path, method by action, headers, secrets" {
  start_receiver
  echo geheim > token
  mkdir "$OFFQ_DIR"
  chmod 700 "$OFFQ_DIR"
  cat > "$OFFQ_DIR/config.yaml" << EOF
endpoints:
  api: {url: "$url/v1", headers: {X-Token: "\${file:$PWD/token}", X-Env: "\${env:MY_SECRET}"}}
types:
  skill:
    deliver: http
    endpoint: api
    path: "/skills/{{payload.id}}"
    methods: {add: POST, update: PUT, delete: DELETE}
EOF
  id=$(offq enqueue --type skill --action update -d '{"id":"s 1"}')
  MY_SECRET=topf run -0 offq sync
  [ "$(jq -r '[.method, .target, .headers["X-Token"], .headers["X-Env"]] | @tsv' inbox/inbox.jsonl)" = \
    'PUT	/v1/skills/s%201	geheim	topf' ]
  run ! grep -r geheim "$OFFQ_DIR"
  run ! grep -r topf "$OFFQ_DIR"
  [ "$(state_of "$id")" = synced ]
}

@test "a missing secret holds the destination, names the variable and charges nobody" {
  start_receiver
  id=$(offq enqueue "$url/" -H "Authorization: Bearer \${env:NO_SUCH_TOKEN}" -d 1)
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  says NO_SUCH_TOKEN
  [ "$(attempts_of "$id")" -eq 0 ]
  NO_SUCH_TOKEN=now run -0 offq sync
}

@test "sync.enabled: false refuses to send and says so" {
  start_receiver
  offq enqueue "$url/" -d 1
  OFFQ_SYNC_ENABLED=false run --separate-stderr offq sync
  [ "$status" -eq 78 ]
  says 'sync.enabled'
}

@test "a queue that is not there yet has nothing to deliver, and is not made" {
  run -0 offq sync
  [ ! -e "$OFFQ_DIR" ]
}

@test "SIGTERM ends a sync within its second; what was in flight stays pending" {
  start_faulty never-answer
  id=$(offq enqueue "$url/" -d 1)
  spawn sync.log offq sync
  wait_for_lines never-answer.log 1 '^POST '
  kill -TERM "$spawned"
  code=0
  wait "$spawned" || code=$?
  [ "$code" -eq 143 ]
  [ "$(state_of "$id")" = pending ]
  [ "$(attempts_of "$id")" -eq 0 ]
}

@test "send delivers at once, or leaves it queued, and both are success" {
  start_receiver
  run -0 --separate-stderr offq send "$url/" -d 1
  [ "$(jq -c '[.success, .synced, .cached]' <<< "$output")" = '[true,true,false]' ]
  id=$(jq -r .id <<< "$output")
  [ "$(state_of "$id")" = synced ]
  stop "$receiver"
  run -0 --separate-stderr offq send "$url/" -d 2
  [ "$(jq -c '[.success, .synced, .cached]' <<< "$output")" = '[true,false,true]' ]
  [[ $(jq -r .message <<< "$output") == *'connection refused'* ]]
  [ "$(state_of "$(jq -r .id <<< "$output")")" = pending ]
}

@test "send of what the server refuses is a failure with its reason" {
  start_receiver --status 422
  run --separate-stderr offq send "$url/" -d 1
  [ "$status" -eq 1 ]
  [ "$(jq -c '[.success, .synced, .cached]' <<< "$output")" = '[false,false,false]' ]
  [ "$(state_of "$(jq -r .id <<< "$output")")" = failed ]
}

@test "send says when an operation with its key was pending, and it queued nothing" {
  hold_port
  run -0 --separate-stderr offq send "$url/" --key z -d 1
  jq -e '.kept == false' <<< "$output"
  id=$(jq -r .id <<< "$output")
  run -0 --separate-stderr offq send "$url/" --key z -d 2
  jq -e --arg id "$id" '.kept and .id == $id and .cached' <<< "$output"
  says "warning: key 'z' is pending already: $id is kept, and this request is not queued"
}

@test "send while another sync holds the lock only queues" {
  start_receiver
  offq enqueue "$url/" -d 1
  exec {lock}> "$OFFQ_DIR/lock"
  flock "$lock"
  run -0 --separate-stderr offq send "$url/" -d 1
  [[ $(jq -r .message <<< "$output") == *'another sync is running'* ]]
  exec {lock}>&-
  [ "$(offq sync)" = '2 delivered' ]
}

@test "offq itself loads no library at all, and only offq-sync loads libcurl" {
  run ldd "$OFFKIT_BUILD/bin/offq"
  [[ $output != *libcurl* && $output != *sqlite* ]]
  run ldd "$OFFKIT_BUILD/libexec/offkit/offq-store"
  [[ $output != *libcurl* ]]
  run ldd "$OFFKIT_BUILD/libexec/offkit/offq-sync"
  [[ $output == *libcurl* ]]
}

@test "an operation that is removed while it is sent, or while its destination is held, is cancelled" {
  hold_port
  start_faulty never-answer "$port"
  offq enqueue "$url/" -d 1
  spawn sync.log offq sync
  wait_for_lines never-answer.log 1 '^POST '
  rm "$OFFQ_DIR"/pending/*.json
  stop "$faulty"
  wait "$spawned" || true

  offq enqueue "$url/" -d 1
  run --separate-stderr -75 offq sync --force
  says 'connection refused'
  rm "$OFFQ_DIR"/pending/*.json
  run -0 --separate-stderr offq sync --force
  [ "$output" = '0 delivered' ]
}

@test "sync --wait says on stderr that it waits, unless it is to be quiet" {
  start_receiver
  offq enqueue "$url/" -d 1
  exec {lock}> "$OFFQ_DIR/lock"
  flock "$lock"
  spawn waiting.log offq sync --wait
  wait_for_lines waiting.log 1 . "$spawned"
  [ "$(head -n 1 waiting.log)" = 'offq: waiting for another sync' ]
  stop "$spawned"
  run --separate-stderr -124 timeout 0.5 offq sync --wait --quiet
  [[ $stderr != *waiting* ]]
}

@test "sync --wait waits no longer than --timeout" {
  start_receiver
  offq enqueue "$url/" -d 1
  exec {lock}> "$OFFQ_DIR/lock"
  flock "$lock"
  fails 75 timeout 20 offq sync --wait --timeout 100ms
  says 'another sync is running'
  exec {lock}>&-
  [ "$(offq sync --wait --timeout 20s)" = '1 delivered' ]
}

@test "sync --wait gives way to SIGTERM" {
  start_receiver
  offq enqueue "$url/" -d 1
  exec {lock}> "$OFFQ_DIR/lock"
  flock "$lock"
  : > sync.log
  # Without the descriptor of the lock, or it would hold itself up.
  offq sync --wait >> sync.log 2>&1 {lock}>&- &
  waiting=$!
  SERVERS+=("$waiting")
  wait_for_lines sync.log 1 '^offq: waiting for another sync' "$waiting"
  kill -TERM "$waiting"
  code=0
  wait "$waiting" || code=$?
  exec {lock}>&-
  [ "$code" -eq 143 ]
}

@test "sync: credentials for a host come from .netrc, as with curl" {
  start_receiver
  local host=${url#http://}
  printf 'machine %s login somebody password hidden\n' "${host%:*}" > "$HOME/.netrc"
  offq enqueue "$url/x" -d 1
  offq sync
  grep -rqi authorization inbox
  ! grep -rq hidden "$OFFQ_DIR"
}

@test "sync --quiet says nothing of what waits or fails, only by its exit code" {
  hold_port
  offq enqueue "$url/" -d 1
  run --separate-stderr -75 offq sync --quiet
  [ -z "$output$stderr" ]
  start_receiver_at "$port" --status 503
  run --separate-stderr -75 offq sync --force --quiet
  [ -z "$output$stderr" ]
  stop "$receiver"
  start_receiver_at "$port" --status 422
  run --separate-stderr -1 offq sync --force --quiet
  [ -z "$output$stderr" ]
}

@test "send that is interrupted leaves the operation queued, and says so" {
  start_faulty never-answer
  spawn send.log offq send "$url/" -d 1
  wait_for_lines never-answer.log 1 '^POST '
  kill -TERM "$spawned"
  code=0
  wait "$spawned" || code=$?
  [ "$code" -eq 143 ]
  grep -F '"success":true,"synced":false,"cached":true' send.log
  grep -F '"message":"interrupted, still queued"' send.log
  [ "$(names pending | wc -l)" -eq 1 ]
}

@test "--dry-run names the problem of what cannot be read, and goes on" {
  start_receiver
  bad=$(offq enqueue "$url/" -d 1)
  good=$(offq enqueue "$url/" -d 2)
  offq list > /dev/null
  printf X | dd of="$OFFQ_DIR/pending/$bad.json" bs=1 seek=40 conv=notrunc status=none
  run -0 --separate-stderr offq sync --dry-run --json
  jq -se --arg id "$bad" '.[0].id == $id and (.[0].problem | contains("bytes were changed")) and .[0].url == null' \
    <<< "$output"
  jq -se --arg id "$good" '.[1].id == $id and .[1].problem == null and .[2].requests == 1' \
    <<< "$output"
}

@test "--dry-run needs no lock, and says what is held" {
  hold_port
  offq enqueue "$url/" -d 1
  for _ in {1..9}; do run -75 offq sync --force; done # held for two minutes at least
  exec {lock}> "$OFFQ_DIR/lock"
  flock "$lock"
  run -0 --separate-stderr offq sync --dry-run --json
  jq -se '(.[0].problem | startswith("held: connection refused")) and .[1].requests == 0 and
    .[1].held == 1' <<< "$output"
  run -0 --separate-stderr offq sync --dry-run
  says '0 requests with 0 B of bodies would be sent, 1 is held'
  run -0 --separate-stderr offq sync --dry-run --force --json
  jq -se '.[0].problem == null and .[1].requests == 1 and .[1].held == 0' <<< "$output"
  exec {lock}>&-
}

@test "what is delivered at the first try shows one attempt, with and without the index" {
  hold_port
  start_receiver_at "$port" --status 503
  offq enqueue "$url/" -d 1
  run -75 offq sync
  stop "$receiver"
  start_receiver_at "$port"
  offq enqueue "$url/" -d 2
  offq enqueue "$url/" --ndjson <<< 3
  run -0 offq sync --force
  [ "$(offq list --json | jq -c .attempts | tr -d '\n')" = 211 ]
  rm -f "$OFFQ_DIR"/index.db*
  [ "$(offq list --json | jq -c .attempts | tr -d '\n')" = 211 ]
  offq show "$(offq list --ids | tail -n 1)" | grep -qE '^attempts +1$'
}
