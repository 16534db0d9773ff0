# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How soon netwatch tells of changes, and what it costs: in two network namespaces, as root.

# The client's c0 has 10.79.0.2 and a default route over 10.79.0.1, which is the world, where
# 198.51.100.1 answers on port 80.
make_network() {
  net_client=bench-c-$$ net_world=bench-w-$$
  ip netns add "$net_client" && ip netns add "$net_world"
  ip -n "$net_client" link set lo up
  ip -n "$net_world" link set lo up
  ip -n "$net_client" link add c0 type veth peer name w0 netns "$net_world"
  ip -n "$net_world" -batch - <<'EOF'
link set w0 up
addr add 10.79.0.1/24 dev w0
addr add 198.51.100.1/32 dev lo
EOF
  ip netns exec "$net_client" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/c0/disable_ipv6'
  ip -n "$net_client" -batch - <<'EOF'
link set c0 up
addr add 10.79.0.2/24 dev c0
route add default via 10.79.0.1
EOF
  ip netns exec "$net_world" nft -f - <<'EOF'
table inet count {
  counter came { }
  chain seen { type filter hook prerouting priority 0; policy accept;
    iifname "w0" counter name "came"
  }
}
EOF
  mkdir -p network-nginx
  printf '%s\n' 'user root; daemon off; master_process off; pid network-nginx/pid;' \
    'events { worker_connections 512; } http { access_log off;' \
    'client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;' \
    'scgi_temp_path t5; server { listen 80; location / { return 204; } } }' >network-nginx/conf
  ip netns exec "$net_world" nginx -p "$work" -c network-nginx/conf -e network-nginx/log &
  servers+=("$!")
  local _
  for _ in {1..100}; do
    ip netns exec "$net_client" bash -c 'exec 3<>/dev/tcp/198.51.100.1/80' 2>/dev/null && return
    sleep 0.05
  done
  die "nginx does not listen: $(cat network-nginx/log)"
}

end_network() {
  local space
  for space in "${net_client-}" "${net_world-}"; do
    [[ -z $space || ! -e /run/netns/$space ]] || ip netns del "$space"
  done
}

# seen: packets that the world has got since it was last asked.
seen() {
  ip netns exec "$net_world" nft -j reset counters |
    jq '[.nftables[].counter | select(. != null) | .packets] | add'
}

# start_netwatch INTERVAL: sets $netwatch.
start_netwatch() {
  (umask 077 && mkdir -p "$work/network-queue")
  printf '%s\n' network: '  basic: [tcp://198.51.100.1:80]' "  interval: $1" \
    >"$work/network-queue/config.yaml"
  ip netns exec "$net_client" netwatch -C "$work/network-queue" daemon >netwatch.log 2>&1 &
  netwatch=$!
  servers+=("$netwatch")
  netwatch -C "$work/network-queue" wait --for connected --timeout 20s ||
    die "netwatch daemon: $(cat netwatch.log)"
}

# time_changes WHAT DOWN UP BAR-MEDIAN BAR-P99 [BAR-UP WHAT-UP]: in microseconds.
time_changes() {
  local name middle low high late
  declare -A middle_of=() range_of=() late_of=()
  say "netwatch: $1"
  ip netns exec "$net_client" time_network "$changes" "$work/network-queue/network" "$2" "$3" \
    netwatch -C "$work/network-queue" wait --for disconnected --timeout 60s >network.tsv
  while IFS=$'\t' read -r name middle low high late; do
    middle_of[$name]=$middle range_of[$name]="$(ms "$low")–$(ms "$high")" late_of[$name]=$late
  done <network.tsv
  bar network "$1 until it is published" "$(ms "${middle_of[down]}") ms" "${range_of[down]} ms" \
    "the kernel's event $(ms "${middle_of[event]}") ms" \
    "$(calc '%.1f' "${middle_of[down]} / ${middle_of[event]}")" \
    "≤ $(ms "$4") ms, 99 % ≤ $(ms "$5") ms" \
    "$(verdict "${middle_of[down]} <= $4 && ${late_of[down]} <= $5")"
  [[ -n ${6-} ]] || return 0
  bar network "\`netwatch wait\`, from there until it has ended" "$(ms "${middle_of[wait]}") ms" \
    "${range_of[wait]} ms" "inotify in the same run" - '99 % ≤ 1 ms' \
    "$(verdict "${late_of[wait]} <= 1000")"
  bar network "$7 until \`connected\` is published" "$(ms "${middle_of[up]}") ms" \
    "${range_of[up]} ms" - - "≤ $(ms "$6") ms" "$(verdict "${middle_of[up]} <= $6")"
}

