#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets faulty, receiver, spawned and url
# offq sync --watch: a sync that stays.

load ../common
load ../servers
load queue

teardown() { stop_servers; }

# start_watcher: until it rests for the first time; sets $watcher. What it prints is in watch.log.
# $runner may be a program that runs it in its own process.
start_watcher() {
  spawn watch.log "${runner[@]}" offq sync --watch --verbose
  watcher=$spawned
  wait_for_lines watch.log 1 '^offq: watching: ' "$watcher"
}

# sleeps_until FROM TO: some second between these; the log of timers, made by strace, says so.
sleeps_until() { wait_for_lines timers 1 "it_value=\\{tv_sec=($(seq -s '|' "$1" "$2")),"; }
# last_timer: the second until which it sleeps now.
last_timer() { sed -n 's/.*it_value={tv_sec=\([0-9]*\).*/\1/p' timers | tail -n 1; }

# whole_rests: each of the next five is of another second, and nobody waits for the disk in between.
# Every rest begins with setting the timer.
whole_rests() {
  local before
  before=$(grep -c timerfd_settime timers)
  wait_for_lines timers $((before + 6)) timerfd_settime || return
  tail -n 5 timers > rests
  [[ $(grep -c sync rests) -eq 0 && -z $(grep -o 'it_value={tv_sec=[0-9]*' rests | uniq -d) ]]
}

# ends_with CODE: the watcher ends, and not because a request, a name server or a rest has come to
# its end: each of those takes longer than the ten seconds that a busy machine is given.
ends_with() {
  local code=0
  timeout 10 tail -s 0.02 --pid="$watcher" -f /dev/null || { echo 'still running' >&2 && return 1; }
  wait "$watcher" || code=$?
  [ "$code" -eq "$1" ] || { cat watch.log >&2 && return 1; }
}

# Each read takes ten milliseconds more: whoever reads a large batch does so for ten seconds at least.
slow_reader=(strace -f -D -qq -e "trace=openat,read" -e inject=read:delay_exit=10000 -o opened)
# opens_batch: until the watcher, which is a slow reader, has opened a batch in pending/.
opens_batch() { wait_for_lines opened 1 'pending/[^"]*[.]jsonl' "$watcher"; }

# enqueues_many COUNT: as one batch, that is due much later.
enqueues_many() {
  seq "$1" | sed 's/.*/{"t":&}/' |
    offq enqueue http://127.0.0.1:9/x --not-before +1h --ndjson > ids
}

# rows: how many operations the index knows.
rows() { sqlite3 "$OFFQ_DIR/index.db" 'SELECT count(*) FROM ops'; }

@test "watch: what is enqueued is delivered, alone, as a batch, and written by hand" {
  start_receiver
  start_watcher
  id=$(offq enqueue "$url/one" -d 1)
  offq wait "$id" --timeout 20s
  printf '%s\n' '{"payload":1}' '{"payload":2}' '{"payload":3}' |
    offq enqueue "$url/batch" --ndjson > ids
  mapfile -t ids < ids
  offq wait "${ids[@]}" --timeout 20s
  by_hand mine.json "{\"type\":\"note\",\"request\":{\"method\":\"POST\",\"url\":\"$url/hand\"}}"
  wait_for_lines inbox/inbox.jsonl 1 '/hand'
  offq wait --timeout 20s
  [ "$(jq -r .target inbox/inbox.jsonl | sort | uniq -c | xargs)" = '3 /batch 1 /hand 1 /one' ]
}

@test "watch: at rest it sleeps until the next thing is due, and at most for sync.interval" {
  start_receiver
  runner=(strace -D -qq -e trace=timerfd_settime -o timers)
  start_watcher
  began=$(date +%s)
  id=$(offq enqueue "$url/one" -d 1)
  offq wait "$id" --timeout 20s
  wait_for_lines watch.log 1 '^offq: watching: 1 delivered, 0 pending'
  sleeps_until $((began + 60)) $((began + 200))
  [ "$(last_timer)" -le $(($(date +%s) + 60)) ]

  later=$(offq enqueue "$url/later" --not-before +20s -d 1)
  wait_for_lines watch.log 1 '^offq: watching: 1 delivered, 1 pending'
  due=$(date -d "$(jq -r .not_before "$OFFQ_DIR/pending/$later.json")" +%s)
  sleeps_until "$due" "$due"
}

