#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Several programs in one queue at once.

load ../common
load ../servers

setup() { common_setup; }
teardown() { stop_servers; }

# enqueue_many NAME COUNT: one process after the other; the ids go to NAME.ids.
enqueue_many() {
  local i
  for ((i = 0; i < $2; ++i)); do
    offq enqueue "$url/many" -d "{\"from\":\"$1\",\"i\":$i}" || echo "failed $1 $i"
  done > "$1.ids"
}

# hold_sync: a sync that is in the middle of a request until the server is stopped; sets $holder.
hold_sync() {
  hold_port
  start_faulty never-answer "$port"
  id=$(offq enqueue "$url/x" -d '{}')
  spawn holder.log offq sync
  holder=$spawned
  wait_for_lines never-answer.log 1 "^POST /x $id"
}

@test "concurrency: what 32 processes enqueue while sync runs in a loop arrives, each once" {
  start_receiver
  local i writers=()
  for ((i = 1; i <= 32; ++i)); do
    enqueue_many "writer$i" 10 3>&- &
    writers+=("$!")
  done
  (
    until [[ -e enough ]]; do offq sync || echo "exit $?"; done
  ) > syncs.log 2>&1 3>&- &
  local looper=$!
  SERVERS+=("$looper")
  for i in "${writers[@]}"; do wait "$i"; done
  touch enough
  wait "$looper"
  run ! grep -q '^exit' syncs.log
  offq sync

  sort writer*.ids > printed
  [ "$(wc -l < printed)" -eq 320 ]
  [ -z "$(uniq -d printed)" ]
  received_keys > received
  cmp printed received
  [ "$(offq list --state synced --ids | sort | cmp - printed && ls -A "$OFFQ_DIR/pending" | wc -l)" -eq 0 ]
}

@test "concurrency: 32 writers of one key leave one operation: the newest, or with keep the first" {
  url=http://127.0.0.1:9
  local i writers=()
  for ((i = 1; i <= 32; ++i)); do
    offq enqueue "$url/x" --type setting --key colour --if-pending replace -d "{\"i\":$i}" > "key$i.ids" 3>&- &
    writers+=("$!")
  done
  for i in "${writers[@]}"; do wait "$i"; done
  [ "$(cat key*.ids | sort -u | wc -l)" -eq 32 ]
  [ "$(offq list --state pending --ids | wc -l)" -eq 1 ]
  [ "$(offq list --state failed --reason replaced --ids | wc -l)" -eq 31 ]

  for ((i = 1; i <= 32; ++i)); do
    offq enqueue "$url/x" --type setting --key size --if-pending keep -d "{}" > "kept$i.ids" 3>&- &
    writers[i - 1]=$!
  done
  for i in "${writers[@]}"; do wait "$i"; done
  [ "$(cat kept*.ids | sort -u | wc -l)" -eq 1 ]
  [ "$(offq list --state pending --ids | wc -l)" -eq 2 ]
}

@test "concurrency: a second sync gives up at once and says so" {
  hold_sync
  fails 75 offq sync
  says "another sync is running"
  stop "$holder"
}

@test "concurrency: enqueue, list and cancel do not wait for a sync" {
  hold_sync
  other=$(timeout 10 offq enqueue "$url/y" -d '{}')
  timeout 10 offq list --ids | grep -qx "$other"
  timeout 10 offq cancel "$other"
  [ "$(state_of "$other")" = failed ]
  stop "$holder"
}

@test "concurrency: sync --wait waits for the other, then delivers what is left" {
  hold_sync
  later=$(offq enqueue "$url/y" -d '{}')
  spawn waiter.log offq sync --wait --force
  local waiter=$spawned
  wait_for_lines waiter.log 1 '^offq: waiting for another sync' "$waiter"
  stop "$holder"
  stop "$faulty"
  start_receiver_at "$port"
  wait "$waiter" || true
  offq sync --force
  [ "$(state_of "$id") $(state_of "$later")" = 'synced synced' ]
  grep -q delivered waiter.log
}

@test "concurrency: a lock left by a process that died is no lock" {
  hold_sync
  stop "$holder" KILL
  stop "$faulty"
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  says "connection refused"
  [ "$(state_of "$id")" = pending ]
}

@test "concurrency: SIGTERM in the middle of a request leaves the operation pending, exit 143" {
  hold_sync
  kill -TERM "$holder"
  status=0
  wait "$holder" || status=$?
  [ "$status" -eq 143 ]
  [ "$(state_of "$id") $(attempts_of "$id")" = 'pending 0' ]
}
