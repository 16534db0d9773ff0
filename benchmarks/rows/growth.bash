# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How cost grows with the number of pending operations: a table, and a diagram.
#
# growth.tsv has what was measured: SERIES, COUNT, VALUE; times in microseconds.

grown() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>growth.tsv; }       # SERIES COUNT VALUE
grown_median() { grown "$1" "$2" "$(calc '%.1f' "${median[$3]} / ${4:-1}")"; } # … NAME [DIVISOR]

fresh_growing() { # KIND COUNT: the queue "growing"
  if [[ $1 == files ]]; then
    fresh_singles growing "$URL" "$2"
  else
    fresh_queue growing "$URL" && make_operations batch "$2" "$URL" growing/pending && sync -f growing
  fi
}

bytes_on_disk() { du -s --block-size=1 "$1" | cut -f1; }

# grow KIND COUNT: every measurement of one queue, whose operations are delivered at the end.
grow() {
  local kind=$1 count=$2 queue=growing
  if ((count == million)); then
    make_million
    queue=million
  else
    fresh_growing "$kind" "$count"
  fi
  offq -C "$queue" list -n 1 >/dev/null
  grown "$kind disk" "$count" \
    "$(calc '%.0f' "($(bytes_on_disk "$queue") - $(bytes_on_disk empty)) / $count")"
  measure_quietly "$count as $kind: enqueue" "$runs_queued" \
    --- grown offq -C "$queue" enqueue "$URL" -d "$payload"
  grown_median "$kind enqueue" "$count" grown
  offq -C "$queue" list -n 1 >/dev/null
  measure_quietly "$count as $kind: list, status" "$runs_long" \
    --- list offq -C "$queue" list -n 20 --- status=1 offq -C "$queue" status
  grown_median "$kind list" "$count" list
  grown_median "$kind status" "$count" status
  measure_quietly "$count as $kind: index deleted" "$runs_huge" \
    --- - bash -c "rm -f $queue/index.db*" --- index offq -C "$queue" list -n 20 \
    --- cat bash -c "find $queue/pending -type f -print0 | xargs -0 cat"
  grown_median "$kind index" "$count" index
  grown_median "$kind cat" "$count" cat
  if ((count == million)); then
    sync_million
    grown_median "$kind sync" "$count" 'offq sync, a million' "$count"
    grown "$kind memory" "$count" "$(mib 'offq sync, a million')"
    return
  fi
  if ((count < 100000)); then
    measure_quietly "$count as $kind: sync" "$runs_huge" \
      --- - bash -c "fresh_growing $kind $count" --- sync offq -C growing sync
  else # filling it again would take longer
    measure_quietly "$count as $kind: sync" 1 --- sync offq -C growing sync
  fi
  grown_median "$kind sync" "$count" sync "$count"
  grown "$kind memory" "$count" "$(mib sync)"
}

# Each job that waits is a process, in nq and in tsp, and tsp takes a thousand of them at most.
grow_jobs() {
  local count filled=1 i
  hold_jobs
  for count in "${growth_jobs[@]}"; do
    for ((i = filled; i < count; ++i)); do
      NQDIR=$work/nq-long nq true >/dev/null
      timeout 20 tsp true >/dev/null || die 'tsp takes no more jobs'
    done
    NQDIR=$work/nq-long measure_quietly "$count jobs of nq and tsp" 21 \
      --- nq nq true --- tsp tsp true
    filled=$((count + 21))
    grown_median nq "$count" nq
    grown_median tsp "$count" tsp
  done
  release_jobs
}

grow_others() { # COUNT...
  local count
  for count; do
    fresh_database growing.db
    sqlite3 growing.db "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < $count)
      INSERT INTO q(body) SELECT '$payload' FROM c"
    measure_quietly "$count rows of sqlite3" 21 --- grown sqlite3 growing.db "$sql_insert"
    grown_median sqlite "$count" grown
    ((count < million)) || continue
    measure_quietly "$count requests of libcurl" "$runs_huge" \
      --- grown bare_curl_loop "$URL" "$count" 8 1.1
    grown_median loop "$count" grown "$count"
  done
  rm -f growing.db*
  for count in "${growth_xargs[@]}"; do
    measure_quietly "$count requests of xargs curl" "$runs_huge" --- grown bash -c "xargs_curl $count"
    grown_median xargs "$count" grown "$count"
  done
}

# at SERIES COUNT [FORMAT DIVISOR]: as a cell of a table
at() {
  awk -F '\t' -v series="$1" -v count="$2" -v format="${3:-%.2f}" -v divisor="${4:-1000}" '
    $1 == series && $2 == count { printf format, $3 / divisor; found = 1 }
    END { if (!found) printf "-" }' growth.tsv
}

