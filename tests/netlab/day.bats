#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2154  # bats sets status and stderr, lab.bash the networks
# A day of outages: netwatch tells of each, offq sync holds everything back without charging
# anybody, and delivers it once when the network is mended. With a daemon and with cron alone.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() {
  lab_setup
  start_inbox
  count_tries
  ids=()
}
teardown() { lab_teardown; }

day=(route carrier portal names silence api plane)
# What netwatch tells of each.
declare -gA told=([route]='disconnected no-route' [carrier]='disconnected no-link'
  [portal]='limited portal' [names]='limited dns-failure' [silence]='disconnected *-timeout'
  [api]='limited api-5xx' [plane]='connected *')

# --- where things are sent ---

# start_inbox: offq receive in the world, and before it nginx at http://api.example:9000, whose log
# arrived.log has the key of each request: the inbox alone would not tell of one that came twice.
start_inbox() {
  spawn receive.log ip netns exec "$world" offq receive --dir inbox --listen 127.0.0.1:0
  announces receive.log "$spawned"
  cat >front.conf <<END
user root; daemon off; master_process off; pid front.pid; error_log stderr notice;
events { worker_connections 256; }
http {
  log_format told '\$http_idempotency_key'; access_log arrived.log told;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;
  scgi_temp_path t5;
  server { listen 9000; listen [::]:9000; location / { proxy_pass $url; } }
}
END
  spawn front.log ip netns exec "$world" nginx -p "$PWD" -c front.conf
  wait_for_lines front.log 1 ' OS: | \[emerg\] ' "$spawned"
  inbox=http://api.example:9000/runs
}

# count_tries: connections and requests that the client itself begins towards the inbox, whether
# they get there or not. That a connection is closed does not count.
count_tries() {
  in_client nft -f - <<'END'
table inet tries {
  counter inbox { }
  chain out { type filter hook output priority 0;
    tcp dport 9000 tcp flags & (syn | psh) != 0 counter name "inbox"
  }
}
END
}

tries() { in_client nft list counter inet tries inbox | grep -o 'packets [0-9]*'; }

# queued WHAT: two operations are, the ids are among $ids and $waiting.
queued() {
  local n id
  waiting=()
  for n in 1 2; do
    id=$(in_client offq enqueue "$inbox" -d "{\"during\":\"$1\",\"n\":$n}")
    waiting+=("$id")
  done
  ids+=("${waiting[@]}")
}

# held_back WHAT: what is queued now is left alone by a sync, which says why, and charges nobody.
held_back() {
  local before
  before=$(tries)
  queued "$1"
  run --separate-stderr in_client offq sync --wait --timeout 20s
  [[ $status -eq 75 && $output == '0 delivered, '* ]] ||
    { printf 'exit %s: %s\n' "$status" "$stderr" && return 1; }
  says "$(why "$1")"
  [[ $(tries) == "$before" ]]
  uncharged
}

uncharged() {
  offq list --json "${waiting[@]}" >waiting.json
  jq -se --argjson n "${#waiting[@]}" \
    'length == $n and all(.state == "pending" and .attempts == 0)' waiting.json >/dev/null ||
    { cat waiting.json && return 1; }
}

# once: everything whose id was printed has arrived, each once and on its first try; and tries
# has seen it leave.
once() {
  local wanted
  wanted=$(printf '%s\n' "${ids[@]}" | sort)
  diff <(received_keys) <(echo "$wanted")
  diff <(sort arrived.log) <(echo "$wanted")
  offq list --json >listed.json
  jq -se --argjson n "${#ids[@]}" \
    'length == $n and all(.state == "synced" and .attempts <= 1)' listed.json >/dev/null ||
    { cat listed.json && return 1; }
  [[ $(tries) != 'packets 0' ]]
}

# --- what happens ---

breaks() {
  case $1 in
  route)
    ip -n "$client" -6 route del default
    ip -n "$client" route del default
    ;;
  carrier) ip -n "$router" link set r0 down ;;
  portal)
    turned 'tcp dport { 80, 9000 } dnat ip to 198.51.100.1:8080'
    on_the_way 'tcp dport { 443, 9000 } reject with tcp reset'
    ;;
  names) on_the_way 'meta l4proto { tcp, udp } th dport 53 drop' ;;
  silence) cable blackhole on ;;
  api) touch switches/500 ;;
  plane) in_client netwatch mode offline --for 1h --reason plane ;;
  esac
}

mends() {
  case $1 in
  route) default_routes ;;
  carrier)
    ip -n "$router" link set r0 up
    ip -n "$router" addr replace 2001:db8:77::1/64 dev r0 nodad
    is_settled "$router" r0
    is_settled "$client" c0
    ;;
  portal | names | silence) all_is_well ;;
  api) rm switches/500 ;;
  plane) in_client netwatch mode auto ;;
  esac
}

