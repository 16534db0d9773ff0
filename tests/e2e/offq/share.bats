#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets url, port, spawned and faulty
# Several operations in one request.

load ../common
load ../servers
load ../nginx

teardown() { stop_servers; }

# configure URL BATCH: operations of type metric go to URL/metrics, and share requests.
configure() {
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  cat > "$XDG_CONFIG_HOME/offkit/config.yaml" << EOF
endpoints: {api: {url: "$1"}}
types: {metric: {endpoint: api, path: /metrics, batch: {$2}}}
EOF
}

# lines COUNT: as many payloads.
lines() { seq "$1" | sed 's/.*/{"n":&}/'; }

@test "a batch file is delivered in as many requests as it needs" {
  start_nginx
  configure "$url" 'max_ops: 100, format: ndjson'
  lines 1050 | offq enqueue --type metric --ndjson - > ids
  run -0 --separate-stderr offq sync --dry-run --json
  [ "$(tail -n 1 <<< "$output" | jq -c '[.requests, .operations, .held]')" = '[11,1050,0]' ]
  run -0 --separate-stderr offq sync --dry-run
  says '11 requests for 1050 operations'
  run -0 --separate-stderr offq sync
  [ "$output" = '1050 delivered' ]
  wait_for_lines access.log 11 ''
  [ "$(cut -d' ' -f2-4 access.log | sort -u)" = 'POST /metrics 200' ]
  [ "$(cut -d' ' -f5 access.log | sort -u | wc -l)" -eq 11 ]
  grep -qF "$(head -n 1 ids)+99-" access.log
  diff <(offq list --state synced --ids | sort) <(sort ids)
}

@test "--json has a line for each operation, and --max-ops counts them" {
  start_nginx
  configure "$url" 'max_ops: 8'
  lines 30 | offq enqueue --type metric --ndjson - > ids
  run -0 --separate-stderr offq sync --json --max-ops 20
  [ "$(jq -r 'select(.outcome == "delivered") | .id' <<< "$output" | sort -u | wc -l)" -eq 20 ]
  [ "$(jq -r 'select(.summary) | .summary.delivered' <<< "$output")" = 20 ]
  wait_for_lines access.log 3 ''
}

@test "the server says of each operation what became of it" {
  start_faulty result-for-each
  configure "$url" 'format: ndjson, verdict: each'
  printf '{"n":%s}\n' 1 '"bad"' 3 | offq enqueue --type metric --ndjson - > ids
  run -1 --separate-stderr offq sync
  [ "$output" = '2 delivered, 1 failed' ]
  says 'status 422: it is bad'
  [ "$(requests_of result-for-each)" -eq 1 ]
  bad=$(sed -n 2p ids)
  [ "$(offq list --state failed --ids)" = "$bad" ]
  [ "$(grep -hF "\"$bad\"" "$OFFQ_DIR"/receipts/* | jq -r '.http | "\(.status) \(.body)"')" = \
    '422 {"status":422,"error":"it is bad"}' ]
}

@test "an answer that names no results delivers nothing and holds the destination" {
  start_faulty good
  configure "$url" 'verdict: each'
  lines 5 | offq enqueue --type metric --ndjson -
  run -75 --separate-stderr offq sync
  says 'without results for each operation'
  [ "$(offq list --state pending --ids | wc -l)" -eq 5 ]
}

@test "what was under way in a killed sync arrives again under the same ids" {
  hold_port
  start_faulty never-answer "$port"
  configure "$url" 'max_ops: 10, wrap: operation'
  lines 40 | offq enqueue --type metric --ndjson - > ids
  spawn sync.log offq sync
  wait_for_lines never-answer.log 4 '^POST '
  stop "$spawned"
  stop "$faulty"
  grep '^POST ' never-answer.log | cut -d' ' -f3 | sort > keys
  start_receiver_at "$port"
  run -0 --separate-stderr offq sync --force
  [ "$output" = '40 delivered' ]
  diff <(jq -r .key inbox/inbox.jsonl | sort) keys
  diff <(jq -r '.body[].id' inbox/inbox.jsonl | sort) <(sort ids)
}
