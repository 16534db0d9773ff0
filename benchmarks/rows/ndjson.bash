# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How fast a batch of lines becomes durable.

row_ndjson() {
  make_lines "$lines" >many-lines
  # shellcheck disable=SC2016  # for the inner shell
  measure "enqueue --ndjson of $lines lines" "$runs_long" \
    --- - bash -c 'fresh_queue many "$NOWHERE"' \
    --- 'offq --ndjson' bash -c \
    'cat many-lines | offq -C many enqueue "$NOWHERE" --type metric_log --ndjson' \
    --- - bash -c 'fresh_database many.db' \
    --- 'sqlite3 .import' bash -c \
    'cat many-lines | sqlite3 -cmd "PRAGMA synchronous=FULL" -cmd ".mode ascii" \
       -cmd ".separator \"\\037\" \"\\n\"" many.db ".import /dev/stdin q_lines"' \
    --- 'lines through cat' bash -c 'cat many-lines | cat'
  # shellcheck disable=SC2016
  measure "one file each, $single_lines of them" 1 \
    --- - bash -c 'fresh_queue each "$NOWHERE"' \
    --- 'xargs offq enqueue' bash -c "head -n $single_lines many-lines |
      xargs -d '\\n' -I{} offq -C each enqueue \"\$NOWHERE\" -d {}"
  local got want each ratio
  got=$(rate 'offq --ndjson' "$lines")
  want=$(rate 'sqlite3 .import' "$lines")
  each=$(rate 'xargs offq enqueue' "$single_lines")
  ratio=$(calc '%.2f' "$got / $want")
  note "sqlite3: its shell imports the same lines from the same kind of pipe, in one transaction," \
    "WAL and synchronous=FULL. One process for each line: $each/s."
  bar ndjson "\`enqueue --ndjson\`, $lines operations from a pipe" "$got/s" \
    "$(rates 'offq --ndjson' "$lines")/s" "one process each $each/s" - '≥ 150000/s' \
    "$(verdict "$got >= 150000")"
  bar ndjson 'the same' "$got/s" "$(rates 'offq --ndjson' "$lines")/s" \
    "one SQLite transaction $want/s" "$ratio" '≥ 0.5' "$(verdict "$ratio >= 0.5")"
}
