#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq list, stats and status: looking at a queue, whatever state it is in.
load ../common
load queue

@test "a queue that is not there looks empty and is not made" {
  for command in list 'list --json' 'list --ids'; do
    # shellcheck disable=SC2086
    run --separate-stderr offq $command
    [ "$status" -eq 0 ]
    [ -z "$output$stderr" ]
  done
  offq stats --json | jq -e '.pending.ops == 0 and .failed.ops == 0'
  [ "$(offq status)" = 'offq: nothing pending' ]
  fails 66 offq list AAAA
  [ ! -e "$OFFQ_DIR" ]
  mkdir -m 700 "$OFFQ_DIR"
  offq list
  [ -z "$(ls -A "$OFFQ_DIR")" ]
}

@test "list shows a table, JSON and ids, and only what was asked for" {
  a=$(add --lane one --priority 3)
  b=$(add -X PUT --key k --not-before 2h --critical)
  offq cancel "$a"
  run offq list
  [[ ${lines[0]} == ID*STATE*TYPE*TARGET*REASON ]]
  [[ $output == *"$a  failed "*"POST api.example.com/v1/x"*cancelled* ]]
  [[ $output == *"$b  pending"*"in "* ]]

  offq list --json > all
  jq -es 'length == 2' all
  jq -es '.[0] | .lane == "one" and .priority == 3 and .reason == "cancelled" and .bytes == 10
    and .method == "POST" and .attempts == 0 and (.settled_at | type) == "string"' all
  jq -es '.[1] | .key == "k" and .critical and (.not_before | type) == "string"' all
  [ "$(offq list --ids)" = "$a"$'\n'"$b" ]
  [ "$(offq list --ids --sort priority --reverse | wc -l)" -eq 2 ]
  [ "$(offq list --ids --reverse -n 1)" = "$b" ]
  [ "$(offq list --ids --state pending,synced)" = "$b" ]
  [ "$(offq list --ids --lane one)" = "$a" ]
  [ "$(offq list --ids --key k)" = "$b" ]
  [ "$(offq list --ids --reason cancelled)" = "$a" ]
  [ "$(offq list --ids --newer-than 1h | wc -l)" -eq 2 ]
  [ -z "$(offq list --older-than 1h)" ]
  [ "$(offq list --ids "${b: -6}")" = "$b" ]
  fails 2 offq list --state lost
  fails 2 offq list 'a b'
}

@test "status is one line and says by its exit code whether something is left" {
  a=$(add)
  b=$(add --not-before 2h)
  run -1 offq status
  [ "$output" = 'offq: 2 pending, next now' ]
  offq cancel "$a"
  run -1 offq status
  [[ $output =~ ^'offq: 1 pending, 1 failed, next in '[0-9.]+[mh]$ ]]
  offq cancel "$b"
  run -1 offq status
  [ "$output" = 'offq: 0 pending, 2 failed' ]
  run -1 offq status --json
  jq -e '.pending == 0 and .failed == 2' <<< "$output"
}

@test "status and stats know what is due: not what waits for another operation" {
  a=$(add --not-before 2h --lane l)
  add --after "$a" > /dev/null
  add --lane l > /dev/null
  run -1 offq status
  [[ $output =~ ^'offq: 3 pending, next in '[0-9.]+[mh]$ ]]
  add --lane m > /dev/null
  run -1 offq status --json
  jq -e '(.next_due_at | sub("[.][0-9]+Z"; "Z") | fromdate) <= now' <<< "$output"
  offq stats --json | jq -e '(.next_due_at | sub("[.][0-9]+Z"; "Z") | fromdate) <= now'
}

@test "stats counts by state, type and reason" {
  a=$(add)
  add --type api_call > /dev/null
  offq cancel "$a"
  offq stats --json > stats
  jq -e '.pending.ops == 1 and .failed.reasons.cancelled == 1 and .last.minute.failed == 1
    and .usage.max_ops == 1000000 and .reserve' stats
  run offq stats
  [[ $output == *'1 of 1000000 operations'* ]]
}

