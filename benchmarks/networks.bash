# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Two network namespaces with two cables between them, for row network; sourced by run.sh, whose
# clean_up calls end_network. Root only.
#
#   client 10.79.0.2   ── c0 w0 ──       10.79.0.1    world    near, in use first
#   client 203.0.113.1 ── far0 far0 ──   203.0.113.2  world    the relay of tests/netlab
#
# In the world 198.51.100.1, .2 and .3 answer on port 80, and on 443 over TLS 1.3; what is put to
# /stored/ is kept.

net_client='' net_world=''

has_networks() {
  ((EUID == 0)) && [[ -c /dev/net/tun ]] && command -v netlab_relay >/dev/null || return 1
  ip netns add "bench-try-$$" 2>/dev/null || return 1
  ip netns del "bench-try-$$"
}

make_network() {
  net_client=bench-c-$$ net_world=bench-w-$$
  ip netns add "$net_client" && ip netns add "$net_world"
  mkdir -p network/stored
  make_relay
  make_addresses
  ip netns exec "$net_world" nft -f - <<'EOF'
table inet count {
  counter came { }
  chain seen { type filter hook prerouting priority 0; policy accept;
    iifname "w0" counter name "came"
  }
}
EOF
  start_world
}

# What a veth says of its carrier waits as that of a card does only where both ends have the same
# index.
make_addresses() {
  ip -n "$net_client" link add c0 index 100 type veth peer name w0 index 100 netns "$net_world"
  ip -n "$net_world" -batch - <<'EOF'
link set lo up
link set w0 up
link set far0 up
addr add 10.79.0.1/24 dev w0
addr add 203.0.113.2/30 dev far0
addr add 198.51.100.1/32 dev lo
addr add 198.51.100.2/32 dev lo
addr add 198.51.100.3/32 dev lo
EOF
  ip netns exec "$net_client" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/c0/disable_ipv6
    echo 1 >/proc/sys/net/ipv6/conf/far0/disable_ipv6'
  ip -n "$net_client" -batch - <<'EOF'
link set lo up
link set c0 up
addr add 10.79.0.2/24 dev c0
addr add 203.0.113.1/30 dev far0
route add default via 10.79.0.1
EOF
}

make_relay() {
  mkfifo network/relay
  : >network/relay.log
  exec {relay_in}<>network/relay
  netlab_relay "$net_client" far0 "$net_world" far0 <network/relay >network/relay.log 2>&1 &
  servers+=("$!")
  local _
  for _ in {1..100}; do
    ! grep -q ready network/relay.log || return 0
    sleep 0.05
  done
  die "no relay: $(cat network/relay.log)"
}

far_is() { echo "$1" >&"$relay_in"; } # COMMAND of the relay
over_far() {
  ip -n "$net_client" -batch - <<'EOF'
link set c0 down
link set far0 up
route replace default dev far0
EOF
}
over_near() {
  ip -n "$net_client" -batch - <<'EOF'
link set far0 down
link set c0 up
route replace default via 10.79.0.1
EOF
}

start_world() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=bench \
    -addext subjectAltName=IP:198.51.100.1 -keyout network/key -out network/certificate 2>/dev/null
  export CURL_CA_BUNDLE=$work/network/certificate
  {
    printf '%s\n' 'user root; daemon off; master_process off; pid pid; error_log stderr;' \
      'events { worker_connections 512; } http { access_log off; client_max_body_size 0;' \
      'client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;' \
      'scgi_temp_path t5; server { listen 80; listen 443 ssl; ssl_protocols TLSv1.3;' \
      'ssl_certificate certificate; ssl_certificate_key key; location / { return 204; }'
    echo "location /stored/ { root $work/network; dav_methods PUT; } } }"
  } >network/conf
  ip netns exec "$net_world" nginx -p "$work/network" -c "$work/network/conf" 2>network/log &
  world=$!
  servers+=("$world")
  local _
  for _ in {1..100}; do
    ip netns exec "$net_client" bash -c 'exec 3<>/dev/tcp/198.51.100.1/80' 2>/dev/null && return
    sleep 0.05
  done
  die "nginx does not listen: $(cat network/log)"
}

# With everything that runs there.
end_network() {
  local space pid
  if [[ -n ${world-} ]] && kill "$world" 2>/dev/null; then wait "$world" || true; fi
  for space in "$net_client" "$net_world"; do
    [[ -n $space && -e /run/netns/$space ]] || continue
    for pid in $(ip netns pids "$space"); do kill -KILL "$pid" 2>/dev/null || true; done
    ip netns del "$space" || true
    rm -rf "/etc/netns/$space"
  done
  unset CURL_CA_BUNDLE
}

# seen: packets that the world has got over the near cable since it was last asked.
seen() {
  ip netns exec "$net_world" nft -j reset counters |
    jq '[.nftables[].counter | select(. != null) | .packets] | add'
}

# start_netwatch INTERVAL [ENDPOINTS [LINE...]]: sets $netwatch.
start_netwatch() {
  (umask 077 && mkdir -p "$work/network-queue")
  printf '%s\n' network: "  basic: ${2:-[tcp://198.51.100.1:80]}" "  interval: $1" "${@:3}" \
    >"$work/network-queue/config.yaml"
  ip netns exec "$net_client" netwatch -C "$work/network-queue" daemon >netwatch.log 2>&1 &
  netwatch=$!
  servers+=("$netwatch")
  netwatch -C "$work/network-queue" wait --for connected --timeout 20s ||
    die "netwatch daemon: $(cat netwatch.log)"
}

end_netwatch() {
  kill "$netwatch"
  wait "$netwatch" || true
}
