# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How soon netwatch tells of changes, and what it costs: in two network namespaces, as root.

# time_changes ROUNDS WHAT DOWN UP: of event, down, wait and up, in microseconds, in middle_of,
# late_of (the 99th percentile) and range_of.
declare -A middle_of late_of range_of
time_changes() {
  local name middle low high late
  say "netwatch: $2"
  # 100 ms is much longer than what a change takes: each finds the daemon at rest.
  attend ip netns exec "$net_client" time_network "$1" 100 "$work/network-queue/network" "$3" "$4" \
    netwatch -C "$work/network-queue" wait --for disconnected --timeout 60s >network.tsv
  while IFS=$'\t' read -r name middle low high late; do
    middle_of[$name]=$middle late_of[$name]=$late range_of[$name]="$(ms "$low")–$(ms "$high") ms"
  done <network.tsv
}

bar_down() { # WHAT BAR-MEDIAN BAR-P99
  bar network "$1 until it is published" "$(ms "${middle_of[down]}") ms" "${range_of[down]}" \
    "the kernel's event $(ms "${middle_of[event]}") ms" \
    "$(calc '%.1f' "${middle_of[down]} / ${middle_of[event]}")" \
    "≤ $(ms "$2") ms, 99 % ≤ $(ms "$3") ms" \
    "$(verdict "${middle_of[down]} <= $2 && ${late_of[down]} <= $3")"
}

bar_up() { # WHAT BAR [REFERENCE MICROSECONDS]
  local reference=- ratio=-
  if [[ -n ${3-} ]]; then
    reference="$3 $(ms "$4") ms" ratio=$(calc '%.2f' "${middle_of[up]} / $4")
  fi
  bar network "$1 until \`connected\` is published" "$(ms "${middle_of[up]}") ms" "${range_of[up]}" \
    "$reference" "$ratio" "≤ $(ms "$2") ms" "$(verdict "${middle_of[up]} <= $2")"
}

bar_wait() {
  bar network "\`netwatch wait\`, from there until it has ended" "$(ms "${middle_of[wait]}") ms" \
    "${range_of[wait]}" "inotify in the same run" - '99 % ≤ 1 ms' \
    "$(verdict "${late_of[wait]} <= 1000")"
}

bar_changes() {
  time_changes "$changes" 'default route deleted' 'route del default' \
    'route add default via 10.79.0.1'
  bar_down "default route deleted, $changes of $changes," 2000 10000
  bar_wait
  bar_up 'default route added' 50000
  time_changes "$changes" 'address removed' 'addr del 10.79.0.2/24 dev c0' \
    'addr add 10.79.0.2/24 dev c0;route add default via 10.79.0.1'
  bar_down "address removed, $changes of $changes," 2000 10000
}

# The kernel tells of a carrier that is lost right after another one up to a second later, unless it
# is asked for it.
bar_flapped() {
  ip -n "$net_client" -batch - <<'EOF'
link add b0 type veth peer name b1
link set b0 up
link set b1 up
EOF
  time_changes "$flaps" 'carrier lost right after that of another link' \
    "link set b1 down;netns exec $net_world ip link set w0 down" \
    "link set b1 up;netns exec $net_world ip link set w0 up"
  bar network 'carrier lost right after that of another link until it is published' \
    "$(ms "${middle_of[down]}") ms" "${range_of[down]}" "the kernel's event up to 1000 ms" - \
    '99 % ≤ 60 ms' "$(verdict "${late_of[down]} <= 60000")"
  ip -n "$net_client" link del b0
}

# curl_takes URL FIELD: the median, in microseconds, of what curl says of a request.
curl_takes() {
  local _
  for _ in {1..5}; do
    ip netns exec "$net_client" curl -sS -o /dev/null -w "%{$2}\n" "$1"
  done | sort -n | awk 'NR == 3 { printf "%.0f", $1 * 1000000 }'
}

