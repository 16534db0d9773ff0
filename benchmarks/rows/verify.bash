# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What it costs to account for every id of a million that was ever printed.

row_verify() {
  local what="\`verify\` of $million pending"
  if ! offq help verify >/dev/null 2>&1; then
    missing verify "$what" -
    return
  fi
  make_million
  measure "verify of $million pending" "$runs_huge" \
    --- 'offq verify' offq -C million verify \
    --- 'cat of the batch file' bash -c 'cat million/pending/*.jsonl'
  bar verify "$what" "$(ms "${median[offq verify]}") ms" "$(range 'offq verify') ms" \
    "\`cat\` $(ms "${median[cat of the batch file]}") ms" \
    "$(calc '%.1f' "${median[offq verify]} / ${median[cat of the batch file]}")" - -
}