@test "watch: at rest it wakes once in each sync.interval, and never waits for the disk" {
  start_receiver
  export OFFQ_SYNC_INTERVAL=1s
  runner=(strace -f -D -qq -e "trace=timerfd_settime,fsync,fdatasync" -o timers)
  start_watcher
  offq enqueue "$url/one" -d 1
  wait_for_lines watch.log 1 '^offq: watching: 1 delivered, 0 pending'
  # The first ones may be cut short by what is closed, on a busy machine some time later.
  for _ in 1 2 3; do
    whole_rests && return
  done
  cat timers
  return 1
}

@test "watch: delayed and expiring operations are dealt with when their time comes" {
  hold_port
  dead=$(offq enqueue "$url/never" --expires-at +500ms -d 1)
  start_receiver
  later=$(offq enqueue "$url/later" --not-before +500ms -d 1)
  start_watcher
  offq wait "$later" --timeout 20s
  run -1 offq wait "$dead" --timeout 20s
  [[ $output == *expired* ]]
}

@test "watch: a destination is told of once when it is held, and served when it is back" {
  hold_port
  start_watcher
  id=$(offq enqueue "$url/x" -d 1)
  wait_for_lines watch.log 1 "^offq: held: http://127.0.0.1:$port: connection refused"
  start_receiver_at "$port"
  offq wait "$id" --timeout 20s
  [ "$(grep -c '^offq: held' watch.log)" -eq 1 ]
}

@test "watch: what comes while a request hangs is delivered all the same" {
  start_faulty never-answer
  stuck=$(offq enqueue "$url/x" -d 1)
  start_receiver
  spawn watch.log offq sync --watch
  watcher=$spawned
  wait_for_lines never-answer.log 1 '^POST /x' "$watcher"
  id=$(offq enqueue "$url/y" -d 1)
  offq wait "$id" --timeout 20s
  [ "$(state_of "$stuck")" = pending ]
}

@test "watch: SIGTERM and SIGINT end it at once while a request hangs, and charge nothing" {
  start_faulty never-answer
  id=$(offq enqueue "$url/x" -d 1)
  for signal in TERM:143 INT:130; do
    spawn watch.log offq sync --watch
    watcher=$spawned
    wait_for_lines never-answer.log "$((++n))" '^POST /x' "$watcher"
    kill "-${signal%:*}" "$watcher"
    ends_with "${signal#*:}"
    [ "$(state_of "$id") $(attempts_of "$id")" = 'pending 0' ]
  done
}