# On a cable whose other end hears of a link at once, as a switch would: that of a veth is this
# kernel's too, and hears of it up to a second later.
bar_links() {
  local down='link set far0 down' up='link set far0 up;route add default dev far0'
  local three='[tcp://198.51.100.1:80, tcp://198.51.100.2:80, tcp://198.51.100.3:80]'
  local far='link up, 50 ms each way,'
  over_far
  start_netwatch 1h "$three"
  time_changes "$changes" 'link set down' "$down" "$up"
  bar_down "link set down, $changes of $changes," 2000 10000
  bar_up 'link up' 50000 'a connection of curl' "$(curl_takes http://198.51.100.1/ time_connect)"
  far_is 'delay 50'
  time_changes "$far_links" "$far" "$down" "$up"
  bar_up "$far" 520000 'a connection of curl' "$(curl_takes http://198.51.100.1/ time_connect)"
  end_netwatch
  start_netwatch 1h "$three" '  check: [https://198.51.100.1/]'
  time_changes "$far_links" "$far an API over HTTPS" "$down" "$up"
  bar_up "$far an API over HTTPS," 520000 'an answer to curl' \
    "$(curl_takes https://198.51.100.1/ time_total)"
  end_netwatch
  over_near
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
  attend sleep "$idle_seconds"
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
  attend ip -n "$net_client" -batch churn
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

# Nothing comes back any more, and no event tells of it.
silence() {
  ip netns exec "$net_world" nft -f - <<'EOF'
table inet silence {
  chain in { type filter hook prerouting priority 0; policy accept; iifname "w0" drop; }
}
EOF
}

# time_silences BEFORE AFTER: until disconnected is published, in microseconds, one a line and
# sorted, in file silences; BEFORE and AFTER are run around each.
time_silences() {
  local i begin
  : >silences
  for ((i = 0; i < silences; ++i)); do
    "$1"
    silence
    begin=${EPOCHREALTIME/./}
    netwatch -C network-queue wait --for disconnected --timeout 60s || die 'nobody notices silence'
    echo "$((${EPOCHREALTIME/./} - begin))" >>silences
    "$2"
    ip netns exec "$net_world" nft delete table inet silence
    netwatch -C network-queue wait --for connected --timeout 60s || die 'the end of silence is not noticed'
  done
  sort -n -o silences silences
}

bar_silences() { # WHAT MOST
  local times
  mapfile -t times <silences
  local middle=${times[${#times[@]} / 2]}
  bar network "$1" "$(ms "$middle") ms" "$(ms "${times[0]}")–$(ms "${times[-1]}") ms" \
    'interval 2000 ms' "$(calc '%.1f' "$middle / 2000000")" "≤ $(ms "$2") ms" \
    "$(verdict "${times[-1]} <= $2")"
}

# An upload that goes on until end_upload, and for so long that a daemon knows of it.
begin_upload() {
  ip netns exec "$net_client" curl -sS --limit-rate 1M -T - http://198.51.100.1/stored/upload \
    </dev/zero >upload.log 2>&1 &
  upload=$!
  servers+=("$upload")
  attend sleep 3
  kill -0 "$upload" 2>/dev/null || die "the upload has ended: $(cat upload.log)"
}
end_upload() {
  kill "$upload"
  wait "$upload" || true
}

bar_silence() {
  start_netwatch 2s
  say 'an upstream that is silent'
  time_silences : :
  bar_silences 'upstream silently dropped, until it is published' 5500000
  say 'an upstream that is silent during an upload'
  time_silences begin_upload end_upload
  bar_silences 'upstream silently dropped during an upload, until it is published' 3000000
  end_netwatch
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
    ip netns exec "$net_client" netwatch -C network-queue daemon >/dev/null 2>&1 &
    netwatch=$!
    ip -n "$net_client" route "$( ((i % 2)) && echo replace || echo del)" default via 10.79.0.1
    sleep "0.0$((RANDOM % 80 + 10))"
    kill -KILL "$netwatch"
    wait "$netwatch" 2>/dev/null || true
    # While a hook that it was about to start still has its lock, a check would leave hooks to it.
    flock --wait 5 network-queue/netwatch/lock true
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
  bar_simulated
  if ! has_networks; then
    bar network 'everything about netwatch' - - - - - '-'
    note 'Row network needs root, network namespaces, /dev/net/tun and the relay of the tests: left out.'
    return
  fi
  if ! netwatch help daemon >/dev/null 2>&1; then
    missing network "everything about \`netwatch daemon\`" -
    return
  fi
  make_network
  start_netwatch 1h
  bar_is
  bar_idle # before there is anything to settle
  bar_changes
  bar_flapped
  bar_churn
  end_netwatch
  bar_links
  bar_silence
  bar_kills
  bar_checks
  bar_dead_dns
  end_network
}
