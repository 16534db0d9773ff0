#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq verify: is every id that was ever printed accounted for?
load ../common
load ../servers
load ../disks
load queue

teardown() {
  stop_servers
  remove_disks
}

# summary: the last object of --json, whatever the exit status.
summary() { { offq verify --json || [[ $? -eq 65 ]]; } | tail -n 1; }

@test "a queue is complete through enqueue, cancel, delete, batch and retry" {
  a=$(add)
  b=$(add)
  printf '{"a":%s}\n' {1..300} | offq enqueue https://api.example.com/x --ndjson > ids
  offq cancel "$a" "$(sed -n 2p ids)"
  offq delete --yes "$b" "$(sed -n 3p ids)"
  offq retry "$a"
  run -0 offq verify
  [[ ${lines[0]} =~ ^pending\ +299$ ]]
  [[ ${lines[3]} == 'deleted            2'* ]]
  [ "${lines[-1]}" = 'complete: 302 numbers were given out in 1 series, and every one is accounted for' ]
  offq verify --json | jq -es 'length == 1 and .[0].verdict == "complete" and .[0].given == 302'
  [ "$(offq show "$a" --json | jq -r .operation.seq)" = "$(jq -r .seq "$OFFQ_DIR/pending/$a.json")" ]
}

@test "what was delivered may be pruned, or removed by hand, and the account stays complete" {
  start_receiver
  for i in 1 2 3; do
    offq enqueue "$url/x" -d "$i" >> ids
  done
  offq sync
  rm "$OFFQ_DIR/synced/$(sed -n 2p ids).json"
  run -0 offq verify
  [[ $output == *$'\nremoved            1'* ]]
  offq prune --older-than 0s
  rm -f "$OFFQ_DIR"/index.db*
  run -0 offq verify
  [[ $output == *$'\nremoved            3'* ]]
}

@test "a gap is named, exits 65, and is told no more when it is accepted" {
  a=$(add)
  b=$(add)
  c=$(add)
  rm "$OFFQ_DIR/pending/$b.json"
  run -65 offq verify
  [[ $output == *"gap: "*"-2: between $a ("*") and $c ("* ]]
  [ "${lines[-1]}" = 'incomplete: 3 numbers were given out in 1 series, 1 of them in 1 gap is unaccounted for' ]
  summary | jq -e '.verdict == "incomplete" and .gaps == 1'
  run -65 offq verify --json
  jq -es --arg a "$a" --arg c "$c" '.[0] | .first == 2 and .last == 2 and .after == $a and .before == $c' <<< "$output"
  run -0 offq verify --accept
  run -0 offq verify
  [[ $output == *'accepted           1'* ]]
}

@test "a line that is cut out of a batch, and a tail that is cut off, are missed" {
  printf '{"a":%s}\n' {1..9} | offq enqueue https://api.example.com/x --ndjson > ids
  batch=$OFFQ_DIR/pending/$(sed -n '1s/[.].*//p' ids).jsonl
  head -n 7 "$batch" > shortened
  cat shortened > "$batch"
  rm -f "$OFFQ_DIR"/index.db*
  run -65 offq verify --json
  jq -es '.[0] | .first == 8 and .last == 9' <<< "$output"
}

@test "the end of a series is missed when usage.json was lost before the next began" {
  printf '%s\n' "$(add)" "$(add)" "$(add)" > ids
  : > "$OFFQ_DIR/usage.json"
  add > /dev/null
  run -0 offq verify
  rm "$OFFQ_DIR/pending/$(sed -n 3p ids).json"
  run -65 offq verify
  [[ $output == *"gap: "*"-3: after $(sed -n 2p ids) ("* ]]
  [ "${lines[-1]}" = 'incomplete: 4 numbers were given out in 2 series, 1 of them in 1 gap is unaccounted for' ]
}

