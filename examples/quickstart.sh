#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The main job of offkit from end to end, on the programs of this repository alone: queue work while
# nothing can be reached, deliver it when the other side is there, and look at what arrived.
# Installs what is missing, builds, and then needs seconds. Works in a directory of its own and
# leaves nothing behind. Exits non-zero when anything is not as it says.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$repository/cmake/packages.sh" build quickstart
"$repository/cmake/build.sh" release

work=$(mktemp -d)
receiver=
clean_up() {
  if [[ -n $receiver ]]; then
    kill "$receiver" 2>/dev/null || true
    wait "$receiver" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the user's settings counts here.
for name in $(compgen -v OFFQ_) $(compgen -v CEMAF_) http_proxy https_proxy all_proxy ALL_PROXY; do
  unset "$name"
done
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config OFFQ_DIR=$work/queue
export PATH=$repository/build/release/bin:$PATH
cd "$work"

say() { # LINE...
  echo
  printf '# %s\n' "$@"
}

run() { # STATUS COMMAND: shows the command, runs it, and insists on its exit status
  local wanted=$1 status=0
  printf '$ %s\n' "$2"
  eval "$2" || status=$?
  ((status == 0)) || printf '(exit status %d)\n' "$status"
  ((status == wanted)) || fail "exit status $status instead of $wanted: $2"
}

check() { # WHAT ACTUAL WANTED
  [[ $2 == "$3" ]] || fail "$1: $2 instead of $3"
}

fail() {
  printf 'quickstart.sh: %s\n' "$*" >&2
  exit 1
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    is_open "$port" || { echo "$port" && return; }
  done
  fail 'no free port between 20000 and 32000'
}

port=$(free_port)
api=http://127.0.0.1:$port
cp "$repository/README.md" report.md
awk -F '[: ]+' -v OFS=, 'NR <= 5 { print $1, $2 }' /proc/meminfo >memory.csv

say "Nothing listens at $api. Queue some work for it all the same:"
printf '$ api=%s\n' "$api"
say 'a request with a JSON body,'
# shellcheck disable=SC2016  # run() shows these commands as they are typed, and expands them later
{
  run 0 'offq enqueue "$api/runs" -d '\''{"run":7,"ok":true}'\'' | tee -a ids'
  say 'a file,'
  run 0 'offq enqueue "$api/files/report.md" -T report.md | tee -a ids'
  say 'a batch: one operation for each row of a CSV file, all of them in one file on disk,'
  run 0 'head -n 2 memory.csv'
  run 0 'jq -Rc '\''split(",") | {name: .[0], kb: (.[1] | tonumber)}'\'' memory.csv |
    offq enqueue "$api/metrics" --type metric_log --ndjson >>ids'
  say 'and a setting of which only the last value matters: the second replaces the first.'
  run 0 'offq enqueue "$api/settings" --type setting --key colour -d '\''{"colour":"red"}'\'
  run 0 'offq enqueue "$api/settings" --type setting --key colour --if-pending replace \
    -d '\''{"colour":"green"}'\'' | tee -a ids'

  rows=$(wc -l <memory.csv)
  printed=$(wc -l <ids)
  check 'ids printed' "$printed" $((rows + 3))

  say 'An id that was printed is on disk, as text. The folder is the state:'
  run 0 'ls queue/pending'
  check 'files in pending/' "$(find queue/pending -type f | wc -l)" 4
  check 'files in failed/' "$(find queue/failed -type f | wc -l)" 1
  run 0 'offq list'

  say 'Try to deliver. Offline is nobody'\''s fault: nothing fails, no attempt is charged,' \
    'and exit status 75 says: not now.'
  run 75 'offq sync'
  check 'files in pending/ after a try' "$(find queue/pending -type f | wc -l)" 4
  check 'attempts charged' "$(find queue/pending -name '*.a[0-9]*' | wc -l)" 0

  say 'Now there is somebody to talk to: a small server that keeps what it is sent.'
  printf '$ %s\n' 'offq receive --listen 127.0.0.1:'"$port"' --dir inbox &'
  offq receive --listen "127.0.0.1:$port" --dir inbox >receive.log 2>&1 &
  receiver=$!
  for _ in {1..200}; do
    is_open "$port" && break
    kill -0 "$receiver" 2>/dev/null || { cat receive.log >&2 && fail 'offq receive ended'; }
    sleep 0.05
  done
  is_open "$port" || fail 'offq receive does not listen'

  say 'Deliver; --force does not wait until the hold on the server is over.'
  run 0 'offq sync --force'
  check 'files in pending/ after delivery' "$(find queue/pending -type f | wc -l)" 0

  say 'Everything has arrived,'
  run 0 'jq -r .target inbox/inbox.jsonl | sort | uniq -c'
  check 'requests received' "$(wc -l <inbox/inbox.jsonl)" "$printed"
  say 'each operation once, under the id that was printed when it was queued,'
  run 0 'jq -r .key inbox/inbox.jsonl | sort | diff - <(sort ids) && echo the same ids'
  say 'the file byte for byte, and only the last value of the setting.'
  run 0 'jq -j '\''select(.target == "/files/report.md").text'\'' inbox/inbox.jsonl | cmp - report.md'
  run 0 'jq -c '\''select(.target == "/settings").body'\'' inbox/inbox.jsonl'
  check 'settings received' \
    "$(jq -c 'select(.target == "/settings").body' inbox/inbox.jsonl)" '{"colour":"green"}'

  say 'The queue knows it too: the operation and its receipt, the first of all,'
  run 0 'offq show "$(head -n 1 ids)"'
  say 'and the journal, for every one.'
  run 0 'jq -r '\''[.outcome, .reason // "-", .type] | @tsv'\'' queue/receipts/*.jsonl | sort | uniq -c'
  check 'receipts of deliveries' \
    "$(cat queue/receipts/*.jsonl | jq -r 'select(.outcome == "synced").id' | wc -l)" "$printed"

  say 'Nothing is left to do, and saying so again does no harm.'
  run 0 'offq sync'
  check 'requests received after another sync' "$(wc -l <inbox/inbox.jsonl)" "$printed"
}
say "All as promised. The queue, the inbox and $work are removed now."
