# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# Queues, offq's and others', in the state that a row needs; sourced by run.sh. Exported functions are
# run between measurements.

export NOWHERE=http://127.0.0.1:9/metrics
# shellcheck disable=SC2089,SC2090  # the quotes are the JSON's
export payload='{"metric":"loss","step":1,"value":0.25}'
sql_insert="PRAGMA synchronous=FULL; INSERT INTO q(body) VALUES('$payload')"

make_lines() { # COUNT
  awk -v n="$1" 'BEGIN { for (i = 1; i <= n; ++i)
                           printf "{\"metric\":\"loss\",\"step\":%d,\"value\":0.25}\n", i }'
}

fresh_queue() { # DIR URL: a queue that has been used once and is empty
  rm -rf "$1"
  offq -C "$1" enqueue "$2" -d 1 >id && offq -C "$1" cancel "$(<id)" >/dev/null
}
fresh_database() { # FILE
  rm -f "$1" "$1"-*
  sqlite3 "$1" 'PRAGMA journal_mode=WAL; CREATE TABLE q(id INTEGER PRIMARY KEY, body TEXT)' >/dev/null
}
fresh_singles() { # DIR URL COUNT: on disk, as enqueue would have left them
  fresh_queue "$1" "$2" && make_operations single "$3" "$2" "$1/pending" && sync -f "$1"
}
fresh_batch() { # DIR URL FILE
  fresh_queue "$1" "$2" && offq -C "$1" enqueue "$2" --type metric_log --ndjson "$3" >/dev/null
}
idle_nq() { # until its jobs have ended; an empty queue is the best that can be said about nq
  nq -w >/dev/null 2>&1
  rm -f "$NQDIR"/,*
}
xargs_curl() { # COUNT: what a script would do without a queue
  seq -f '01K%023.0f' "$1" | xargs -P8 -I{} curl -sS -o /dev/null -H 'Content-Type: application/json' \
    -H 'Idempotency-Key: {}' -d "$payload" "$URL"
}
export -f fresh_queue fresh_database fresh_singles fresh_batch idle_nq xargs_curl

make_million() {
  [[ ! -d million ]] || return 0
  say "a queue of $million"
  start_nginx
  fresh_queue million "$URL"
  make_lines "$million" | offq -C million enqueue "$URL" --type metric_log --ndjson >/dev/null
}

# Delivers the million, once: two rows tell of it.
sync_million() {
  [[ -z ${median[offq sync, a million]-} ]] || return 0
  make_million
  measure "sync with $million pending" 1 --- 'offq sync, a million' offq -C million sync
  note "All $million are in one batch file, and are delivered:" \
    "$(rate 'offq sync, a million' "$million")/s."
  rm -rf million
}

# --- jobs of nq and tsp that wait behind one that reads from the gate ---

# hold_jobs: from now on, jobs of nq in nq-long, and of tsp, wait until release_jobs.
gate=
hold_jobs() {
  [[ -p gate ]] || mkfifo gate
  exec {gate}<>gate
  NQDIR=$work/nq-long nq sh -c "read -r line <'$work/gate'" >/dev/null
  tsp sh -c "read -r line <'$work/gate'" >/dev/null
}

release_jobs() {
  [[ -n $gate ]] || return 0
  local jobs job
  mapfile -t jobs < <(find nq-long -name ',*' | sort)
  for job in "${jobs[@]:1}"; do kill "${job##*.}" 2>/dev/null || true; done # each waits, and would start
  printf '\n\n' >&"$gate"
  NQDIR=$work/nq-long nq -w >/dev/null 2>&1 || true
  tsp -K >/dev/null 2>&1 || true
  exec {gate}>&-
  gate=
  rm -f nq-long/,*
}
