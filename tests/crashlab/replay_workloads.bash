# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154  # replay_lab.bash has the other half
# What is done to a queue while its disk is recorded. Each workload is a function; offq's queue is
# on the recorded disk, and a file of $marks is a stream whose every line is recorded at the moment
# at which it is printed. replay_promises.hpp says what the lines mean.

# The last four are the negative controls: see replay_unsynced.hpp. The two before them are the same
# program with nothing left out.
all_workloads=(single concurrent batch keyed sync change prune recovery synced-writer synced-receipts
  no-file-fsync no-directory-fsync no-fsync no-receipt-fsync)

say() { printf '%s\n' "$@" > "$marks/say"; }
say_of() { # WORD STATE ID...
  local id
  for id in "${@:3}"; do say "$1 $id $2"; done
}

target=http://127.0.0.1:9/x
enqueue() { # LABEL [ARG...]
  replay_queue body "$1" > "body.$1"
  offq enqueue "$target" -d "@body.$1" "${@:2}" > "$marks/$1"
}
enqueue_batch() { # LABEL COUNT
  replay_queue bodies "$1" "$2" > "bodies.$1"
  offq enqueue "$target" --ndjson "bodies.$1" > "$marks/$1"
}
# enqueue_some_later LABEL COUNT: the same, but every fourth one is not to be sent for years: so the
# batch stays, and that the others are delivered is said by their receipts alone.
enqueue_some_later() {
  replay_queue bodies "$1" "$2" | jq -c --arg url "$target" '
    {type: "api_call", request: {method: "POST", url: $url}, payload: .}
    + if .line % 4 == 0 then {not_before: "2099-01-01T00:00:00Z"} else {} end' > "bodies.$1"
  offq enqueue --ndjson "bodies.$1" > "$marks/$1"
}
ids_of() { offq list --ids "$@"; }

workload_single() {
  local n
  for n in {1..12}; do enqueue "single-$n"; done
  enqueue blob-1
  enqueue blob-2
  for n in {13..16}; do enqueue "single-$n"; done
}

# The first of them make the queue, all at once.
workload_concurrent() {
  local who n writers=()
  for who in a b c d; do
    for n in {1..6}; do enqueue "$who-$n"; done &
    writers+=($!)
  done
  for who in "${writers[@]}"; do wait "$who"; done
}

workload_batch() {
  enqueue_batch short 3
  enqueue single
  enqueue_batch long 400
  enqueue_batch middle 40
}

workload_keyed() {
  local round key older
  for round in {1..5}; do
    for key in red green blue; do
      mapfile -t older < <(ids_of --key "$key" --state pending)
      say_of may failed "${older[@]}"
      enqueue "$key-$round" --key "$key" --if-pending replace
      say_of must failed "${older[@]}"
    done
  done
}

# deliver: when it ends, what it says was delivered is so, and nothing else.
deliver() {
  local ids
  say 'may all synced'
  offq sync --json > outcomes
  mapfile -t ids < <(jq -r 'select(.outcome == "delivered") | .id' outcomes)
  say_of must synced "${ids[@]}"
  mapfile -t ids < <(ids_of --state pending)
  say_of must pending "${ids[@]}"
}

workload_sync() {
  local n
  start_receiver_at "$port"
  target=$url/x
  for n in {1..6}; do enqueue "first-$n"; done
  enqueue_batch batch 20
  enqueue_some_later later 12
  enqueue blob-1
  deliver
  for n in {1..6}; do enqueue "second-$n"; done
  deliver
  enqueue third
  stop "$receiver"
}

# change COMMAND STATE ID...
change() {
  local words
  read -ra words <<< "$1"
  say_of may "$2" "${@:3}"
  offq "${words[@]}" "${@:3}"
  say_of must "$2" "${@:3}"
}

workload_change() {
  local ids n
  for n in {1..8}; do enqueue "single-$n"; done
  enqueue_batch batch 6
  mapfile -t ids < <(ids_of --state pending)
  change cancel failed "${ids[0]}" "${ids[1]}" "${ids[9]}"
  change 'delete --yes' gone "${ids[2]}" "${ids[10]}"
  change retry pending "${ids[0]}" "${ids[9]}"
  enqueue last
  change 'delete --yes' gone "${ids[1]}" "${ids[9]}"
}

# While bodies are removed with what was delivered, new operations come with the same ones.
workload_prune() {
  local n ids pruning
  start_receiver_at "$port"
  target=$url/x
  for n in {1..4}; do enqueue "blob-$n"; done
  enqueue_batch batch 5
  enqueue single
  deliver
  enqueue blob-1~before
  say 'may all gone'
  mapfile -t ids < <(ids_of --state pending)
  say_of must pending "${ids[@]}"
  offq prune --older-than 0s &
  pruning=$!
  for n in {2..4}; do enqueue "blob-$n~meanwhile"; done
  wait "$pruning"
  enqueue blob-1~after
  stop "$receiver"
}

# A second crash while the queue is used for the first time after a crash.
workload_recovery() {
  start_receiver_at "$port"
  target=$url/x
  enqueue again
  offq list > listed
  offq fsck --repair || (($? == 1))
  deliver
  stop "$receiver"
}

# written SKIP: the queue itself is offq's, and safe.
written() {
  enqueue first
  replay_queue write "$1" written 40 "$OFFQ_DIR" > "$marks/written"
}
workload_synced-writer() { written none; }
workload_no-file-fsync() { written file; }
workload_no-directory-fsync() { written directory; }
workload_no-fsync() { written both; }

# settled SKIP: that the lines of a batch were delivered is said by their receipts alone.
settled() {
  local ids
  enqueue_batch batch 40
  mapfile -t ids < <(ids_of)
  say 'may all synced'
  replay_queue settle "$1" "$OFFQ_DIR" "${ids[@]:0:30}" > "$marks/say"
}
workload_synced-receipts() { settled none; }
workload_no-receipt-fsync() { settled file; }