bar_is() {
  measure 'netwatch is online' "$runs_short" --- 'netwatch is' netwatch -C "$work/network-queue" is online \
    --- 'a static program that does nothing' empty_program
  local ratio
  ratio=$(calc '%.2f' "${median[netwatch is]} / ${median[a static program that does nothing]}")
  bar network "\`netwatch is online\`" "$(ms "${median[netwatch is]}") ms" "$(range 'netwatch is') ms" \
    "empty static program $(ms "${median[a static program that does nothing]}") ms" "$ratio" \
    '≤ 1 ms, ≤ 3 ×' "$(verdict "${median[netwatch is]} <= 1000 && $ratio <= 3")"
}

bar_idle() {
  local wakes cpu
  say "netwatch daemon: idle for $idle_seconds s"
  come_to_rest "$netwatch"
  wakes=$(wakes_of "$netwatch") cpu=$(cpu_of "$netwatch")
  sleep "$idle_seconds"
  wakes=$(($(wakes_of "$netwatch") - wakes)) cpu=$(($(cpu_of "$netwatch") - cpu))
  wakes=$(calc '%.1f' "$wakes * 60 / $idle_seconds")
  cpu=$(calc '%.3f' "$cpu * 100 / $(getconf CLK_TCK) / $idle_seconds")
  local kib
  kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$netwatch/status")
  bar network "\`netwatch daemon\`, idle: wakes per minute" "$wakes" - \
    "CPU $cpu %, memory $(calc '%.1f' "$kib / 1024") MiB" - '≤ 2, ≤ 0.05 %, ≤ 8 MiB' \
    "$(verdict "$wakes <= 2 && $cpu <= 0.05 && $kib <= 8192")"
}

bar_churn() {
  local i cpu before after begin packets
  say "netwatch daemon: $churn interfaces come and go"
  for ((i = 0; i < churn; ++i)); do
    printf 'link add vethx%d type veth peer name vethy%d\nlink del vethx%d\n' "$i" "$i" "$i"
  done >churn
  before=$(cut -d' ' -f3 network-queue/network)
  come_to_rest "$netwatch"
  seen >/dev/null
  cpu=$(cpu_of "$netwatch") begin=$EPOCHSECONDS
  ip -n "$net_client" -batch churn
  come_to_rest "$netwatch"
  cpu=$(($(cpu_of "$netwatch") - cpu))
  after=$(cut -d' ' -f3 network-queue/network) packets=$(seen)
  local cost
  cost=$(calc '%.2f' "$cpu * 1000 / $(getconf CLK_TCK) / $churn")
  bar network "$churn interfaces of containers: packets, changes" \
    "$packets, $((after - before))" - "CPU $cost ms each, in $((EPOCHSECONDS - begin)) s" - \
    '0, 0, ≤ 0.6 ms each' "$(verdict "$packets == 0 && $after == $before && $cost <= 0.6")"
}

bar_checks() {
  local one many
  say '200 checks at once'
  rm -f network-queue/network*
  seen >/dev/null
  ip netns exec "$net_client" netwatch -C network-queue check --max-age 0 >/dev/null
  one=$(seen)
  rm -f network-queue/network*
  # shellcheck disable=SC2016
  ip netns exec "$net_client" bash -c \
    'for _ in {1..200}; do netwatch -C network-queue check >/dev/null & done; wait'
  many=$(seen)
  bar network "200 \`netwatch check\` at once: packets sent" "$many" - "one: $one" \
    "$(calc '%.1f' "$many / ($one + 0.001)")" 'as one' "$(verdict "$many <= $one")"
}

