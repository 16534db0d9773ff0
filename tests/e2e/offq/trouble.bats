#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# offq sync against servers that misbehave: what it says, its exit status, what becomes of the
# operation, and whether an attempt is charged. "charged" is the .aN in the name of the file.

load ../common
load ../servers
load ../disks

setup() {
  common_setup
}

teardown() {
  stop_servers
  remove_disks
}

# queue_one [ARG...]: one operation for the server at $url; sets $id.
queue_one() { id=$(offq enqueue "$url/x" -d '{"a":1}' "$@"); }

# syncs CODE [ARG...]: one sync, within bounds, ends with CODE.
syncs() {
  local code=$1
  shift
  run --separate-stderr timeout 60 offq sync "$@"
  [[ $status -eq $code ]] || { printf 'exit %s instead of %s: %s\n' "$status" "$code" "$stderr" && return 1; }
}

# is_now STATE ATTEMPTS
is_now() {
  local got
  got="$(state_of "$id") $(attempts_of "$id")"
  [[ $got == "$1 $2" ]] || { printf '%s is %s instead of %s\n' "$id" "$got" "$1 $2" && return 1; }
}

# lock_database NAME: NAME.db is held by another program until the end of the test.
lock_database() {
  mkfifo statements
  sqlite3 "$OFFQ_DIR/$1.db" < statements > locked 2>&1 3>&- &
  SERVERS+=("$!")
  exec {statements}> statements
  printf 'create table if not exists x(y);\nbegin exclusive;\nselect 1;\n' >&"$statements"
  wait_for_lines locked 1 1
}

@test "trouble: a connection that is cut before the answer charges an attempt and is tried again" {
  local mode
  for mode in reset-after-request close-after-request half-answer not-http 500; do
    start_faulty "$mode"
    queue_one
    syncs 75 "$id"
    is_now pending 1
    says "$id"
    says "attempt 1"
  done
}

@test "trouble: a server that hangs up on everybody gets nothing, and nothing is lost" {
  start_faulty close-early
  queue_one
  syncs 75 "$id"
  # Whether the reset comes before the request has begun or after it, the kernel decides.
  [[ "$(state_of "$id") $(attempts_of "$id")" == 'pending '[01] ]]
}

@test "trouble: what goes wrong is named" {
  start_faulty close-after-request
  queue_one
  syncs 75
  says "connection lost (${url#http://})"
  last_receipt "$id" | jq -e '.outcome == "attempted" and .error.class == "temporary"'
}

@test "trouble: an attempt is repeated with the same key, and the second 200 delivers" {
  start_faulty 500-then-200
  queue_one
  syncs 75
  syncs 0 --force
  is_now synced 1
  [ "$(grep -c "^POST /x $id$" 500-then-200.log)" -eq 2 ]
  last_receipt "$id" | jq -e '.outcome == "synced" and .http.status == 200'
}

@test "trouble: a pause of less than a second is said, not rounded away" {
  start_faulty 500
  queue_one
  OFFQ_RETRY_BASE=900ms syncs 75
  [[ $stderr =~ 'attempt 1, again in '[0-9]+ms ]] || [[ $stderr == *'attempt 1, again now'* ]]
}

@test "trouble: when the attempts are used up it fails with the reason, and retry brings it back" {
  start_faulty 500
  queue_one --max-attempts 2
  syncs 75
  syncs 1 --force
  is_now failed 2
  last_receipt "$id" | jq -e '.reason == "exhausted" and .http.body == "{\"error\":\"oops\"}"'
  offq retry "$id"
  is_now pending 0
}

@test "trouble: a server that never answers costs the timeout of its endpoint and an attempt" {
  start_faulty never-answer
  mkdir "$OFFQ_DIR" && chmod 700 "$OFFQ_DIR"
  printf 'endpoints:\n  slow: {url: "%s", timeout: 3s}\ntypes:\n  t: {endpoint: slow}\n' "$url" \
    > "$OFFQ_DIR/config.yaml"
  id=$(offq enqueue /x --type t -d '{}')
  syncs 75
  says "no complete answer within 3s"
  is_now pending 1
}

