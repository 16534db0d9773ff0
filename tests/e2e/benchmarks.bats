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