bar_dead_dns() {
  local begin mine theirs
  say 'a name server that is dead'
  mkdir -p "/etc/netns/$net_client"
  echo 'nameserver 10.79.0.66' >"/etc/netns/$net_client/resolv.conf"
  ip -n "$net_world" route add blackhole 10.79.0.66/32
  ip -n "$net_client" neigh replace 10.79.0.66 lladdr 02:00:00:00:00:66 dev c0 nud permanent
  begin=${EPOCHREALTIME/./}
  ip netns exec "$net_client" netwatch probe tcp://a.example:80 >/dev/null || true
  mine=$((${EPOCHREALTIME/./} - begin)) begin=${EPOCHREALTIME/./}
  ip netns exec "$net_client" getent ahosts a.example >/dev/null || true
  theirs=$((${EPOCHREALTIME/./} - begin))
  rm -r "/etc/netns/$net_client"
  bar network 'DNS that is dropped: until it is known' "$(ms "$mine") ms" - \
    "getaddrinfo $(ms "$theirs") ms" "$(calc '%.2f' "$mine / $theirs")" '≤ 3200 ms' \
    "$(verdict "$mine <= 3200000")"
}

# The kernel tells of a change right after another one up to a second later.
bar_flapped() {
  ip -n "$net_client" -batch - <<'EOF'
link add b0 type veth peer name b1
link set b0 up
link set b1 up
EOF
  time_changes 'link set down right after another link' 'link set b1 down;link set c0 down' \
    'link set b1 up;link set c0 up;route add default via 10.79.0.1' 60000 60000
  ip -n "$net_client" link del b0
}

