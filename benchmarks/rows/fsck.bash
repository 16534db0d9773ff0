# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What checking a queue of a million costs.

row_fsck() {
  make_million
  offq -C million list -n 1 >/dev/null
  measure "fsck of $million pending" "$runs_huge" \
    --- 'offq fsck' offq -C million fsck \
    --- 'cat of the batch file' bash -c 'cat million/pending/*.jsonl'
  bar fsck "\`fsck\` of $million pending" "$(ms "${median[offq fsck]}") ms" \
    "$(range 'offq fsck') ms" "\`cat\` $(ms "${median[cat of the batch file]}") ms" \
    "$(calc '%.1f' "${median[offq fsck]} / ${median[cat of the batch file]}")" - -
}