@test "the end of a series is missed when usage.json is older than a power cut" {
  add > /dev/null
  jq -c '.boot = "another"' "$OFFQ_DIR/usage.json" > old
  printf '{"a":%s}\n' {1..5} | offq enqueue https://api.example.com/x --ndjson > ids
  cat old > "$OFFQ_DIR/usage.json"
  offq list > /dev/null
  add > /dev/null
  run -0 offq verify
  rm "$OFFQ_DIR/pending/$(sed -n '1s/[.].*//p' ids).jsonl"
  run -65 offq verify --json
  jq -es '.[0] | .first == 2 and .last == 6' <<< "$output"
}

@test "no series begins when its predecessor's end cannot be put on record" {
  a=$(add)
  : > "$OFFQ_DIR/usage.json"
  mkdir "$OFFQ_DIR/ledger.jsonl"
  run -74 offq enqueue https://api.example.com/x
  [[ $output == *ledger.jsonl* ]]
  rmdir "$OFFQ_DIR/ledger.jsonl"
  [ "$(offq list --ids)" = "$a" ]
}

@test "index.db and usage.json are not needed" {
  add > /dev/null
  offq list > /dev/null
  rm "$OFFQ_DIR"/index.db* "$OFFQ_DIR/usage.json"
  add > /dev/null
  run -0 offq verify
  [[ ${lines[-1]} == 'complete: 2 numbers were given out in 2 series'* ]]
}

@test "a queue of a version without numbers is complete and counted, also once it grows" {
  add > /dev/null
  printf '{"a":%s}\n' 1 2 | offq enqueue https://api.example.com/x --ndjson > /dev/null
  # As an earlier version wrote them.
  for file in "$OFFQ_DIR"/pending/*; do
    jq -c 'del(.seq, .sum)' "$file" > old && cat old > "$file"
  done
  echo '{"ops":3,"bytes":600,"last":"01KAJ6Q00000000000000A9F3K"}' > "$OFFQ_DIR/usage.json"
  cp -a "$OFFQ_DIR" copy
  OFFQ_DIR=$PWD/copy run -0 offq verify
  [[ $output == *'unnumbered         3'* ]]
  export OFFQ_DIR=$PWD/copy
  add > /dev/null
  summary | jq -e '.verdict == "complete" and .unnumbered == 3 and .given == 1 and .pending == 4'
}

@test "many enqueue at once, and each number is there once" {
  for i in {1..8}; do
    for _ in {1..10}; do add > /dev/null; done &
    printf '{"a":%s}\n' {1..100} | offq enqueue https://api.example.com/x --ndjson > /dev/null &
  done
  wait
  summary | jq -e '.verdict == "complete" and .repeats == 0 and .pending == 880 and
    .given == .pending + .unprinted'
}

@test "batches that are killed while they are written leave no gap" {
  for i in {1..10}; do
    mkfifo "drafts.$i"
    offq enqueue https://api.example.com/x --ndjson < "drafts.$i" > /dev/null &
    writer=$!
    exec 7> "drafts.$i"
    printf '{"a":%s}\n' {1..3000} >&7
    until ls "$OFFQ_DIR"/tmp/*.jsonl.* > found 2> /dev/null; do :; done
    add > /dev/null
    kill -KILL "$writer"
    wait "$writer" || true
    exec 7>&-
  done
  summary | jq -e '.verdict == "complete" and .pending == 10'
}

@test "a file that may not be read is a gap, and stops nothing else" {
  become_nobody
  export OFFQ_DIR=$shared/queue
  a=$(nobody offq enqueue https://api.example.com/x)
  nobody offq enqueue https://api.example.com/x
  chmod 000 "$OFFQ_DIR/pending/$a.json"
  run -65 nobody offq verify --json
  jq -Rn '[inputs | fromjson?] | .[0].last == 1 and .[-1].damaged_unnumbered == 1' <<< "$output" | grep true
}

@test "verify needs a queue" {
  fails 66 offq verify
}
