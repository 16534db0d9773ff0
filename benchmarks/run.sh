#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: benchmarks/run.sh [--quick] [--output FILE] [ROW...]
#
# Measures the bars of offq, each beside its reference in the same run, and writes RESULTS.md (or
# FILE). Rows: enqueue backlog ndjson list sync batching latency memory; all of them when none is
# named. --quick takes small numbers: it shows that everything runs, and its verdicts mean nothing.
# OFFKIT_BUILD says where offq is built (build/release); target `benchmarks` is built there when it
# is missing, and so are installed the packages that are compared. Works in a directory of its own
# under TMPDIR, which should be on a real disk, and leaves nothing behind.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${OFFKIT_BUILD:-$repository/build/release}
all_rows=(enqueue backlog ndjson list sync batching latency memory)

die() {
  printf 'run.sh: %s\n' "$*" >&2
  exit "${code:-1}"
}

quick=no
output=$repository/benchmarks/RESULTS.md
rows=()
while (($# > 0)); do
  case $1 in
    --quick) quick=yes ;;
    --output)
      output=${2:?--output needs a file}
      shift
      ;;
    -*) code=2 die "usage: run.sh [--quick] [--output FILE] [ROW...]" ;;
    *)
      [[ " ${all_rows[*]} " == *" $1 "* ]] || code=2 die "no such row: $1; rows: ${all_rows[*]}"
      rows+=("$1")
      ;;
  esac
  shift