growth_table() { # COUNT...
  local count kind series
  printf '\n### How cost grows\n\n'
  echo '| pending | as | enqueue ms | list -n 20 ms | status ms | list, index deleted ms | sync µs each | sync peak MiB | disk bytes each |'
  echo '|---|---|---|---|---|---|---|---|---|'
  for kind in files batch; do
    for count; do
      grep -q "^$kind list	$count	" growth.tsv || continue
      printf '| %s | %s |' "$count" "$kind"
      for series in enqueue list status index; do printf ' %s |' "$(at "$kind $series" "$count")"; done
      printf ' %s | %s | %s |\n' "$(at "$kind sync" "$count" %.1f 1)" \
        "$(at "$kind memory" "$count" %.1f 1)" "$(at "$kind disk" "$count" %.0f 1)"
    done
  done
  printf '\nOthers, as far as they go:\n\n'
  echo '| waiting | nq true ms | tsp true ms | sqlite3 insert ms | cat of all files ms | bare libcurl loop µs each | xargs -P8 curl µs each |'
  echo '|---|---|---|---|---|---|---|'
  for count in $(printf '%s\n' "$@" "${growth_jobs[@]}" "${growth_xargs[@]}" | sort -nu); do
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$count" "$(at nq "$count")" "$(at tsp "$count")" \
      "$(at sqlite "$count")" "$(at 'files cat' "$count")" "$(at loop "$count" %.1f 1)" \
      "$(at xargs "$count" %.1f 1)"
  done
  printf '\n%s %s\n' 'nq and tsp end at about 1,000: every job that waits is a process of its own. What is measured' \
    "as files ends at ${growth_files[-1]}, to spare the disk; a million is one batch file."
}

plotted() { # NAME LOOK SERIES DIVISOR
  awk -F '\t' -v name="$1" -v look="$2" -v series="$3" -v divisor="$4" '
    $1 == series { points = points sprintf("\t%d\t%.6g", $2, $3 / divisor) }
    END { printf "line\t%s\t%s%s\n", name, look, points }' growth.tsv
}

growth_figure() {
  printf 'panel\tAdd one operation\tms\n'
  plotted 'offq enqueue' first 'batch enqueue' 1000
  plotted 'sqlite3 insert' other sqlite 1000
  plotted nq other nq 1000
  plotted tsp other tsp 1000
  printf 'panel\tSee what is there\tms\n'
  plotted 'list -n 20' first 'batch list' 1000
  plotted 'index lost, batch' second 'batch index' 1000
  plotted 'index lost, files' second 'files index' 1000
  plotted 'cat of all files' other 'files cat' 1000
  printf 'panel\tDeliver one operation\tµs\n'
  plotted 'sync, batch' first 'batch sync' 1
  plotted 'sync, files' second 'files sync' 1
  plotted 'libcurl alone' other loop 1
  plotted 'xargs curl' other xargs 1
  printf 'panel\tPeak memory of sync\tMiB\n'
  plotted 'sync, batch' first 'batch memory' 1
  plotted 'sync, files' second 'files memory' 1
  printf 'line\tlimit: 64 MiB\tlimit\t%s\t64\t%s\t64\n' "${growth_files[0]}" "$million"
  printf 'note\toffq and sqlite3 are on disk when they return; nq and tsp sync nothing, and each of their waiting jobs is a process: about 1,000 is their end.\n'
}

row_growth() {
  local count counts=("${growth_files[@]}" "$million") reference=${growth_files[1]}
  start_nginx
  : >growth.tsv
  fresh_queue empty "$URL"
  export -f fresh_growing
  for count in "${growth_files[@]}"; do grow files "$count"; done
  for count in "${counts[@]}"; do grow batch "$count"; done
  rm -rf growing
  grow_jobs
  grow_others "${counts[@]}"
  growth_table "${counts[@]}" >>details
  growth_figure >figure
  plot <figure >growth.svg
  bar growth "\`list -n 20\` of $million, warm" "$(at 'batch list' "$million") ms" - \
    "of $reference $(at 'batch list' "$reference") ms" \
    "$(calc '%.2f' "$(at 'batch list' "$million") / $(at 'batch list' "$reference")")" - -
  bar growth "\`sync\`, each of $million" "$(at 'batch sync' "$million" %.1f 1) µs" - \
    "of $reference $(at 'batch sync' "$reference" %.1f 1) µs" \
    "$(calc '%.2f' "$(at 'batch sync' "$million") / $(at 'batch sync' "$reference")")" - -
}
