#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: tests/e2e/kill_rounds.sh [-n ROUNDS] [-s SEED]
#
# Kills offq at random moments of enqueue, of batch enqueue and of sync, and now and then the
# receiver too, in a directory of its own. Checks after every few rounds that each printed id is in
# the queue once, and at the end that each has arrived, once. offq is the one of $OFFKIT_BUILD. The
# same seed chooses the same commands and delays; what the kernel makes of the delays varies.
set -euo pipefail
trap 'printf "kill_rounds.sh: failed in line %s\n" "$LINENO" >&2' ERR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=servers.bash
source "$here/servers.bash"
: "${OFFKIT_BUILD:?set OFFKIT_BUILD to the build directory, for example build/release}"
OFFKIT_BUILD=$(cd "$OFFKIT_BUILD" && pwd)

rounds=200
seed=$RANDOM
while getopts n:s: option; do
  case $option in
    n) rounds=$OPTARG ;;
    s) seed=$OPTARG ;;
    *) exit 2 ;;
  esac
done
echo "seed $seed (again: kill_rounds.sh -n $rounds -s $seed)"
RANDOM=$seed

work=$(mktemp -d)
clean_up() {
  stop_servers
  rm -rf "$work"
}
trap clean_up EXIT
cd "$work"
export PATH=$OFFKIT_BUILD/bin:$PATH OFFQ_DIR=$work/queue HOME=$work XDG_CONFIG_HOME=$work/config
# A receiver that is killed costs attempts; here nothing may be given up for that.
export OFFQ_RETRY_MAX_ATTEMPTS=10000 OFFQ_RETRY_BASE=1ms OFFQ_RETRY_CAP=2ms

die() {
  printf 'kill_rounds.sh: seed %s: %s\n' "$seed" "$*" >&2
  exit 1
}

# killed MAX_MS COMMAND...: runs it and kills it within MAX_MS milliseconds, or lets it end.
killed() {
  local moment
  printf -v moment '0.%06d' $((RANDOM * $1 * 1000 / 32768))
  shift
  local status=0
  { timeout --signal=KILL "$moment" "$@"; } 2>> stderr.log || status=$?
  if ((status == 137)); then kills=$((kills + 1)); fi
}

# Each prints ids; a line that was cut in two was not printed.
enqueue_some() {
  local i
  for i in 1 2 3 4; do
    killed 4 offq enqueue "$url/single" -d "{\"round\":$round,\"i\":$i}" >> printed
  done
}
enqueue_batch() {
  local count=$((RANDOM % 400 + 1))
  seq "$count" | sed "s/.*/{\"round\":$round,\"i\":&}/" > rows.ndjson
  killed 12 offq enqueue "$url/batch" --ndjson rows.ndjson > out
  # Without its newline the last line is no line.
  if [[ -s out && -n $(tail -c 1 out) ]]; then sed -i '$d' out; fi
  cat out >> printed
}
sync_some() {
  # A receiver that dies under the sync, and is there again afterwards.
  if ((RANDOM % 3 == 0)); then
    killed 40 offq sync --force > sync.log &
    local sync=$!
    # After some requests, or, if the sync is gone before it has made as many, in a moment.
    timeout 0.04 tail -n 0 -f inbox/inbox.jsonl | head -n "$((RANDOM % 20))" > /dev/null || true
    stop "$receiver"
    wait "$sync" || true
    start_receiver_at "$port" --body-limit 1MiB
  else
    killed 40 offq sync --force > sync.log
  fi
}

# Recovery is part of list, so this is also what the next command finds.
check_queue() {
  offq list --ids 2>> stderr.log | sort > listed || die 'list failed'
  [[ -z $(uniq -d listed) ]] || die "in the queue twice: $(uniq -d listed | head -n 3)"
  sort printed > expected
  [[ -z $(uniq -d expected) ]] || die "printed twice: $(uniq -d expected | head -n 3)"
  comm -23 expected listed > lost
  [[ ! -s lost ]] || die "lost: $(head -n 3 lost)"
  # On disk: the folder is the state, so no name may be in two of them.
  find queue/pending queue/synced queue/failed -type f -printf '%f\n' |
    sed -E 's/\.a[0-9]+\.json$/.json/' | sort | uniq -d > doubled
  [[ ! -s doubled ]] || die "in two folders: $(head -n 3 doubled)"
}

hold_port
start_receiver_at "$port" --body-limit 1MiB
kills=0
: > printed
for ((round = 1; round <= rounds; ++round)); do
  case $((RANDOM % 4)) in
    0 | 1) enqueue_some ;;
    2) enqueue_batch ;;
    3) sync_some ;;
  esac
  if ((round % 10 == 0)); then check_queue; fi
done

check_queue
for attempt in {1..20}; do
  offq sync --force >> stderr.log 2>&1 && break
  ((attempt < 20)) || die "cannot deliver the rest: $(tail -n 2 stderr.log)"
done
check_queue
offq list --ids --state synced | sort > delivered
cmp -s listed delivered || die "not delivered: $(comm -23 listed delivered | head -n 3)"
received_keys > received
[[ -z $(uniq -d received) ]] || die "stored twice: $(uniq -d received | head -n 3)"
comm -23 expected received > missing
[[ ! -s missing ]] || die "synced but not received: $(head -n 3 missing)"
comm -13 delivered received > foreign
[[ ! -s foreign ]] || die "received but not in the queue: $(head -n 3 foreign)"
offq fsck > fsck.log 2>&1 || die "fsck: $(tail -n 3 fsck.log)"
printf '%s rounds, %s kills: %s ids printed, %s in the queue, all of them delivered once\n' \
  "$rounds" "$kills" "$(wc -l < expected)" "$(wc -l < listed)"