# why OUTAGE: what a sync says about it.
why() {
  case $1 in
  plane) echo 'offline: mode set by ' ;;
  *) echo "offline: the network is ${told[$1]%% *} (" ;;
  esac
}

# outage WHAT: from its begin until what was queued meanwhile is delivered. notices PATTERN and
# delivers are those of the test.
outage() {
  echo "$1"
  breaks "$1"
  notices "${told[$1]}"
  held_back "$1"
  mends "$1"
  notices 'connected *'
  delivers
  once
}

# a_daemon_looks: notices and delivers where there is one.
a_daemon_looks() {
  notices() {
    local _
    # A daemon that has looked within a second does not look again.
    for _ in {1..15}; do
      in_client netwatch check --max-age 0 >looked.txt || true
      if becomes "$1" 1 2>unlike.log; then return; fi
    done
    cat unlike.log
    return 1
  }
  # Of more than four changes of the state in a minute hooks are told later.
  delivers() { offq wait --timeout 100s "${waiting[@]}"; }
}

# --- the days ---

@test "a daemon, and a watcher beside it, hold back and deliver once through a day of outages" {
  a_daemon_looks
  watched "${three_of_basic[@]}"
  spawn watch.log ip netns exec "$client" offq sync --watch --verbose
  local watcher=$spawned what
  wait_for_lines watch.log 1 '^offq: watching: ' "$watcher"
  queued morning
  delivers
  for what in "${day[@]}"; do outage "$what"; done
  queued evening
  delivers
  once
  kill -0 "$watcher" && kill -0 "$daemon"
}

@test "the hook on-online delivers once what was held back, whatever ended" {
  a_daemon_looks
  settings "${three_of_basic[@]}"
  mkdir -p "$OFFQ_DIR/hooks"
  cp "$OFFKIT_SOURCE/examples/hooks/on-online" "$OFFQ_DIR/hooks/"
  queued night
  start_daemon
  delivers
  local what
  for what in route silence plane; do outage "$what"; done
  [ "$(netwatch hook log on-online --json | jq -s -c 'map(.exit) | unique')" = '[0]' ]
}

@test "cron alone holds back and delivers once through a day of outages" {
  local table=() what
  mapfile -t table < <(sed -nE 's/^\* \* \* \* \*  //p' "$OFFKIT_SOURCE/examples/crontab" | sort)
  [[ ${#table[@]} -eq 2 && ${table[0]} == 'netwatch check '* && ${table[1]} == 'offq sync '* ]]
  # What was found a minute ago is too old to be believed; here no minute has passed.
  table[0]=${table[0]/check/check --max-age 0}
  # minute: of cron, which sends a mail when there is output.
  minute() {
    local line
    for line in "${table[@]}"; do
      run -0 in_client /bin/sh -c "$line"
      [[ -z $output ]]
    done
  }
  notices() {
    minute
    # shellcheck disable=SC2053  # it is a pattern
    [[ $(published) == $1 ]] || { printf 'expected %s, it is %s\n' "$1" "$(published)" && return 1; }
  }
  delivers() { :; } # the minute did, or once fails
  settings "${three_of_basic[@]}"
  queued morning
  minute
  once
  for what in "${day[@]}"; do outage "$what"; done
  queued evening
  minute
  once
}

@test "a sync that comes before anybody has noticed charges nobody either" {
  settings "${three_of_basic[@]}"
  in_client netwatch check
  local what deadline
  for what in route portal; do
    echo "$what"
    breaks "$what"
    queued "$what"
    run -75 in_client offq sync
    uncharged
    run -1 in_client netwatch check --max-age 0
    # shellcheck disable=SC2053  # it is a pattern
    [[ $(published) == ${told[$what]} ]]
    held_back "$what"
    mends "$what"
    in_client netwatch check --max-age 0
    # What a stranger has answered holds the destination for a second, also now.
    deadline=$((SECONDS + 10))
    until in_client offq sync --quiet; do ((SECONDS < deadline)); done
    once
  done
}

@test "a portal that nobody has noticed yet charges no attempt to what a watcher sends" {
  settings "${three_of_basic[@]}"
  sed -i 's/interval: 1s/interval: 60s/' "$XDG_CONFIG_HOME/offkit/config.yaml"
  start_daemon
  becomes 'connected *'
  spawn watch.log ip netns exec "$client" offq sync --watch --verbose
  wait_for_lines watch.log 1 '^offq: watching: ' "$spawned"
  breaks portal
  queued a
  becomes 'limited portal'
  uncharged
}