@test "damaged files of every kind stop nothing" {
  good=$(add)
  for folder in pending synced failed; do
    : > "$OFFQ_DIR/$folder/01KAJ6Q0000000000000000001.json"
    head -c 300 /dev/urandom > "$OFFQ_DIR/$folder/01KAJ6Q0000000000000000002.json"
    head -c 40 "$OFFQ_DIR/pending/$good.json" > "$OFFQ_DIR/$folder/01KAJ6Q0000000000000000003.json"
    cp "$OFFQ_DIR/pending/$good.json" "$OFFQ_DIR/$folder/01KAJ6Q0000000000000000004.json"
    mkdir "$OFFQ_DIR/$folder/01KAJ6Q0000000000000000005.json" "$OFFQ_DIR/$folder/x.jsonl"
    : > "$OFFQ_DIR/$folder/.hidden"
    ln -s /etc/passwd "$OFFQ_DIR/$folder/01KAJ6Q0000000000000000006.json"
  done
  run --separate-stderr offq list --json
  [ "$status" -eq 0 ]
  [ "$(state "$good")" = pending ]
  for id in $(offq list --ids); do
    run offq show "$id"
    [[ $status -eq 0 || $status -eq 65 ]]
  done
  rm "$OFFQ_DIR/index.db"
  [ "$(state "$good")" = pending ]
}

@test "a damaged or deleted index is made again" {
  id=$(add)
  offq list > before
  head -c 5000 /dev/urandom > "$OFFQ_DIR/index.db"
  run --separate-stderr offq list --ids
  [ "$status" -eq 0 ]
  [ "$output" = "$id" ]
  rm -f "$OFFQ_DIR"/index.db*
  [ "$(offq list --ids)" = "$id" ]
  rm -f "$OFFQ_DIR"/index.db*
  mkdir "$OFFQ_DIR/index.db"
  [ "$(offq list --ids)" = "$id" ]
}

@test "an index that another process keeps for ever delays, and stops nothing" {
  id=$(add)
  offq list
  coproc LOCK { sqlite3 "$OFFQ_DIR/index.db" 2>&1; }
  printf 'BEGIN EXCLUSIVE;\nSELECT 1;\n' >&"${LOCK[1]}"
  read -r -u "${LOCK[0]}" _
  other=$(add)
  run --separate-stderr timeout 20 offq list --ids
  [ "$status" -eq 0 ]
  [ "$output" = "$id"$'\n'"$other" ]
  run timeout 20 offq cancel "$id"
  [[ $status -eq 0 || $status -eq 75 ]]
  printf '.quit\n' >&"${LOCK[1]}"
  wait "$LOCK_PID" || true
}

@test "a queue that cannot be written is listed with a warning" {
  as_nobody test -x "$(command -v offq)" || skip "nobody may not run the programs here"
  id=$(add)
  rm -f "$OFFQ_DIR"/index.db*
  [[ $(id -u) -ne 0 ]] || chown -R 65534:65534 "$OFFQ_DIR"
  chmod -R a-w "$OFFQ_DIR"
  chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" 2> /dev/null || true
  run --separate-stderr as_nobody offq list --ids
  status_seen=$status output_seen=$output stderr_seen=$stderr
  run --separate-stderr as_nobody offq cancel "$id"
  cancelled=$status
  chmod -R u+w "$OFFQ_DIR"
  [ "$status_seen" -eq 0 ]
  [ "$output_seen" = "$id" ]
  [[ $stderr_seen == *'cannot be written'* ]]
  [ "$cancelled" -eq 77 ]
}

@test "a foreign directory, an open one and a newer format are refused" {
  add > /dev/null
  chmod 777 "$OFFQ_DIR"
  fails 77 offq list
  says 'others may write'
  chmod 700 "$OFFQ_DIR"
  echo '{"format":2,"queue":"01KAJ6Q0000000000000000000"}' > "$OFFQ_DIR/queue.json"
  fails 78 offq list
  says 'format 2'
  fails 78 offq status
  [ "$(id -u)" -eq 0 ] || skip "only root can give a directory away"
  chown 65534 "$OFFQ_DIR"
  fails 77 offq list
  fails 77 offq clear pending --yes
}

@test "a reader that goes away ends list quietly" {
  for _ in {1..300}; do echo '{"a":1}'; done | offq enqueue https://api.example.com/x --ndjson > ids
  set +o pipefail
  offq list --json 2> err | head -n 1 | jq -e .id
  [ ! -s err ]
}

@test "a row of a list fits on a line of the terminal, whatever it says" {
  echo 1 | offq enqueue https://a-rather-long-name.example.com/with/a/path --type a_type_with_a_name --ndjson
  offq cancel --all
  run -0 script -qec 'stty cols 80; offq list' /dev/null
  [ "${#lines[@]}" -eq 2 ]
  for line in "${lines[@]}"; do
    line=$(sed 's/\x1b\[[0-9]*m//g' <<< "${line%$'\r'}")
    [ "${#line}" -le 80 ]
  done
  [[ $line == *'  cancel'* ]] # the last one
}
