# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Does enqueueing become slower when a million operations wait?

row_backlog() {
  make_million
  fresh_queue empty "$URL"
  hold_jobs
  local i ratio
  for ((i = 1; i < nq_backlog; ++i)); do NQDIR=$work/nq-long nq true >/dev/null; done
  measure "enqueue with $million pending" "$runs_short" \
    --- 'offq, empty' offq -C empty enqueue "$URL" -d "$payload" \
    --- 'offq, backlog' offq -C million enqueue "$URL" -d "$payload"
  measure "nq with $nq_backlog and more jobs waiting" "$runs_queued" \
    --- - bash -c idle_nq \
    --- 'nq, empty' nq true \
    --- 'nq, backlog' env "NQDIR=$work/nq-long" nq true \
    --- 'env' env "NQDIR=$work/nq-long" true
  release_jobs
  ratio=$(calc '%.2f' "${median[offq, backlog]} / ${median[offq, empty]}")
  bar backlog "the same with $million pending" "$(ms "${median[offq, backlog]}") ms" \
    "$(range 'offq, backlog') ms" "empty queue $(ms "${median[offq, empty]}") ms" \
    "$ratio" '≤ 1.2' "$(verdict "$ratio <= 1.2")"
}
