# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # tests read what is set here; servers.bash sets spawned
# A laboratory of networks: load after common.bash, servers.bash and certificates.bash.
#
#   client ──c0 r0── router ──wan0 (relay) wan0── world
#
# Three network namespaces with names of their own. The client has 10.77.0.2 and 2001:db8:77::2 and
# its default routes lead over the router. The world has the addresses 198.51.100.1, .2 and .3 of
# servers, 198.51.100.53 and 2001:db8:1::53 of a name server, and 2001:db8:1::1; the cable to it is netlab_relay, which
# makes any fault. nft(8) on the router makes others. Nothing here needs the outside, and everything
# is gone after lab_teardown.
#
# In the world runs nginx: :80 answers /generate_204; :443 is the API (https://api.example), :444
# the same with a certificate that has expired, :445 with one that is not valid yet; :8080 is a
# login page by redirect, :8081 one that answers 200 itself. Files in switches/ decide what the API
# says: a file switches/500 makes it answer 500, and so on.

lab_needs() {
  PATH=$PATH:/usr/sbin:/sbin
  [[ $EUID -eq 0 ]] || skip 'network namespaces need root'
  local program
  for program in ip nft dnsmasq nginx jq openssl; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
  [[ -c /dev/net/tun ]] || skip 'there is no /dev/net/tun'
  ip netns add "lab-try-$$" 2>/dev/null || skip 'no network namespaces here'
  ip netns del "lab-try-$$"
}

# lab_setup: the networks, name server and servers; about a third of a second.
lab_setup() {
  common_setup
  lab_needs
  local id=$$-$RANDOM
  client=lab-c-$id router=lab-r-$id world=lab-w-$id
  make_namespaces
  make_relay
  make_addresses
  in_router nft -f - <<'EOF'
table inet lab {
  chain forward { type filter hook forward priority 0; policy accept; }
  chain turn { type nat hook prerouting priority -100; policy accept; }
  chain seen { type filter hook forward priority 10; policy accept;
    counter name "out"
  }
  counter out { }
}
EOF
  lab_certificates
  export CURL_CA_BUNDLE=$PWD/trusted.pem
  mkdir -p switches
  start_world_nginx
  start_names good 198.51.100.53 --listen-address=2001:db8:1::53 --address=/api.example/198.51.100.1 \
    --address=/api.example/2001:db8:1::1 --address=/other.example/198.51.100.2
}

