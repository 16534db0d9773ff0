#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: benchmarks/run.sh [--quick] [--output FILE] [ROW...]
#
# Measures the bars of offq and netwatch, each beside its reference in the same run, and writes
# RESULTS.md (or FILE); row growth also draws growth.svg beside it. Rows: enqueue backlog ndjson list
# sync batching latency fsck verify growth memory upload watch, and network, which needs root; all of
# them when none is named. --quick takes small numbers: it shows that everything runs, and its
# verdicts mean nothing. OFFKIT_BUILD says where offq is built (build/release); target `benchmarks` is
# built there, and the packages that are compared are installed when they are missing. Works in a
# directory of its own under TMPDIR, which should be on a real disk with 6 GB free, and leaves nothing
# behind.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$here")
build=${OFFKIT_BUILD:-$repository/build/release}
all_rows=(enqueue backlog ndjson list sync batching latency fsck verify growth memory upload watch network)

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

# How often, and how many.
# shellcheck disable=SC2034  # the rows use them
if [[ $quick == no ]]; then
  runs_short=201 runs_queued=51 runs_long=7 runs_huge=3 million=1000000 lines=100000
  single_lines=1000 files=100000 operations=10000 xargs_requests=500 distant=1000
  growth_files=(100 1000 10000 100000) growth_jobs=(100 950) growth_xargs=(100 1000)
  batched=100000 upload_mib=1024 idle_seconds=60 changes=100 churn=1000 seeds=1000
  silences=5 kills=500 flaps=30 far_links=11
else
  runs_short=5 runs_queued=3 runs_long=1 runs_huge=1 million=5000 lines=5000
  single_lines=50 files=500 operations=300 xargs_requests=40 distant=100
  growth_files=(100 1000) growth_jobs=(10 20) growth_xargs=(20)
  batched=2000 upload_mib=16 idle_seconds=2 changes=2 churn=20 seeds=5
  silences=1 kills=5 flaps=2 far_links=1
fi
# shellcheck disable=SC2034
nq_backlog=200 distant_concurrency=100

# --- what is needed ---

PATH=$PATH:/usr/sbin
for program in nq tsp sqlite3 curl nginx; do
  command -v "$program" >/dev/null || { "$repository/cmake/packages.sh" benchmark && break; }
done
build=$(cd "$build" && pwd)
if [[ -e $build/CMakeCache.txt ]]; then # or it is a copy, which has them
  cmake --build "$build" --target benchmarks >/dev/null || die "cannot build target benchmarks"
fi
[[ -x $build/bin/offq ]] || die "no $build/bin/offq: build it first (cmake/build.sh release)"

# Nothing of the user's settings counts, and only what was started here is ended.
for name in $(compgen -v OFFQ_) $(compgen -v CEMAF_) http_proxy https_proxy all_proxy ALL_PROXY; do
  unset "$name"
done
work=$(mktemp -d)
# tsp keeps what its jobs print there.
export TMPDIR=$work
clean_up() {
  trap - EXIT
  end_attended
  release_jobs
  end_servers
  end_network
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export PATH=$work/installed/bin:$PATH LC_ALL=C.UTF-8
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
export OFFQ_QUEUE_MAX_OPS=10000000 OFFQ_QUEUE_MAX_SIZE=100GB
export NQDIR=$work/nq TS_SOCKET=$work/tsp.socket TS_MAXFINISHED=5
mkdir "$work/nq" "$work/nq-long"
cd "$work"
# Copied, as an installation is: a file that the linker has just written lies in memory page by page,
# and its programs start 0.2 ms later.
mkdir -p installed/bin installed/libexec/offkit
find "$build/bin" "$build/benchmarks" -maxdepth 1 -type f -executable -exec cp -t installed/bin {} +
[[ ! -x $build/tests/netlab_relay ]] || cp "$build/tests/netlab_relay" installed/bin
cp "$build"/libexec/offkit/* installed/libexec/offkit
: >bars
: >details

# shellcheck source-path=SCRIPTDIR
for piece in "$here"/{measure,servers,queues,networks}.bash "$here"/rows/*.bash; do
  # shellcheck source=/dev/null
  source "$piece"
done

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
if [[ -e growth.svg ]]; then mv growth.svg "$(dirname "$output")/growth.svg"; fi
say "written: $output"