done
((${#rows[@]} > 0)) || rows=("${all_rows[@]}")
output=$(realpath -- "$output")

if [[ $quick == no ]]; then
  runs_short=201 runs_queued=51 runs_long=7 million=1000000 lines=100000 single_lines=1000
  files=100000 operations=10000 xargs_requests=500 distant=1000
else
  runs_short=5 runs_queued=3 runs_long=1 million=5000 lines=5000 single_lines=50
  files=500 operations=300 xargs_requests=40 distant=100
fi
nq_backlog=200
distant_concurrency=100

# --- what is needed ---

PATH=$PATH:/usr/sbin
for program in nq tsp sqlite3 curl nginx; do
  command -v "$program" >/dev/null || { "$repository/cmake/packages.sh" benchmark && break; }
done
for piece in time_processes bare_curl_loop delay_relay make_operations; do
  [[ -x $build/benchmarks/$piece ]] && continue
  cmake --build "$build" --target benchmarks >/dev/null || die "cannot build target benchmarks"
done
build=$(cd "$build" && pwd)
[[ -x $build/bin/offq ]] || die "no $build/bin/offq: build it first (cmake/build.sh release)"

# Nothing of the user's settings counts, and only what was started here is ended.
for name in $(compgen -v OFFQ_) $(compgen -v CEMAF_) http_proxy https_proxy all_proxy ALL_PROXY; do
  unset "$name"
done
work=$(mktemp -d)
# tsp keeps what its jobs print there.
export TMPDIR=$work
servers=()
gate=
clean_up() {
  trap - EXIT
  if [[ -n $gate ]]; then # lets the jobs of nq run out
    echo >&"$gate"
    NQDIR=$work/nq-long nq -w >/dev/null 2>&1 || true
  fi
  if [[ -S $work/tsp.socket ]]; then tsp -K >/dev/null 2>&1 || true; fi
  local server
  for server in "${servers[@]}"; do
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export PATH=$build/bin:$build/benchmarks:$PATH LC_ALL=C.UTF-8
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
export OFFQ_QUEUE_MAX_OPS=10000000 OFFQ_QUEUE_MAX_SIZE=100GB
export NQDIR=$work/nq TS_SOCKET=$work/tsp.socket TS_MAXFINISHED=5
mkdir "$work/nq" "$work/nq-long"
cd "$work"
: >bars
: >details

# --- arithmetic and the report ---

say() { printf '# %s\n' "$*" >&2; }

calc() { awk "BEGIN { printf \"$1\", $2 }"; } # FORMAT EXPRESSION
holds() { awk "BEGIN { exit !($1) }"; }       # EXPRESSION
verdict() { if holds "$1"; then echo met; else echo '**missed**'; fi; }
ms() { calc '%.2f' "$1 / 1000"; }

# measure TITLE RUNS STEP...: the steps are those of time_processes; then the cells of a name are in
# median, least, most (microseconds) and resident (KiB).
declare -A median least most resident
measure() {
  local title=$1 runs=$2 name middle low high kib
  shift 2
  say "$title"
  time_processes "$runs" "$@" >last.tsv || die "$title: did not run"
  {
    printf '\n### %s, %d run(s)\n\n' "$title" "$runs"
    printf '| command | median ms | min ms | max ms | peak MiB |\n|---|---|---|---|---|\n'
  } >>details
  while IFS=$'\t' read -r name middle low high kib; do
    median[$name]=$middle least[$name]=$low most[$name]=$high resident[$name]=$kib
    printf '| %s | %s | %s | %s | %s |\n' "$name" "$(ms "$middle")" "$(ms "$low")" \
      "$(ms "$high")" "$(calc '%.1f' "$kib / 1024")" >>details
  done <last.tsv
}

note() { printf '\n%s\n' "$*" >>details; }

rate() { calc '%.0f' "$2 * 1000000 / ${median[$1]}"; } # NAME COUNT: per second
rates() {                                              # NAME COUNT: from the slowest to the fastest
  calc '%.0f' "$2 * 1000000 / ${most[$1]}"
  printf '–'
  calc '%.0f' "$2 * 1000000 / ${least[$1]}"
}
range() { printf '%s–%s' "$(ms "${least[$1]}")" "$(ms "${most[$1]}")"; }

# bar NAME WHAT MEDIAN RANGE REFERENCE RATIO BAR VERDICT
bar() {
  printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@" | tee -a bars >&2
}

# --- servers ---

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    is_open "$port" || { echo "$port" && return; }
  done
  die 'no free port between 20000 and 32000'
}

port=
start_nginx() {
  [[ -z $port ]] || return 0
  port=$(free_port)
  mkdir nginx
  local user='' kind
  ((EUID != 0)) || user='user root;'
  {
    echo "$user worker_processes 1; daemon off; pid $work/nginx/pid; error_log $work/nginx/log;"
    echo 'events { worker_connections 1024; } http { access_log off;'
    echo 'keepalive_requests 1000000000; keepalive_time 1d;'
    for kind in client_body proxy fastcgi uwsgi scgi; do
      echo "${kind}_temp_path $work/nginx/$kind;"
    done
    echo "server { listen 127.0.0.1:$port; location / { return 200; } } }"
  } >nginx/conf
  nginx -c "$work/nginx/conf" -e "$work/nginx/log" >nginx/output 2>&1 &
  servers+=("$!")
  for _ in {1..100}; do
    is_open "$port" && break
    sleep 0.05
  done
  is_open "$port" || die "nginx does not listen: $(cat nginx/output nginx/log)"
  export URL=http://127.0.0.1:$port/metrics
}

# --- what the rows share; exported functions are run between measurements ---

export NOWHERE=http://127.0.0.1:9/metrics
# shellcheck disable=SC2089,SC2090  # the quotes are the JSON's
export payload='{"metric":"loss","step":1,"value":0.25}'

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
export -f fresh_queue fresh_database fresh_singles fresh_batch idle_nq

make_million() {
  [[ ! -d million ]] || return 0
  say "a queue of $million"
  fresh_queue million "$NOWHERE"
  start_nginx
  make_lines "$million" | offq -C million enqueue "$URL" --type metric_log --ndjson >/dev/null
}

# --- the rows ---

sql_insert="PRAGMA synchronous=FULL; INSERT INTO q(body) VALUES('$payload')"

row_enqueue() {
  fresh_queue one "$NOWHERE"
  fresh_database one.db
  measure 'enqueue of one operation' "$runs_short" \
    --- 'offq enqueue' offq -C one enqueue "$NOWHERE" -d "$payload" \
    --- - bash -c idle_nq \
    --- 'nq true' nq true \
    --- 'tsp true' tsp true \
    --- 'sqlite3 insert' sqlite3 one.db "$sql_insert" \
    --- 'dd with fsync' dd if=/dev/zero of=dd.file bs=200 count=1 conv=fsync status=none \
    --- 'offq --version' offq --version \
    --- 'true' /bin/true
  note 'sqlite3 is its shell, WAL and synchronous=FULL. Only offq, sqlite3 and dd are durable: nq' \
    'and tsp sync nothing.'
  if command -v strace >/dev/null; then
    printf '\nThe system calls of one enqueue that reach for the disk:\n\n```\n' >>details
    strace -f -T -e trace=fsync,fdatasync,syncfs,linkat,renameat,renameat2,rename \
      offq -C one enqueue "$NOWHERE" -d 1 2>&1 >/dev/null | grep '(' |
      sed "s|$work|DIR|g" >>details || true
    printf '```\n' >>details
  fi
  local ratio
  ratio=$(calc '%.2f' "${median[offq enqueue]} / ${median[nq true]}")
  bar enqueue "\`offq enqueue\`, one durable operation" "$(ms "${median[offq enqueue]}") ms" \
    "$(range 'offq enqueue') ms" "\`nq true\` (not durable) $(ms "${median[nq true]}") ms" \
    "$ratio" '≤ 1.0' "$(verdict "$ratio <= 1.0")"
}

row_backlog() {
  make_million
  fresh_queue empty "$NOWHERE"
  local i ratio
  mkfifo gate
  exec {gate}<>gate
  NQDIR=$work/nq-long nq sh -c "read -r line <'$work/gate'" >/dev/null
  for ((i = 1; i < nq_backlog; ++i)); do NQDIR=$work/nq-long nq true >/dev/null; done
  measure "enqueue with $million pending" "$runs_short" \
    --- 'offq, empty' offq -C empty enqueue "$NOWHERE" -d "$payload" \
    --- 'offq, backlog' offq -C million enqueue "$NOWHERE" -d "$payload"
  measure "nq with $nq_backlog and more jobs waiting" "$runs_queued" \
    --- - bash -c idle_nq \
    --- 'nq, empty' nq true \
    --- 'nq, backlog' env "NQDIR=$work/nq-long" nq true \
    --- 'env' env "NQDIR=$work/nq-long" true
  echo >&"$gate"
  NQDIR=$work/nq-long nq -w >/dev/null 2>&1 || true
  exec {gate}>&-
  gate=
  ratio=$(calc '%.2f' "${median[offq, backlog]} / ${median[offq, empty]}")
  bar backlog "the same with $million pending" "$(ms "${median[offq, backlog]}") ms" \
    "$(range 'offq, backlog') ms" "empty queue $(ms "${median[offq, empty]}") ms" \
    "$ratio" '≤ 1.2' "$(verdict "$ratio <= 1.2")"
}

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

row_sync() {
  start_nginx
  make_lines "$operations" >sync-lines
  # shellcheck disable=SC2016
  measure "sync of $operations operations to nginx, HTTP/1.1" "$runs_long" \
    --- - bash -c 'fresh_singles singles "$URL" '"$operations" \
    --- 'offq sync, files' offq -C singles sync \
    --- - bash -c 'fresh_batch batch "$URL" sync-lines' \
    --- 'offq sync, batch' offq -C batch sync \
    --- - bash -c 'fresh_singles singles "$URL" '"$operations" \
    --- 'offq sync, files, --batch-size 1000' offq -C singles sync --batch-size 1000 \
    --- 'bare loop' bare_curl_loop "$URL" "$operations" 8 1.1
  # shellcheck disable=SC2016
  measure "xargs -P8 curl, $xargs_requests requests" 1 \
    --- 'xargs -P8 curl' bash -c "seq $xargs_requests | xargs -P8 -I{} curl -sS -o /dev/null \
      -H 'Content-Type: application/json' -H 'Idempotency-Key: {}' -d \"\$payload\" \"\$URL\""
  note 'Default settings, so 8 requests in flight to one endpoint, as many as the bare loop and' \
    'xargs have; the bare loop writes nothing to any disk. The server has one worker.'
  if command -v strace >/dev/null; then
    local kind
    for kind in singles batch; do
      if [[ $kind == singles ]]; then
        fresh_singles traced "$URL" "$operations"
      else
        fresh_batch traced "$URL" sync-lines
      fi
      printf '\nSystem calls of a sync of %d operations (%s), 15 most expensive:\n\n```\n' \
        "$operations" "$kind" >>details
      strace -f -c -S time -o trace offq -C traced sync >/dev/null 2>&1 || true
      head -n 17 trace >>details
      printf '```\n' >>details
    done
    rm -rf traced
  fi
  local loop xargs kind got ratio
  loop=$(rate 'bare loop' "$operations")
  xargs=$(rate 'xargs -P8 curl' "$xargs_requests")
  for kind in files batch; do
    got=$(rate "offq sync, $kind" "$operations")
    ratio=$(calc '%.2f' "$got / $loop")
    bar sync "\`sync\` of $operations, $kind" "$got/s" \
      "$(rates "offq sync, $kind" "$operations")/s" "bare libcurl loop $loop/s" "$ratio" '≥ 0.5' \
      "$(verdict "$ratio >= 0.5")"
    ratio=$(calc '%.0f' "$got / $xargs")
    bar sync "\`sync\` of $operations, $kind" "$got/s" \
      "$(rates "offq sync, $kind" "$operations")/s" "\`xargs -P8 curl\` $xargs/s" "$ratio" \
      '≥ 100' "$(verdict "$ratio >= 100")"
  done
}

row_batching() {
  bar batching "\`sync\` of a batch file with request batching" - - - - '≥ 100000/s' \
    'not in this version'
}

row_latency() {
  start_nginx
  delay_relay 50 "$port" >relay.log &
  servers+=("$!")
  for _ in {1..100}; do
    grep -q '^listening on ' relay.log && break
    sleep 0.05
  done
  local relay options
  relay=$(sed -n 's/^listening on //p' relay.log)
  [[ -n $relay ]] || die 'the relay does not listen'
  make_lines "$distant" >distant-lines
  export DISTANT=$relay/metrics
  # shellcheck disable=SC2317  # run between measurements
  prepare_distant() {
    fresh_batch distant "$DISTANT" distant-lines &&
      printf '%s\n' endpoints: '  far:' "    url: ${DISTANT%/metrics}" "    concurrency: $1" \
        types: '  metric_log:' '    endpoint: far' >distant/config.yaml
  }
  export -f prepare_distant
  options=(--concurrency "$distant_concurrency" --batch-size "$distant")
  measure "sync of $distant operations over a round trip of 100 ms" $(((runs_long + 1) / 2)) \
    --- - bash -c "prepare_distant $distant_concurrency" \
    --- 'offq sync, 100 ms' offq -C distant sync "${options[@]}" \
    --- 'bare loop, 100 ms' bare_curl_loop "$DISTANT" "$distant" "$distant_concurrency" 1.1
  note "Settings: the type has an endpoint with \`concurrency: $distant_concurrency\`; sync with \`${options[*]}\`." \
    'With the defaults, 8 requests in flight, 1,000 operations take at least 12.5 s.'
  bar latency "\`sync\` of $distant over a 100 ms round trip" \
    "$(ms "${median[offq sync, 100 ms]}") ms" "$(range 'offq sync, 100 ms') ms" \
    "bare libcurl loop $(ms "${median[bare loop, 100 ms]}") ms" \
    "$(calc '%.2f' "${median[offq sync, 100 ms]} / ${median[bare loop, 100 ms]}")" '≤ 2000 ms' \
    "$(verdict "${median[offq sync, 100 ms]} <= 2000000")"
}

# The operations that row backlog added are removed first: no server listens where they go.
row_memory() {
  make_million
  rm -f million/pending/*.json
  start_nginx
  measure "sync with $million pending" 1 --- 'offq sync, backlog' offq -C million sync
  note "All $million are in one batch file, and are delivered:" \
    "$(rate 'offq sync, backlog' "$million")/s."
  local mib
  mib=$(calc '%.1f' "${resident[offq sync, backlog]} / 1024")
  bar memory "peak memory of a \`sync\` with $million pending" "$mib MiB" - - - '≤ 64 MiB' \
    "$(verdict "$mib <= 64")"
  rm -rf million
}

# --- all together ---

package() { dpkg-query --show --showformat='${Version}' "$1" 2>/dev/null || echo unknown; }
load_before=$(cut -d' ' -f1-3 /proc/loadavg)
for row in "${rows[@]}"; do "row_$row"; done

{
  echo '# Results of benchmarks/run.sh'
  echo
  if [[ $quick == yes ]]; then
    echo '**A quick run: the numbers are too small to mean anything.**'
    echo
  fi
  echo "- date: $(date -u +%Y-%m-%dT%H:%MZ)"
  echo "- machine: $(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores," \
    "$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) of memory, Linux $(uname -r)"
  echo "- work directory: $(findmnt -n -o FSTYPE,OPTIONS -T "$work" | tr -s ' ')"
  echo "- load average before and after: $load_before, $(cut -d' ' -f1-3 /proc/loadavg)"
  echo "- $(offq --version), commit $(git -C "$repository" rev-parse --short HEAD 2>/dev/null || echo unknown)"
  echo "- nq $(package nq), tsp $(package task-spooler), sqlite3 $(sqlite3 --version | cut -d' ' -f1)," \
    "$(nginx -v 2>&1 | sed 's/.*: //'), $(curl --version | sed -n '1s/ (.*//p')"
  echo
  echo '| row | what | median | min–max | reference, median | ratio | bar | |'
  echo '|---|---|---|---|---|---|---|---|'
  cat bars
  echo
  echo '## Details'
  cat details
} >report
mv report "$output"
say "written: $output"
