#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq prune: forgetting what was delivered long ago.
load ../common
load queue

@test "prune removes old deliveries, their receipts, and bodies that nothing names" {
  head -c 100000 /dev/urandom > big
  old=$(offq enqueue https://api.example.com/x --data-binary @big)
  young=$(add)
  failed=$(add)
  pending=$(add)
  offq cancel "$failed"
  deliver "$old" 2020-01-01
  deliver "$young"
  offq list > /dev/null
  find "$OFFQ_DIR/blobs" -type f -exec touch -d '2 hours ago' {} +

  run offq prune --dry-run
  [[ $output == 'would remove 1 operation, 1 day of receipts, 1 body: 10'?' kB' ]]
  [ "$(count)" -eq 4 ]
  run offq prune --older-than 30d
  [[ $output == 'removed 1 operation, 1 day of receipts, 1 body'* ]]
  [ -z "$(names blobs)" ]
  [ "$(jq -rs 'map(.id) | sort | join(" ")' "$OFFQ_DIR"/receipts/*)" = "$young $failed" ]
  rm -f "$OFFQ_DIR"/index.db*
  [ "$(offq list --ids)" = "$young"$'\n'"$failed"$'\n'"$pending" ]
}

@test "what a pending operation waits for stays" {
  old=$(add)
  add --after "$old" > /dev/null
  deliver "$old" 2020-01-01
  offq prune --older-than 1d
  [ "$(state "$old")" = synced ]
  [ "$(names receipts)" = 2020-01-01.jsonl ]
}

@test "keep_synced of the configuration is the default" {
  old=$(add)
  deliver "$old" "$(date -u -d '2 days ago' +%F)"
  offq prune
  [ "$(count)" -eq 1 ]
  OFFQ_QUEUE_KEEP_SYNCED=1d offq prune
  [ "$(count)" -eq 0 ]
}

@test "prune and sync exclude each other" {
  old=$(add --key colour)
  deliver "$old" 2020-01-01
  exec 9> "$OFFQ_DIR/lock"
  flock 9
  run -75 --separate-stderr offq prune
  says 'offq: another sync is running'
  run -0 offq prune --dry-run
  [ "$(count)" -eq 1 ]
  exec 9>&-
  run -0 offq prune
  [ "$(count)" -eq 0 ]
  [ "$(names keys)" = lock ]
}

@test "without a queue there is nothing to prune" {
  run -0 offq prune
  [[ $output == 'removed 0 operations'* ]]
  [ ! -e "$OFFQ_DIR" ]
}
