#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: tests/soak.sh [--seed N] MINUTES
#
# Eight enqueuers, a sync that never rests, and a receiver behind a bad network (see
# crashlab/fault_proxy.cpp), all of them killed with -9 at random, for MINUTES. Then the faults
# end, what is left is delivered, and the books must balance: each id that was printed was received
# once, or was replaced by a newer one of its key. The programs are those of $OFFKIT_BUILD, by
# default build/release. The same seed chooses the same faults; what the kernel makes of the moments
# of killing varies.
set -euo pipefail
trap 'printf "soak.sh: failed in line %s\n" "$LINENO" >&2' ERR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=e2e/servers.bash
source "$here/e2e/servers.bash"
OFFKIT_BUILD=$(cd "${OFFKIT_BUILD:-$here/../build/release}" && pwd)

usage() {
  sed -n 's/^# \(usage: .*\)/\1/p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
seed=$((RANDOM * 32768 + RANDOM))
if [[ ${1-} == --seed ]]; then
  [[ ${2-} =~ ^[0-9]+$ ]] || usage
  seed=$2
  shift 2
fi
[[ $# -eq 1 && $1 =~ ^[0-9]+(\.[0-9]+)?$ ]] || usage
minutes=$1
printf 'seed %s (again: tests/soak.sh --seed %s %s)\n' "$seed" "$seed" "$minutes"

readonly enqueuers=8
work=$(mktemp -d)
# With job control each job is a process group, so that it is killed with what it started.
set -m
declare -A pid_of=() kills=()
clean_up() {
  local name
  for name in "${!pid_of[@]}"; do end "$name"; done
  stop_servers
  if [[ -e $work/kept ]]; then echo "soak.sh: kept: $work" >&2; else rm -rf "$work"; fi
}
trap clean_up EXIT
cd "$work"
mkdir printed logs
export PATH=$OFFKIT_BUILD/bin:$PATH OFFQ_DIR=$work/queue HOME=$work XDG_CONFIG_HOME=$work/config
# A bad network costs attempts; here nothing may be given up for that.
export OFFQ_RETRY_MAX_ATTEMPTS=10000 OFFQ_RETRY_BASE=10ms OFFQ_RETRY_CAP=200ms

die() {
  printf 'soak.sh: seed %s: %s\n' "$seed" "$*" >&2
  touch "$work/kept"
  exit 1
}

# begin NAME COMMAND...: in the background, with its output in logs/NAME.
begin() {
  local name=$1
  shift
  "$@" >> "logs/$name" 2>&1 < /dev/null &
  pid_of[$name]=$!
}

# end NAME: kills it and all it has started.
end() {
  kill -KILL -- "-${pid_of[$1]}" 2> /dev/null || true
  wait "${pid_of[$1]}" 2> /dev/null || true
  unset "pid_of[$1]"
}

# moment SECONDS COUNT: until the network has seen COUNT more requests, but no longer than SECONDS.
moment() {
  timeout --foreground "$1" tail -q -n 0 -f logs/requests | head -n "$2" > /dev/null || true
}

# --- who takes part ---

# enqueue OUT ARG...: one in six is killed at some moment. No other may fail.
enqueue() {
  local out=$1 status=0 killer=()
  shift
  if ((RANDOM % 6 == 0)); then
    printf -v moment '0.%06d' $((RANDOM % 6000))
    killer=(timeout --foreground --signal=KILL "$moment")
  fi
  "${killer[@]}" offq enqueue "$@" >> "$out" || status=$?
  ((status == 0)) || echo "$status" >> killed
  ((status == 0 || (${#killer[@]} > 0 && (status == 124 || status == 137)))) || echo "exit $status: offq enqueue $*" >> trouble
}

# enqueuer NUMBER: writes the ids that are printed to a file of its own: what a pipe would give out.
enqueuer() {
  RANDOM=$((seed % 30000 + $1))
  local out=printed/$1 i
  while [[ ! -e stop ]]; do
    case $((RANDOM % 8)) in
      0) for i in 1 2 3; do enqueue "$out" /single --type t -d "{\"by\":$BASHPID,\"i\":$i}"; done ;;
      1) seq $((RANDOM % 60 + 1)) | sed 's/.*/{"row":&}/' > "rows.$1"
         enqueue "$out" /row --type t --ndjson "rows.$1" ;;
      2) enqueue "$out" /setting --type t -d "{\"by\":$BASHPID,\"at\":$RANDOM}" \
           --key "key$((RANDOM % 5))" --if-pending replace ;;
      *) moment 1 $((RANDOM % 40 + 1)) ;;
    esac
  done
}

syncing() {
  while [[ ! -e stop_sync ]]; do
    local status=0
    # It stays until it is killed; 75: another one that is not quite dead yet.
    offq sync --watch --quiet || status=$?
    ((status == 75)) || echo "exit $status: offq sync --watch" >> trouble
    moment 0.2 1
  done
}

# network SEED|calm: the lines of all its lives go to one file.
network() {
  exec "$OFFKIT_BUILD/tests/fault_proxy" "$network_port" "$receiver_port" "$1" >> logs/requests
}

start() {
  generation=$((generation + 1))
  case $1 in
    enqueuer*) begin "$1" enqueuer "$generation" ;;
    sync) begin sync syncing ;;
    network) begin network network $((seed % 1000000 + generation)) ;;
    receiver) begin receiver offq receive --dir inbox --listen "127.0.0.1:$receiver_port" ;;
  esac
}

