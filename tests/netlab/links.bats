#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # lab.bash sets client and router
# netwatch daemon and what the kernel says: links, addresses and routes.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() { lab_setup; }
teardown() { lab_teardown; }

# router_is_back: its end of the cable to the client, as it was.
router_is_back() {
  ip -n "$router" link set r0 up
  ip -n "$router" addr replace 2001:db8:77::1/64 dev r0 nodad
}

client_is_back() {
  ip -n "$client" link set c0 up
  ip -n "$client" addr replace 10.77.0.2/24 dev c0
  ip -n "$client" addr replace 2001:db8:77::2/64 dev c0 nodad
  default_routes
}

@test "a carrier that is lost is the end of the network, and one that comes back its begin" {
  watched "${three_of_basic[@]}"
  ip -n "$router" link set r0 down
  becomes 'disconnected no-link'
  router_is_back
  becomes 'connected *'
}

@test "an interface that is set down is no link" {
  watched "${three_of_basic[@]}"
  ip -n "$client" link set c0 down
  becomes 'disconnected no-link'
  client_is_back
  becomes 'connected *'
}

@test "without a default route there is no way out" {
  watched "${three_of_basic[@]}"
  ip -n "$client" -6 route del default
  ip -n "$client" route del default
  becomes 'disconnected no-route'
  default_routes
  becomes 'connected *'
}

@test "an address that is taken away while the link stays is missed" {
  watched "${three_of_basic[@]}"
  ip -n "$client" -6 addr flush dev c0 scope global
  ip -n "$client" addr flush dev c0
  becomes 'disconnected no-addr'
  client_is_back
  becomes 'connected *'
}

@test "IPv6 that leads nowhere is told of, and IPv4 is enough" {
  watched 'basic: [tcp://198.51.100.1:443, "tcp://[2001:db8:1::1]:443"]' \
    'check: [https://198.51.100.1/]' 'interval: 1s' 'timeout: 2s'
  becomes 'connected ok'
  on_the_way 'ip6 daddr 2001:db8:1::/48 drop'
  never 5s disconnected
  family_becomes v6 failed
  all_is_well
  family_becomes v6 ok
  becomes 'connected ok'
  ip -n "$client" -6 route del default
  becomes 'connected ok-v4-only'
}

@test "IPv6 that leads nowhere is told of where names hide it" {
  watched 'basic: ["http://api.example/generate_204"]' 'check: [https://api.example/health]' \
    'interval: 1s' 'timeout: 1s' 'passive: false'
  becomes 'connected ok'
  family_becomes v6 ok
  on_the_way 'ip6 daddr 2001:db8:1::1 drop'
  family_becomes v6 failed
  becomes 'connected ok-v4-only'
  [ "$(what .families.v4)" = ok ]
  jq -se 'all(.state == "connected")' "$OFFQ_DIR/netwatch/history.jsonl"
  all_is_well
  becomes 'connected ok'
  family_becomes v6 ok
}

@test "IPv6 alone is enough" {
  ip -n "$client" route del default
  name_server_is 2001:db8:1::53
  watched 'basic: ["tcp://[2001:db8:1::1]:443"]' 'check: ["https://api.example/"]' 'interval: 1s' \
    'timeout: 1s'
  [[ $(published) == connected* ]]
  [ "$(what .families.v4)" = no-route ]
}

@test "a default route of a tunnel takes over, and gives back" {
  ip -n "$client" link add vpn0 type veth peer name v0 netns "$router"
  ip -n "$client" addr add 10.88.0.2/24 dev vpn0
  ip -n "$client" link set vpn0 up
  ip -n "$router" addr add 10.88.0.1/24 dev v0
  ip -n "$router" link set v0 up
  ip -n "$client" route replace default via 10.77.0.1 metric 100
  ip -n "$client" route del default via 10.77.0.1 metric 0
  watched "${three_of_basic[@]}"
  [ "$(what .interface)" = c0 ]
  ip -n "$client" route add default via 10.88.0.1 metric 50
  local _
  for _ in {1..50}; do
    [[ $(what .interface) == vpn0 ]] && break
    netwatch wait --for change --timeout 100ms || true
  done
  [ "$(what .interface)" = vpn0 ]
  never 500ms disconnected
  ip -n "$client" link set vpn0 down
  for _ in {1..50}; do
    [[ $(what .interface) == c0 ]] && break
    netwatch wait --for change --timeout 100ms || true
  done
  [ "$(what .interface)" = c0 ]
  [[ $(published) == connected* ]]
}

@test "containers that come and go change nothing and cost no probe" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h' 'timeout: 1s'
  local generation
  generation=$(what .generation)
  in_router nft reset counters >/dev/null
  for i in {1..50}; do
    printf 'link add veth%s type veth peer name vethp%s\nlink set veth%s up\n' "$i" "$i" "$i"
    printf 'link del veth%s\n' "$i"
  done >churn
  ip -n "$client" -batch churn
  never 1s disconnected
  [ "$(what .generation)" = "$generation" ]
  in_router nft -j list counters | jq -e '[.nftables[] | .counter | select(. != null)] | .[0].packets == 0'
}

@test "more events than the kernel keeps are made up for" {
  watched "${three_of_basic[@]}"
  kill -STOP "$daemon"
  for i in {1..4000}; do printf 'route add 203.0.%s.%s/32 dev c0\n' $((i / 250 + 120)) $((i % 250)); done >many
  ip -n "$client" -force -batch many 2>/dev/null || true
  ip -n "$client" -6 route del default
  ip -n "$client" route del default
  kill -CONT "$daemon"
  becomes 'disconnected no-route'
}

# crowd: as many links as this machine makes in eight seconds, 5,000 at most; their number.
crowd() {
  local begin=$SECONDS made=0 batch i
  while ((SECONDS - begin < 8 && made < 5000)); do
    batch=
    for ((i = made; i < made + 100; i += 2)); do
      batch+="link add eth1$i type veth peer name eth1$((i + 1))"$'\n'
    done
    ip -n "$client" -batch - <<<"$batch" || break
    made=$((made + 100))
  done
  echo "$made"
}

@test "thousands of links more keep nothing from being noticed" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h'
  local links
  links=$(crowd)
  echo "# $links links" >&3
  ((links >= 100))
  # The daemon has read them, and has nothing more to do.
  looked_again
  ip -n "$client" -6 route del default
  ip -n "$client" route del default
  becomes 'disconnected no-route'
  echo "# $took ms" >&3
  default_routes
  becomes 'connected *'
  in_client netwatch check --max-age 0
}