@test "watch: SIGTERM ends it at once while nobody answers for a name" {
  unshare --net --mount ip link add near type veth peer name far 2> /dev/null ||
    skip 'no right to make a network, or no ip'
  printf '%s\n' 'nameserver 10.9.9.2' 'options timeout:30' > resolv.conf
  cat > silence.sh << 'END'
set -e
ip link add near type veth peer name far
ip address add 10.9.9.1/24 dev near
ip link set near up
ip link set far up
ip neighbour replace 10.9.9.2 lladdr 02:00:00:00:00:02 dev near
mount --bind resolv.conf /etc/resolv.conf
exec strace -D -f -qq -e trace=connect -o connects offq sync --watch
END
  : > connects
  id=$(offq enqueue http://offkit.example/x -d 1)
  spawn watch.log unshare --net --mount bash silence.sh
  watcher=$spawned
  wait_for_lines connects 1 '10[.]9[.]9[.]2' "$watcher"
  kill -TERM "$watcher"
  ends_with 143
  [ "$(state_of "$id") $(attempts_of "$id")" = 'pending 0' ]
}

@test "watch: SIGTERM ends it at rest" {
  start_watcher
  kill -TERM "$watcher"
  ends_with 143
  grep -qx '0 delivered' watch.log
}

@test "watch: SIGTERM ends it while it reads a large batch, and the next command reads it whole" {
  runner=("${slow_reader[@]}")
  enqueues_many 150000
  : > opened
  spawn watch.log "${runner[@]}" offq sync --watch
  watcher=$spawned
  opens_batch
  kill -TERM "$watcher"
  ends_with 143
  grep -qx '0 delivered' watch.log
  [ "$(rows)" -eq 0 ]
  [ "$(count)" -eq 150000 ]
}

@test "watch: SIGTERM ends it while it reads a large batch that came while it rested" {
  runner=("${slow_reader[@]}")
  : > opened
  add --not-before +1h > /dev/null
  start_watcher
  enqueues_many 150000
  opens_batch
  kill -TERM "$watcher"
  ends_with 143
  grep -qx '0 delivered' watch.log
  [ "$(rows)" -eq 1 ]
  [ "$(count)" -eq 150001 ]
}

@test "watch: SIGTERM ends it while it reads a large batch beside a request, and tells what it did" {
  start_faulty never-answer
  stuck=$(offq enqueue "$url/x" -d 1)
  start_receiver
  done=$(offq enqueue "$url/y" -d 1)
  : > opened
  spawn watch.log "${slow_reader[@]}" offq sync --watch
  watcher=$spawned
  wait_for_lines never-answer.log 1 '^POST /x' "$watcher"
  wait_for_lines inbox/inbox.jsonl 1 /y "$watcher"
  enqueues_many 150000
  opens_batch
  kill -TERM "$watcher"
  ends_with 143
  grep -qx '1 delivered' watch.log
  [ "$(rows)" -eq 2 ]
  [ "$(state_of "$stuck") $(attempts_of "$stuck") $(state_of "$done")" = 'pending 0 synced' ]
}

@test "watch: a second watcher is told of the first, and other commands have the queue at rest" {
  start_receiver
  start_watcher
  fails 75 offq sync --watch
  says "offq: this queue is watched already: the watcher, process $watcher"
  run -0 offq sync
  run -0 offq prune
  run -0 offq fsck
}

@test "watch: beside a watcher at work a sync says who is running" {
  start_faulty never-answer
  offq enqueue "$url/x" -d 1
  spawn watch.log offq sync --watch
  watcher=$spawned
  wait_for_lines never-answer.log 1 '^POST /x' "$watcher"
  fails 75 offq sync
  says "another sync is running: the watcher, process $watcher"
  fails 75 offq sync --wait --timeout 50ms
  says "offq: waiting for another sync: the watcher, process $watcher"
}

@test "watch: offq send beside it says what became of the request, whoever sent it" {
  start_receiver
  start_watcher
  for i in 1 2 3 4 5 6 7 8; do
    run -0 --separate-stderr offq send "$url/$i" -d 1
    [ "$(jq -c '[.success, .synced, .cached]' <<< "$output")" = '[true,true,false]' ]
  done
  [ "$(wc -l < inbox/inbox.jsonl)" -eq 8 ]
}

@test "watch: it waits while another sync runs, then takes over" {
  start_faulty never-answer
  offq enqueue "$url/x" -d 1
  spawn holder.log offq sync
  holder=$spawned
  wait_for_lines never-answer.log 1 '^POST /x' "$holder"
  start_receiver
  spawn watch.log offq sync --watch
  watcher=$spawned
  id=$(offq enqueue "$url/y" -d 1)
  stop "$holder"
  offq wait "$id" --timeout 20s
}

@test "watch: offq retry and offq cancel are seen" {
  start_faulty 401
  start_watcher
  id=$(offq enqueue "$url/x" -d 1)
  run -1 offq wait "$id" --timeout 20s
  offq retry "$id"
  wait_for_lines 401.log 2 "^POST /x $id"
  run -1 offq wait "$id" --timeout 20s

  head=$(offq enqueue "$url/a" --lane l --not-before +1h -d 1)
  next=$(offq enqueue "$url/b" --lane l -d 1)
  offq cancel "$head"
  wait_for_lines 401.log 1 "^POST /b $next"
}

@test "watch: settings are read again when they change; broken ones are told, and the old ones hold" {
  route() { printf 'endpoints: {api: {url: "%s"}}\ntypes: {note: {endpoint: api, path: /n, method: POST}}\n' "$1"; }
  hold_port
  start_watcher
  route "$url" > "$OFFQ_DIR/config.yaml"
  wait_for_lines watch.log 1 '^offq: the settings have been read again'
  offq enqueue --type note -d 1
  wait_for_lines watch.log 1 "^offq: held: $url"
  held=$url
  echo 'nonsense: 1' > "$OFFQ_DIR/config.yaml"
  wait_for_lines watch.log 1 'warning: .*nonsense.*going on with the settings before'
  start_receiver
  route "$url" > "$OFFQ_DIR/new.yaml"
  mv "$OFFQ_DIR/new.yaml" "$OFFQ_DIR/config.yaml"
  wait_for_lines inbox/inbox.jsonl 1 '"/n"'
  wait_for_lines watch.log 1 '^offq: the settings are in order again'
  wait_for_lines watch.log 1 "^offq: no longer held: $held"

  mkdir -p "$XDG_CONFIG_HOME/offkit"
  kill -HUP "$watcher"
  wait_for_lines watch.log 2 '^offq: the settings have been read again'
}

@test "watch: a queue that is removed ends it; one whose folder or index is lost is mended" {
  start_receiver
  start_watcher
  rm "$OFFQ_DIR"/index.db*
  id=$(offq enqueue "$url/a" -d 1)
  offq wait "$id" --timeout 20s
  mv "$OFFQ_DIR/pending" aside
  wait_for_lines watch.log 1 'made again what was missing: pending/'
  id=$(offq enqueue "$url/b" -d 1)
  offq wait "$id" --timeout 20s
  mv "$OFFQ_DIR" gone
  ends_with 66
  grep -q 'it was moved or removed' watch.log
}

@test "watch: a queue that is removed file by file ends it, and is not made again" {
  start_receiver
  start_watcher
  id=$(offq enqueue "$url/a" -d 1)
  offq wait "$id" --timeout 20s
  rm -r "$OFFQ_DIR"
  ends_with 66
  [ ! -e "$OFFQ_DIR" ]
  add > /dev/null
  start_watcher
  rm "$OFFQ_DIR/queue.json"
  ends_with 66
  grep -q 'queue.json is gone' watch.log
  [ ! -e "$OFFQ_DIR/queue.json" ]
}

@test "watch: --json prints each outcome as it happens, and ends when nobody reads" {
  start_receiver
  mkfifo lines
  spawn watch.err bash -c 'exec offq sync --watch --json > lines'
  watcher=$spawned
  exec {from}< lines
  id=$(offq enqueue "$url/x" -d 1)
  read -r -u "$from" line
  [ "$(jq -r '[.id, .outcome] | @tsv' <<< "$line")" = "$id	delivered" ]
  read -r -u "$from" line
  [ "$(jq .summary.delivered <<< "$line")" -eq 1 ]
  exec {from}<&-
  ends_with 0
}

@test "watch: --json ends at once with its reader while a request hangs" {
  start_faulty never-answer
  id=$(offq enqueue "$url/x" -d 1)
  mkfifo lines
  spawn watch.log bash -c 'exec offq sync --watch --json > lines'
  watcher=$spawned
  exec {from}< lines
  wait_for_lines never-answer.log 1 '^POST /x' "$watcher"
  exec {from}<&-
  ends_with 0
  [ ! -s watch.log ]
  [ "$(state_of "$id") $(attempts_of "$id")" = 'pending 0' ]
}

@test "watch: a service manager is told when it is ready, how it stands, and when it ends" {
  start_receiver
  export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/nobody
  runner=(strace -D -qq -s 200 -e trace=sendto -o told)
  start_watcher
  offq wait "$(offq enqueue "$url/x" -d 1)" --timeout 20s
  wait_for_lines told 1 'STATUS=watching: 1 delivered, 0 pending'
  kill -TERM "$watcher"
  ends_with 143
  run -0 grep -oE '"(READY|STATUS|STOPPING)[^"]*' told
  [ "${lines[0]}" = '"READY=1\n' ]
  [ "${lines[-1]}" = '"STOPPING=1\n' ]
}

@test "watch: a credential that was refused is not sent again at each arrival" {
  start_faulty 401
  # shellcheck disable=SC2016  # offq fills it in
  own=(-H 'Authorization: ${file:'"$PWD"'/token}')
  echo old > token
  chmod 600 token
  start_watcher
  first=$(offq enqueue "$url/x" "${own[@]}" -d 1)
  wait_for_lines watch.log 1 'watching: 0 delivered, 1 pending'
  [ "$(requests_of 401)" -eq 1 ]
  for i in 2 3 4; do
    offq enqueue "$url/x" "${own[@]}" -d 1
    wait_for_lines watch.log 1 "watching: 0 delivered, $i pending"
  done
  [ "$(requests_of 401)" -eq 1 ]
  [ "$(state_of "$first") $(attempts_of "$first")" = 'pending 0' ]
  kill -HUP "$watcher"
  wait_for_lines 401.log 2 '^POST /x'
  echo new > token
  offq enqueue "$url/x" "${own[@]}" -d 1
  wait_for_lines 401.log 3 '^POST /x'
}

@test "watch: switched off while it delivers, it sends no more, and goes on when switched on" {
  # Ten seconds for half of them: the file of settings is written long before.
  hold_port
  start_receiver_at "$port" --delay 50ms
  for i in $(seq 400); do echo '{"payload":1}'; done | offq enqueue "$url/x" --ndjson > ids
  export OFFQ_SYNC_CONCURRENCY=1
  spawn watch.log offq sync --watch --verbose
  watcher=$spawned
  wait_for_lines inbox/inbox.jsonl 1 /x "$watcher"
  echo 'sync: {enabled: false}' > "$OFFQ_DIR/config.yaml"
  wait_for_lines watch.log 1 'sync is switched off' "$watcher"
  wait_for_lines watch.log 1 'watching: .* pending' "$watcher"
  [ "$(wc -l < inbox/inbox.jsonl)" -lt 200 ]
  stop "$receiver"
  start_receiver_at "$port"
  echo 'sync: {enabled: true}' > "$OFFQ_DIR/config.yaml"
  wait_for_lines inbox/inbox.jsonl 400 /x "$watcher"
}

@test "watch: an index that another program holds is told, and used again when it is free" {
  start_receiver
  export OFFQ_SYNC_INTERVAL=1s
  offq enqueue "$url/x" --not-before +1h -d 1
  offq list > made
  offq enqueue "$url/x" --not-before +1h -d 1 # which is not in the index yet
  mkfifo statements
  sqlite3 "$OFFQ_DIR/index.db" < statements > locked 2>&1 3>&- &
  holder=$!
  SERVERS+=("$holder")
  exec {to}> statements
  printf 'create table if not exists x(y);\nbegin exclusive;\nselect 1;\n' >&"$to"
  wait_for_lines locked 1 1 "$holder"
  spawn watch.log offq sync --watch --verbose
  watcher=$spawned
  wait_for_lines watch.log 1 'going on without it' "$watcher"
  offq enqueue "$url/y" -d 1
  wait_for_lines inbox/inbox.jsonl 1 '/y'
  echo 'drop table x; commit;' >&"$to"
  exec {to}>&-
  wait_for_lines watch.log 1 '^offq: the index can be used again' "$watcher"
  offq wait "$(offq enqueue "$url/z" -d 1)" --timeout 20s
  [ "$(grep -c 'going on without it' watch.log)" -eq 1 ]
}

@test "watch: a kernel that watches no more directories is told of when that happens" {
  unshare --user --map-root-user true 2> /dev/null || skip 'no right to make a user namespace'
  export OFFQ_SYNC_INTERVAL=1s
  start_receiver
  runner=(unshare --user --map-root-user)
  start_watcher
  nsenter --user --target "$watcher" bash -c 'echo 0 > /proc/sys/user/max_inotify_watches'
  mv "$OFFQ_DIR/pending" aside
  wait_for_lines watch.log 1 'warning: the kernel watches no more directories' "$watcher"
  offq enqueue "$url/x" -d 1
  wait_for_lines inbox/inbox.jsonl 1 /x
}

@test "watch: how it stands is right again after offq cancel" {
  start_watcher
  first=$(offq enqueue http://127.0.0.1:1/x --not-before +1h -d 1)
  second=$(offq enqueue http://127.0.0.1:1/y --not-before +1h -d 1)
  wait_for_lines watch.log 1 'watching: 0 delivered, 2 pending' "$watcher"
  offq cancel "$first"
  wait_for_lines watch.log 1 'watching: 0 delivered, 1 pending' "$watcher"
  offq cancel "$second"
  offq retry "$first"
  wait_for_lines watch.log 2 'watching: 0 delivered, 1 pending' "$watcher"
}

@test "watch: options that make no sense with it are refused" {
  for option in '--max-ops 1' --dry-run --force '--timeout 1s' --wait 01M7XYQP6V5Q4ZJ8WZ5N1V7C2M; do
    # shellcheck disable=SC2086  # an option and its value
    fails 2 offq sync --watch $option
    says "--watch excludes"
  done
  [ ! -e "$OFFQ_DIR" ]
}
