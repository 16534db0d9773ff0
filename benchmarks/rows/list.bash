# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What it takes to see the first operations of many, with and without the index.

row_list() {
  say "$files files"
  fresh_singles full "$NOWHERE" "$files"
  offq -C full list -n 20 >/dev/null
  measure "list of $files pending files" "$runs_long" \
    --- 'offq list, warm' offq -C full list -n 20 \
    --- - bash -c 'rm -f full/index.db*' \
    --- 'offq list, no index' offq -C full list -n 20 \
    --- 'ls -f' ls -f full/pending \
    --- 'cat' bash -c "find full/pending -type f -print0 | xargs -0 cat"
  bar list "\`list -n 20\` of $files, warm" "$(ms "${median[offq list, warm]}") ms" \
    "$(range 'offq list, warm') ms" "\`ls -f\` $(ms "${median[ls -f]}") ms" \
    "$(calc '%.2f' "${median[offq list, warm]} / ${median[ls -f]}")" '≤ 60 ms' \
    "$(verdict "${median[offq list, warm]} <= 60000")"
  bar list 'the same, index deleted' "$(ms "${median[offq list, no index]}") ms" \
    "$(range 'offq list, no index') ms" "\`cat\` of all $(ms "${median[cat]}") ms" \
    "$(calc '%.2f' "${median[offq list, no index]} / ${median[cat]}")" '≤ 1000 ms' \
    "$(verdict "${median[offq list, no index]} <= 1000000")"
  rm -rf full
}