# --- the run ---

generation=0
hold_port
receiver_port=$port
hold_port
network_port=$port
mkdir -p config/offkit
# Only the receiver's own answer counts: a captive portal says 200 too.
cat > config/offkit/config.yaml << END
endpoints:
  far: {url: "http://127.0.0.1:$network_port", timeout: 2s, expect: {json: {/stored: true}}}
types:
  t: {endpoint: far}
END
: > logs/requests
: > killed
everybody=(sync network receiver)
for ((i = 1; i <= enqueuers; ++i)); do everybody+=("enqueuer$i"); done
for name in "${everybody[@]}"; do start "$name"; done

RANDOM=$((seed % 32768))
deadline=$(($(date +%s) + $(awk "BEGIN { print int($minutes * 60) }")))
while (($(date +%s) < deadline)); do
  moment "$((RANDOM % 2)).$((RANDOM % 9 + 1))" $((RANDOM % 300 + 20))
  # Half of the time an enqueuer, else one of the others.
  if ((RANDOM % 2)); then name=enqueuer$((RANDOM % enqueuers + 1)); else name=${everybody[RANDOM % 3]}; fi
  end "$name"
  kills[${name%%[0-9]*}]=$((${kills[${name%%[0-9]*}]-0} + 1))
  start "$name"
done

# --- the end: no more faults, and everything is delivered ---

touch stop
for name in "${!pid_of[@]}"; do
  [[ $name == enqueuer* ]] || continue
  wait "${pid_of[$name]}" || die "$name: $(tail -n 3 "logs/$name")"
  unset "pid_of[$name]"
done
touch stop_sync
[[ ! -s trouble ]] || die "$(sort trouble | uniq -c | sort -rn | head -n 5)"
end sync
end network
end receiver
offq list --ids --state pending > logs/left
start receiver
begin network network calm
deadline=$(($(date +%s) + 120))
until offq sync --force > logs/last 2>&1; do
  (($(date +%s) < deadline)) || die "cannot deliver the rest: $(tail -n 3 logs/last)"
  moment 0.1 1
done

# --- the books ---

# A line that was cut in two was not printed.
cat printed/* | grep -xE '[0-9A-Z]{26}(\.[0-9]+)?' | sort > ids
[[ -z $(uniq -d ids) ]] || die "printed twice: $(uniq -d ids | head -n 3)"
offq list --json > operations
jq -r .id operations | sort > listed
[[ -z $(uniq -d listed) ]] || die "in the queue twice: $(uniq -d listed | head -n 3)"
comm -23 ids listed > lost
[[ ! -s lost ]] || die "printed and lost: $(head -n 3 lost)"
jq -r 'select(.state == "synced") | .id' operations | sort > synced
jq -r 'select(.state == "failed" and .reason == "replaced" and .key != null) | .id' operations | sort > replaced
sort -m synced replaced | comm -13 - listed > astray
[[ ! -s astray ]] || die "neither delivered nor replaced: $(grep -m 3 -F -f astray operations)"
# The newest of a key is replaced by nothing.
jq -rs 'group_by(.key)[] | select(.[0].key != null) | max_by(.id) | select(.state != "synced") | .id' \
  operations > newest
[[ ! -s newest ]] || die "the newest of its key, and not delivered: $(head -n 3 newest)"
received_keys > received
[[ -z $(uniq -d received) ]] || die "received twice: $(uniq -d received | head -n 3)"
comm -23 synced received > missing
[[ ! -s missing ]] || die "delivered but not received: $(head -n 3 missing)"
# One that was replaced may have arrived before, when its answer was lost.
comm -13 synced received | comm -23 - replaced > foreign
[[ ! -s foreign ]] || die "received but not delivered: $(head -n 3 foreign)"
offq fsck > logs/fsck 2>&1 || die "fsck: $(tail -n 3 logs/fsck)"
# Each enqueuer that was killed may have left one gap (65): a number that it did not come to print.
status=0
offq verify --json > logs/verify 2> logs/verify.errors || status=$?
((status == 0 || status == 65)) || die "verify: exit $status: $(tail -n 3 logs/verify.errors)"
killed=$(($(wc -l < killed) + ${kills[enqueuer]-0}))
jq -es --argjson killed "$killed" '.[-1] | .repeats == 0 and .gaps <= $killed' logs/verify > logs/verdict ||
  die "verify: $killed enqueuers were killed, and: $(tail -n 1 logs/verify)"

faults=$(awk '$1 != "passed" && $1 != "replayed" && $1 != "listening" { ++n[$1] }
              END { for (kind in n) printf "%s %d, ", kind, n[kind] }' logs/requests)
printf 'kills: '
for name in "${!kills[@]}"; do printf '%s %s, ' "$name" "${kills[$name]}"; done
printf '\nfaults: %s\n' "${faults%, }"
printf 'enqueued %s (%s of them unprinted), delivered %s, replaced %s; %s were left at the end\n' \
  "$(wc -l < listed)" "$(comm -13 ids listed | wc -l)" "$(wc -l < synced)" "$(wc -l < replaced)" \
  "$(wc -l < logs/left)"
printf 'requests %s, duplicates that the receiver refused %s\n' \
  "$(grep -vc '^replayed\|^listening' logs/requests)" "$(grep -c '^replayed' logs/requests)"
# A soak that nothing disturbed proves nothing.
[[ -n $faults && ${#kills[@]} -eq 4 ]] || die 'nothing went wrong'