# The same for all tests of a file.
lab_certificates() {
  if [[ ! -e $BATS_FILE_TMPDIR/trusted.pem ]]; then
    certificate_for good DNS:api.example,DNS:other.example,IP:198.51.100.1,IP:198.51.100.2
    certificate_for expired DNS:api.example 20200101000000Z 20200201000000Z
    certificate_for early DNS:api.example 20490101000000Z 20490201000000Z
    cat good.pem expired.pem early.pem >trusted.pem
    cp ./*.pem ./*.key "$BATS_FILE_TMPDIR"
  fi
  cp "$BATS_FILE_TMPDIR"/*.{pem,key} .
}

lab_teardown() {
  stop_servers
  local space pid
  if mountpoint -q "$OFFQ_DIR"; then umount "$OFFQ_DIR"; fi
  for space in "${client-}" "${router-}" "${world-}"; do
    [[ -n $space && -e /run/netns/$space ]] || continue
    for pid in $(ip netns pids "$space"); do kill -KILL "$pid" 2>/dev/null || true; done
    ip netns del "$space"
    rm -rf "/etc/netns/$space"
  done
}

in_client() { ip netns exec "$client" "$@"; }
in_router() { ip netns exec "$router" "$@"; }
in_world() { ip netns exec "$world" "$@"; }

make_namespaces() {
  local space
  for space in "$client" "$router" "$world"; do
    ip netns add "$space"
    ip -n "$space" link set lo up
    in_namespace_settings "$space"
  done
  mkdir -p "/etc/netns/$client"
  name_server_is 198.51.100.53
  ip -n "$client" link add c0 type veth peer name r0 netns "$router"
}

in_namespace_settings() {
  ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
    echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
    # Or of many refusals only one a second would be told of.
    echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
    echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
}

make_relay() {
  mkfifo relay.in
  exec {relay_in}<>relay.in
  : >relay.log
  "$OFFKIT_BUILD/tests/netlab_relay" "$router" wan0 "$world" wan0 <relay.in >relay.log 2>&1 3>&- &
  relay=$!
  SERVERS+=("$relay")
  wait_for_lines relay.log 1 '^ready' "$relay"
  relay_lines=1
}

make_addresses() {
  ip -n "$client" -batch - <<'EOF'
link set c0 up
addr add 10.77.0.2/24 dev c0
addr add 2001:db8:77::2/64 dev c0 nodad
EOF
  ip -n "$router" -batch - <<'EOF'
link set r0 up
addr add 10.77.0.1/24 dev r0
addr add 2001:db8:77::1/64 dev r0 nodad
link set wan0 up
addr add 203.0.113.1/30 dev wan0
addr add 2001:db8:99::1/64 dev wan0 nodad
route add default dev wan0
EOF
  ip -n "$router" -6 route add default dev wan0
  ip -n "$world" -batch - <<'EOF'
link set wan0 up
addr add 203.0.113.2/30 dev wan0
addr add 2001:db8:99::2/64 dev wan0 nodad
addr add 198.51.100.1/32 dev lo
addr add 198.51.100.2/32 dev lo
addr add 198.51.100.3/32 dev lo
addr add 198.51.100.53/32 dev lo
addr add 198.51.100.54/32 dev lo
addr add 2001:db8:1::53/128 dev lo nodad
addr add 2001:db8:1::1/128 dev lo nodad
route add default dev wan0
EOF
  ip -n "$world" -6 route add default dev wan0
  default_routes
  is_settled "$client" c0
  is_settled "$router" r0
}

# is_settled NAMESPACE INTERFACE: the kernel has come round to its carrier, and drops nothing any
# more, which takes up to a second when other links of the machine change as well.
is_settled() {
  # shellcheck disable=SC2016
  timeout 20 bash -c 'until ip -n "$0" -o link show dev "$1" | grep -q "state UP"; do :; done' "$@"
}

default_routes() {
  ip -n "$client" route replace default via 10.77.0.1
  ip -n "$client" -6 route replace default via 2001:db8:77::1
}

# --- servers ---

start_world_nginx() {
  local port name
  {
    printf '%s\n' 'user root; daemon off; master_process off; pid nginx.pid;' \
      'error_log stderr notice; events { worker_connections 256; }' 'http { access_log seen.log;' \
      'client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;' \
      'scgi_temp_path t5; keepalive_timeout 5;'
    echo 'server { listen 80; listen [::]:80; location / { return 404; }' \
      'location /generate_204 { return 204; } location /success { return 200 success; }' \
      "location /big { root $PWD; } }"
    echo 'server { listen 8080; location / { return 302 http://10.77.0.1/login; } }'
    echo 'server { listen 8081; location / { default_type text/html;' \
      "return 200 '<html><form action=/login>Welcome to our hotel</form></html>'; } }"
    port=443
    for name in good expired early; do
      echo "server { listen $port ssl; listen [::]:$port ssl; ssl_certificate $name.pem;" \
        "ssl_certificate_key $name.key; location / {"
      for status in 401 429 500 503; do
        echo "if (-e $PWD/switches/$status) { return $status; }"
      done
      echo 'return 200 "{\"ok\":true}"; } }'
      port=$((port + 1))
    done
    echo '}'
  } >nginx.conf
  spawn nginx.log ip netns exec "$world" nginx -p "$PWD" -c nginx.conf
  wait_for_lines nginx.log 1 ' OS: | \[emerg\] ' "$spawned"
}

# start_names NAME ADDRESS ARGUMENT...: a name server of the world.
start_names() {
  local name=$1 address=$2
  shift 2
  spawn "names-$name.log" ip netns exec "$world" dnsmasq --no-daemon --conf-file=/dev/null \
    --no-resolv --no-hosts --bind-interfaces --listen-address="$address" --log-facility=- "$@"
  wait_for_lines "names-$name.log" 1 ' started, |failed ' "$spawned"
}

# name_server_is ADDRESS: of the client.
name_server_is() { echo "nameserver $1" >"/etc/netns/$client/resolv.conf"; }

# --- faults ---

# cable COMMAND...: a line for the relay.
cable() {
  echo "$*" >&"$relay_in"
  relay_lines=$((relay_lines + 1))
  wait_for_lines relay.log "$relay_lines" . "$relay"
  [[ $(tail -n 1 relay.log) == ok ]]
}

# on_the_way RULE...: what the router does with packets that it passes on, for example
# 'udp dport 53 drop'. all_is_well removes these and turns.
on_the_way() {
  local rule
  for rule in "$@"; do in_router nft add rule inet lab forward "$rule"; done
}

# turned RULE...: of nat, for example 'tcp dport 80 dnat ip to 198.51.100.1:8080'.
turned() {
  local rule
  for rule in "$@"; do in_router nft add rule inet lab turn "$rule"; done
}

all_is_well() {
  in_router nft flush chain inet lab forward
  in_router nft flush chain inet lab turn
  # What conntrack remembers would outlive the rule.
  cable clear
}

# --- netwatch ---

# settings LINE...: below "network:" of the configuration.
settings() {
  mkdir -p "$OFFQ_DIR" "$XDG_CONFIG_HOME/offkit" && chmod 700 "$OFFQ_DIR"
  {
    echo 'network:'
    printf '  %s\n' "$@"
  } >"$XDG_CONFIG_HOME/offkit/config.yaml"
}

# asked ARGUMENT...: netwatch probe from the client, a line for each: outcome and status.
asked() {
  local code=0
  in_client netwatch probe --json "$@" >asked.json || code=$?
  jq -r '"\(.outcome) \(.status // "-")"' asked.json
  return "$code"
}

# three_of_basic: endpoints of three operators, and the API; rounds are short.
three_of_basic=('basic: [tcp://198.51.100.1:443, "http://198.51.100.2/generate_204", tcp://198.51.100.3:443]'
  'check: [https://api.example/health]' 'interval: 1s' 'timeout: 1s' 'settle: 0')

# watched LINE...: a daemon with these settings looks at the client's network; sets $daemon.
watched() {
  settings "$@"
  start_daemon
  becomes 'connected *'
}

start_daemon() {
  spawn daemon.log ip netns exec "$client" netwatch daemon
  daemon=$spawned
}

# published: "STATE REASON", or nothing.
published() {
  local state words
  read -r state words 2>/dev/null <"$OFFQ_DIR/network" || return 0
  words=${words#*reason=}
  echo "$state ${words%% *}"
}

# becomes PATTERN [SECONDS]: until PATTERN, of bash, is what is published; 20 seconds at most. Sets
# $took, in milliseconds.
becomes() {
  local begin=${EPOCHREALTIME/./} now
  # shellcheck disable=SC2053  # it is a pattern
  until [[ $(published) == $1 ]]; do
    now=${EPOCHREALTIME/./}
    if ((now - begin > ${2:-20} * 1000000)); then
      printf 'expected %s, it is %s\n' "$1" "$(published)" >&2
      cat "$OFFQ_DIR/network.json" daemon.log >&2
      return 1
    fi
    netwatch wait --for change --timeout 100ms 2>/dev/null || true
  done
  now=${EPOCHREALTIME/./} took=$(((now - begin) / 1000))
}

# looked_again: the daemon has, because it was asked to, and not when its time had come.
looked_again() { in_client netwatch check >/dev/null || true; }

# never DURATION STATE: it does not become so within DURATION.
never() {
  run -124 netwatch wait --for "$2" --timeout "$1"
}

# family_becomes FAMILY WORD: within 20 seconds.
family_becomes() {
  local begin=$SECONDS
  until [[ $(what ".families.$1") == "$2" ]]; do
    if ((SECONDS - begin > 20)); then
      printf 'expected %s to be %s\n' "$1" "$2" >&2
      cat "$OFFQ_DIR/network.json" daemon.log >&2
      return 1
    fi
    netwatch wait --for change --timeout 100ms 2>/dev/null || true
  done
}

# what JQ-EXPRESSION: of the document that is published.
what() { jq -r "$1" "$OFFQ_DIR/network.json"; }