@test "trouble: --timeout of sync ends a run in time and charges nobody" {
  local mode
  for mode in never-answer dribble; do
    start_faulty "$mode"
    queue_one
    syncs 75 --timeout 3s "$id"
    is_now pending 0
    [ "$(requests_of "$mode")" -eq 1 ]
  done
}

@test "trouble: an answer of 10 GB is not read to its end, in bounded memory" {
  start_faulty endless
  queue_one
  [ -e /usr/bin/time ] || skip "GNU time is not installed"
  run --separate-stderr timeout 60 /usr/bin/time -f '%M KiB' offq sync
  [ "$status" -eq 0 ]
  is_now synced 0
  last_receipt "$id" | jq -e '.http.truncated'
  resident=$(sed -n 's/ KiB$//p' <<< "$stderr")
  [ "$resident" -lt 65536 ]
}

@test "trouble: redirects in a circle and to other hosts hold the destination, charging nobody" {
  start_faulty redirect-circle
  queue_one
  syncs 75
  says "more than 5 redirects"
  is_now pending 0

  start_faulty redirect-elsewhere
  queue_one
  syncs 75 "$id"
  says "redirect to http://login.example"
  is_now pending 0
}

@test "trouble: the page of a captive portal is no delivery where JSON is expected" {
  start_faulty login-page
  queue_one --expect-json /stored=true
  syncs 75
  says "expect: answer is not JSON"
  is_now pending 0

  stop "$faulty"
  start_faulty good
  queue_one --expect-json /stored=true
  syncs 0 "$id"
  is_now synced 0
}

@test "trouble: 401 for the operation's own credential is final" {
  start_faulty 401
  queue_one -H 'Authorization: Bearer mine'
  syncs 1
  is_now failed 1
  last_receipt "$id" | jq -e '.reason == "rejected" and .http.status == 401'
}

@test "trouble: 401 for a credential bound when sending holds the destination" {
  start_faulty 401
  # shellcheck disable=SC2016  # offq fills it in
  queue_one -H 'Authorization: Bearer ${env:TOKEN}'
  TOKEN=old syncs 75
  is_now pending 0
  run ! grep -rq 'Bearer old' "$OFFQ_DIR"
}

@test "trouble: 429 and 503 with Retry-After hold the destination for as long as they say" {
  local mode
  for mode in 429 503; do
    start_faulty "$mode"
    queue_one
    syncs 75 "$id"
    says "HTTP $mode"
    is_now pending 0
    syncs 75 "$id"
    [ "$(requests_of "$mode")" -eq 1 ]
  done
}

@test "trouble: offline charges nobody, and other destinations go on" {
  hold_port
  dead=$url
  queue_one
  offline=$id
  start_faulty good
  queue_one
  syncs 75
  is_now synced 0
  id=$offline
  is_now pending 0
  says "$dead"
}

@test "trouble: files that cannot be read do not hold up the others, and keep their bytes" {
  start_faulty good
  queue_one
  printf 'not JSON' > "$OFFQ_DIR/pending/poison.json"
  torn=$(offq enqueue "$url/x" -d '{"torn":1}')
  truncate -s 60 "$OFFQ_DIR/pending/$torn.json"
  syncs 0
  says "2 unreadable"
  says "$torn"
  is_now synced 0
  [ "$(grep -lxF 'not JSON' "$OFFQ_DIR"/failed/*.json | wc -l)" -eq 1 ]
  [ "$(stat -c %s "$OFFQ_DIR/failed/$torn.json")" -eq 60 ]
}

