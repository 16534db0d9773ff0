#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq fsck: is the queue in order, and can it be brought into order?
# shellcheck disable=SC2154  # servers.bash sets spawned and url
load ../common
load ../servers
load queue

teardown() { stop_servers; }

@test "a queue in order is clean" {
  a=$(add)
  b=$(add)
  add > /dev/null
  printf '{"a":%s}\n' 1 2 3 | offq enqueue https://api.example.com/x --ndjson > ids
  deliver "$a"
  offq cancel "$b" "$(sed -n 2p ids)"
  run -0 offq fsck
  [[ ${lines[0]} == clean* ]]
  [ "${lines[1]}" = 'nothing is lost' ]
  offq fsck --json | jq -es 'length == 1 and .[0].verdict == "clean" and .[0].lost == []'
}

@test "damage in place is found, repaired by moving to failed, and lost is said" {
  a=$(add)
  b=$(add)
  offq list > /dev/null
  sed -i 's/1\.10/1.20/' "$OFFQ_DIR/pending/$a.json"
  printf 'x' | dd of="$OFFQ_DIR/pending/$b.json" bs=1 seek=10 conv=notrunc status=none
  run -65 offq fsck
  [[ $output == *damage*"$b"*"lost: $b"* ]]
  cp "$OFFQ_DIR/pending/$b.json" before
  run -65 offq fsck --repair
  [ "$(state "$b")" = failed ]
  cmp before "$OFFQ_DIR/failed/$b.json"
  run -65 offq fsck
  [[ $output == *$'\ndamaged ('*"lost: $b"* ]]
  offq delete --yes "$a" "$b"
  run -0 offq fsck
  [[ $output == *'nothing is lost'* ]]
}

@test "garbage in pending/ is moved out of the way and named, and nothing is lost" {
  add > /dev/null
  echo garbage > "$OFFQ_DIR/pending/note.json"
  offq list > /dev/null
  run -0 offq fsck
  [[ $output == *"failed/"*"was put into pending/ as 'note.json', is no operation"* ]]
  [[ $output == *$'\nclean ('*$'\nnothing is lost' ]]
}

@test "an operation whose body is gone is given up by --repair" {
  head -c 100000 /dev/urandom > big
  a=$(offq enqueue https://api.example.com/x --data-binary @big)
  blob=$OFFQ_DIR/blobs/$(names blobs)
  truncate -s 99999 "$blob"
  run -65 offq fsck --json
  jq -es --arg id "$a" '.[0].severity == "damage" and .[-1].lost == [$id]' <<< "$output"
  run -65 offq fsck --repair
  [ "$(state "$a")" = failed ]
  run -65 offq fsck
  [[ $output == *"failed/$a.json: its body blobs/"*' has 99999 bytes instead of 100000'*"lost: $a"* ]]
  fails 1 offq retry "$a"
  says "$a: its body blobs/${blob##*/} is missing or damaged: put it back first"
  rm "$blob"
  run -65 offq fsck
  fails 1 offq retry --all
  cp big "$blob"
  offq retry "$a"
  run -0 offq fsck
}

@test "an index that does not say what the files say is found, and made again" {
  a=$(add)
  printf '{"a":%s}\n' 1 2 3 | offq enqueue https://api.example.com/x --ndjson > ids
  offq list > /dev/null
  sqlite3 "$OFFQ_DIR/index.db" "DELETE FROM ops WHERE line = 2 OR stem = '$a'"
  run -65 offq fsck
  [[ $output == *'warning index.db: differs from the files in 2 places (repair: makes it again)'* ]]
  run -1 offq fsck --repair
  [ "$(offq list --ids | wc -l)" -eq 4 ]
  run -0 offq fsck
}

@test "strange files are told and left alone" {
  add > /dev/null
  mkdir "$OFFQ_DIR/pending/dir.json" "$OFFQ_DIR/tmp/dir"
  echo hello > "$OFFQ_DIR/notes"
  echo '{' >> "$OFFQ_DIR/receipts/2026-01-01.jsonl"
  run -0 offq fsck
  [[ $output == *'info    notes: is no part of a queue'* ]]
  run -0 offq fsck --repair
  [ -d "$OFFQ_DIR/pending/dir.json" ]
  [ "$(cat "$OFFQ_DIR/notes")" = hello ]
}

@test "repair waits for no sync, and needs a queue" {
  fails 66 offq fsck
  add > /dev/null
  exec 9> "$OFFQ_DIR/lock"
  flock 9
  run --separate-stderr -75 offq fsck --repair
  says 'offq: another sync is running'
}

# keeps_adding: until somebody makes `enough`.
keeps_adding() {
  while [[ ! -e enough ]]; do
    add || return
    printf '{"a":%s}\n' 1 2 3 | offq enqueue https://api.example.com/x --ndjson
  done
}

@test "what others enqueue meanwhile is no damage, and stops no repair" {
  add
  spawn added keeps_adding
  adding=$spawned
  wait_for_lines added 5 . "$adding"
  for _ in $(seq 10); do
    run -0 offq fsck
    run -0 offq fsck --repair
  done
  touch enough
  wait "$adding"
  run -0 offq fsck
  [[ $output == *"operations $(($(wc -l < added) + 1)),"* ]]
}

@test "what a sync delivers meanwhile is no damage" {
  start_receiver
  for _ in $(seq 100); do offq enqueue "$url/x" -d 1; done
  for _ in $(seq 300); do echo '{"a":1}'; done | offq enqueue "$url/x" --ndjson
  spawn sync.log offq sync
  syncer=$spawned
  while kill -0 "$syncer" 2> /dev/null; do run -0 offq fsck; done
  wait "$syncer"
  [ "$(count --state synced)" -eq 400 ]
}
