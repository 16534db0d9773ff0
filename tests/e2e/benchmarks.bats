#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# benchmarks/run.sh runs and reports every row. How long anything takes is not tested.
load common

@test "every row of the benchmark is measured and reported, and nothing is left behind" {
  mkdir tmp
  TMPDIR=$BATS_TEST_TMPDIR/tmp run -0 "$OFFKIT_SOURCE/benchmarks/run.sh" --quick --output results.md
  for row in enqueue backlog ndjson list sync batching latency fsck verify growth memory upload watch network; do
    grep -E "^\| $row \| .* \| (met|\*\*missed\*\*|not in this version|-) \|$" results.md
  done
  grep -E '^- (date|machine|work directory|offq|nq)' results.md
  [ -z "$(ls -A tmp)" ]
}

@test "only the rows that are named are measured; others are refused" {
  run -0 "$OFFKIT_SOURCE/benchmarks/run.sh" --quick --output results.md batching
  grep '^| batching | ' results.md
  [ "$(grep -c '^| sync | ' results.md)" -eq 0 ]
  fails 2 "$OFFKIT_SOURCE/benchmarks/run.sh" --quick --output results.md speed
  says 'no such row: speed'
}

@test "the diagram of growth is one that a browser can read, and names what it compares" {
  run -0 "$OFFKIT_SOURCE/benchmarks/run.sh" --quick --output results.md growth
  for what in 'offq enqueue' nq tsp 'sqlite3 insert' 'list -n 20' 'sync, files' 'sync, batch'; do
    grep "name\">$what</tspan>" growth.svg
  done
  grep 'prefers-color-scheme: dark' growth.svg
  # Every line has a point for each size.
  [ "$(grep -c 'class="first dot"' growth.svg)" -eq 12 ]
  awk 'gsub(/<text/, "") != gsub(/<\/text>/, "") { exit 1 }' growth.svg
}

@test "a benchmark that is ended while it measures leaves no network and no file behind" {
  [[ $EUID -eq 0 ]] || skip 'network namespaces need root'
  ip netns add "try-$$" 2>/dev/null || skip 'no network namespaces here'
  ip netns del "try-$$"
  mkdir tmp
  : >log
  TMPDIR=$BATS_TEST_TMPDIR/tmp "$OFFKIT_SOURCE/benchmarks/run.sh" --quick --output results.md network \
    >log 2>&1 3>&- &
  local benchmark=$! code=0
  timeout 100 tail -n +1 -f --pid="$benchmark" log | grep -q '^# netwatch: default route deleted'
  ip netns list | grep -q -- "bench-c-$benchmark"
  kill -TERM "$benchmark"
  wait "$benchmark" || code=$?
  [ "$code" -eq 143 ]
  [ "$(ip netns list | grep -c -- "bench-.-$benchmark")" -eq 0 ]
  [ -z "$(ls -A tmp)" ]
  [ ! -e "/etc/netns/bench-c-$benchmark" ]
  [ ! -e results.md ]
}