# Nothing comes back any more, and no event tells of it.
bar_silence() {
  local i begin times=()
  say 'an upstream that is silent'
  start_netwatch 2s
  for ((i = 0; i < silences; ++i)); do
    ip netns exec "$net_world" nft -f - <<'EOF'
table inet silence {
  chain in { type filter hook prerouting priority 0; policy accept; iifname "w0" drop; }
}
EOF
    begin=${EPOCHREALTIME/./}
    netwatch -C network-queue wait --for disconnected --timeout 60s || die 'nobody notices silence'
    times+=("$((${EPOCHREALTIME/./} - begin))")
    ip netns exec "$net_world" nft delete table inet silence
    netwatch -C network-queue wait --for connected --timeout 60s || die 'the end of silence is not noticed'
  done
  kill "$netwatch"
  wait "$netwatch" || true
  mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
  local middle=${times[${#times[@]} / 2]}
  bar network 'upstream silently dropped, until it is published' "$(ms "$middle") ms" \
    "$(ms "${times[0]}")–$(ms "${times[-1]}") ms" 'interval 2000 ms' "$(calc '%.1f' "$middle / 2000000")" \
    '≤ 5500 ms' "$(verdict "${times[-1]} <= 5500000")"
}

# What holds is told by whoever looks next, whatever the daemon was at when it was killed.
bar_kills() {
  local event i mode generation lost=0
  say "netwatch daemon: killed $kills times"
  (umask 077 && mkdir -p network-queue/hooks)
  for event in on-online on-offline on-change; do
    # shellcheck disable=SC2016
    printf '#!/bin/sh\necho "%s $NETWORK_MODE $NETWORK_GENERATION" >>told\n' "${event/on-o*/mode}" \
      >"network-queue/hooks/$event"
    chmod 700 "network-queue/hooks/$event"
  done
  echo '  settle: 0s' >>network-queue/config.yaml
  for ((i = 0; i < kills; ++i)); do
    timeout --signal=KILL "0.0$((RANDOM % 80 + 10))" ip netns exec "$net_client" \
      netwatch -C network-queue daemon >/dev/null 2>&1 &
    netwatch=$!
    ip -n "$net_client" route "$( ((i % 2)) && echo replace || echo del)" default via 10.79.0.1
    wait "$netwatch" 2>/dev/null || true
    ip netns exec "$net_client" netwatch -C network-queue check --quiet 2>/dev/null || true
    read -r _ mode generation _ <network-queue/network
    # By generation: a hook that a kill left behind may write its line last.
    [[ $(grep ^mode network-queue/told | sort -n -k 3 | tail -n 1) == "mode $mode "* ]] &&
      grep -q "^on-change .* $generation\$" network-queue/told || lost=$((lost + 1))
  done
  ip -n "$net_client" route replace default via 10.79.0.1
  rm -r network-queue/hooks
  bar network "hooks, of $kills kills of the daemon: not told what holds" "$lost" - - - 0 \
    "$(verdict "$lost == 0")"
}

# bytes_of WHAT BAR SCENARIO-LINE...: of a day without events, in the simulation.
bytes_of() {
  local what=$1 most=$2 bytes rounds
  shift 2
  printf '%s\n' 'for: 24h' 'network: {basic: [tcp://192.0.2.1:443, tcp://192.0.2.2:443]}' "$@" >day.yaml
  read -r bytes rounds < <(netwatch simulate --json day.yaml | jq -r 'select(.for_s) | "\(.bytes) \(.rounds)"')
  bar network "$what, 24 h simulated: bytes" "$bytes" - "$rounds rounds of 280 bytes" \
    "$(calc '%.2f' "$bytes / ($rounds * 280)")" "≤ $most" "$(verdict "$bytes <= $most")"
}

# lossy PERCENT PATTERN: in how many simulated hours some line is like PATTERN.
lossy() {
  local seed count=0
  printf '%s\n' 'for: 1h' 'network: {basic: [tcp://192.0.2.1:443, tcp://192.0.2.2:443, dns://192.0.2.53]}' \
    "start: {loss: $1%}" >lossy.yaml
  for ((seed = 0; seed < seeds; ++seed)); do
    ! netwatch simulate --json --seed "$seed" lossy.yaml | grep -q "$2" || count=$((count + 1))
  done
  echo "$count"
}

bar_simulated() {
  local count
  if ! netwatch help simulate >/dev/null 2>&1; then
    missing network 'days that are simulated' -
    return
  fi
  bytes_of 'idle' 1600000
  bytes_of 'idle where bytes cost money' 30000 'start: {metered: yes}'
  say "netwatch simulate: $seeds lossy hours"
  count=$(lossy 20 '"state":"disconnected"')
  bar network "20 % loss, hours of $seeds with a false \`disconnected\`" "$count" - - - 0 \
    "$(verdict "$count == 0")"
  count=$(lossy 10 '"hook":"disconnected"')
  bar network "10 % loss, hours of $seeds with a false hook" "$count" - - - 0 "$(verdict "$count == 0")"
}

row_network() {
  net_client='' net_world=''
  bar_simulated
  if ((EUID != 0)) || ! ip netns add "bench-try-$$" 2>/dev/null; then
    bar network 'everything about netwatch' - - - - - '-'
    note 'Row network needs root and network namespaces: left out.'
    return
  fi
  ip netns del "bench-try-$$"
  if ! netwatch help daemon >/dev/null 2>&1; then
    missing network "everything about \`netwatch daemon\`" -
    return
  fi
  make_network
  start_netwatch 1h
  bar_is
  bar_idle # before there is anything to settle
  time_changes 'link set down' 'link set c0 down' \
    'link set c0 up;route add default via 10.79.0.1' 2000 10000
  # Of a link that comes up the other end, which is of this kernel too, hears up to a second later.
  time_changes 'default route deleted' 'route del default' 'route add default via 10.79.0.1' \
    2000 10000 50000 'default route added'
  time_changes 'address removed' 'addr del 10.79.0.2/24 dev c0' \
    'addr add 10.79.0.2/24 dev c0;route add default via 10.79.0.1' 2000 10000
  bar_flapped
  bar_churn
  kill "$netwatch"
  wait "$netwatch" || true
  bar_silence
  bar_kills
  bar_checks
  bar_dead_dns
  end_network
}