@test "trouble: holds made by a clock that was a year ahead do not count" {
  hold_port
  start_faulty 429 "$port"
  queue_one
  syncs 75
  sqlite3 "$OFFQ_DIR/state.db" 'select count(*) from holds' | grep -qx 1
  stop "$faulty"
  # The clock as it was a year ago: every time in state.db and every mtime now lies in the future.
  year=31536000000000
  sqlite3 "$OFFQ_DIR/state.db" "update holds set set_at = set_at + $year, until = until + $year"
  touch -d '+1 year' "$OFFQ_DIR"/pending/*.json
  start_receiver_at "$port"
  syncs 0
  is_now synced 0
}

@test "trouble: state.db may be garbage, gone, a directory or locked for ever" {
  start_faulty good
  queue_one
  printf 'garbage' > "$OFFQ_DIR/state.db"
  syncs 0
  is_now synced 0

  queue_one
  rm -f "$OFFQ_DIR"/state.db*
  syncs 0
  is_now synced 0

  queue_one
  rm -f "$OFFQ_DIR"/state.db*
  mkdir "$OFFQ_DIR/state.db"
  syncs 0
  is_now synced 0
  rmdir "$OFFQ_DIR/state.db"

  queue_one
  lock_database state
  syncs 0
  is_now synced 0
}

@test "trouble: index.db may be garbage, gone or locked for ever" {
  start_faulty good
  queue_one
  printf 'garbage' > "$OFFQ_DIR/index.db"
  syncs 0
  is_now synced 0

  queue_one
  rm -f "$OFFQ_DIR"/index.db*
  syncs 0
  is_now synced 0

  queue_one
  lock_database index
  syncs 0
  is_now synced 0
}

@test "trouble: a body that was damaged on disk is not delivered" {
  start_receiver
  head -c 100000 /dev/zero > big
  local id
  id=$(offq enqueue "$url/big" --data-binary @big)
  printf X | dd of="$(ls "$OFFQ_DIR"/blobs/*)" bs=1 seek=100 conv=notrunc 2> /dev/null
  run --separate-stderr offq sync
  [ "$status" -eq 1 ]
  says 'the body is damaged'
  [ "$(offq show "$id" --json | jq -r .state)" = failed ]
  [ ! -s inbox/inbox.jsonl ]
}

@test "trouble: on a disk that is full nothing is sent whose outcome could not be recorded" {
  start_receiver
  use_disk size=4m
  offq enqueue "$url/x" -d 1
  rm -f "$OFFQ_DIR/reserve"
  fill_disk
  for _ in 1 2; do
    fails 73 offq sync
    says 'nothing is sent: outcomes could not be recorded'
  done
  [ ! -s inbox/inbox.jsonl ]
  rm disk/fill
  run -0 offq sync --force
  [ "$(wc -l < inbox/inbox.jsonl)" -eq 1 ]
}

@test "trouble: a full disk whose blocks are smaller than a page kills nobody, and is delivered from" {
  start_receiver
  use_ext4 -b 1024
  offq enqueue "$url/x" -d 1
  run -0 offq sync
  id=$(offq enqueue "$url/x" -d 2)
  fill_disk
  for command in list verify fsck; do run -0 offq "$command"; done
  run -1 offq status
  run -0 offq sync
  [[ $output == *'1 delivered'* ]]
  is_now synced 0
  rm disk/fill
  run -0 offq fsck
}

@test "trouble: an index that finds no room on a full disk keeps nothing from being delivered" {
  start_receiver
  use_ext4 -b 4096
  offq enqueue "$url/x" -d 1
  run -0 offq sync
  id=$(offq enqueue "$url/x" -d 2)
  # The index knows of it before the disk is full.
  run -0 offq list
  fill_disk
  run -0 offq sync
  [[ $output == *'1 delivered'* ]]
  is_now synced 0
  rm disk/fill
  run -0 offq fsck
}

@test "trouble: a disk without inodes takes no more, and everything is delivered from it" {
  start_receiver
  use_ext4 -N 64
  offq enqueue "$url/x" -d 1
  run -0 offq sync
  # Nothing that a sync of today needs is there.
  rm "$OFFQ_DIR"/receipts/* "$OFFQ_DIR/state.db" "$OFFQ_DIR/index.db"
  local n=0
  while offq enqueue "$url/x" -d 2 2> refused > /dev/null; do n=$((n + 1)); done
  grep -q 'no inodes are left on the disk' refused
  use_inodes
  ((n > 10))
  run -0 offq sync --quiet
  [ "$(wc -l < inbox/inbox.jsonl)" -eq $((n + 1)) ]
  run -0 offq prune
  run -0 offq list --state pending
  [ -z "$output" ]
}
