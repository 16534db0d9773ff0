#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # lab.bash sets took
# netwatch daemon and a way to the world that is silent, closed, slow or bad.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() { lab_setup; }
teardown() { lab_teardown; }

@test "a cable that is dead somewhere else is told within an interval and the time to be sure" {
  watched "${three_of_basic[@]}"
  cable blackhole on
  becomes 'disconnected @(probe-timeout|dns-timeout)'
  ((took < 12000)) # about five on a machine that is idle
  cable clear
  looked_again
  becomes 'connected *'
}

@test "everything refused and everything forbidden are told apart" {
  watched "${three_of_basic[@]}"
  on_the_way 'udp dport 53 accept' 'meta l4proto tcp reject with tcp reset'
  becomes 'disconnected refused-all'
  all_is_well
  looked_again
  becomes 'connected *'
  on_the_way 'meta l4proto { tcp, udp } reject with icmpx admin-prohibited'
  becomes 'disconnected unreachable'
}

@test "a cable that loses packets does not end the network" {
  watched "${three_of_basic[@]}"
  cable loss 10
  never 3s disconnected
  cable loss 20
  never 3s disconnected
}

@test "a cable that loses two of five packets gives no verdict that it does not mend" {
  watched 'basic: [tcp://198.51.100.1:443, tcp://198.51.100.2:443, tcp://198.51.100.3:443]' \
    'interval: 1s' 'timeout: 2s'
  cable loss 40
  never 4s disconnected || becomes 'connected *'
  cable clear
  looked_again
  becomes 'connected *'
}

@test "a satellite is slow, not disconnected" {
  watched 'basic: [tcp://198.51.100.1:443, "http://198.51.100.2/generate_204"]' \
    'check: [https://api.example/health]' 'interval: 1s' 'timeout: 5s'
  cable delay 300
  never 4s disconnected
  becomes 'connected *'
}

@test "a queue that is full delays, and does not disconnect" {
  watched 'basic: [tcp://198.51.100.1:443, tcp://198.51.100.2:443]' 'interval: 1s' 'timeout: 4s'
  truncate -s 20M big
  cable rate 2000
  spawn download.log ip netns exec "$client" curl -sS -o /dev/null http://198.51.100.1/big
  never 4s disconnected
  kill -0 "$spawned"
  [[ $(published) == connected* ]]
}

@test "a way too narrow for large packets is limited: connections stand, and the API says nothing" {
  watched "${three_of_basic[@]}"
  on_the_way 'meta length > 400 drop'
  becomes 'limited api-timeout'
}

@test "wait --endpoint waits for this one, whatever else answers" {
  settings "${three_of_basic[@]}"
  in_client netwatch wait --endpoint api.example --timeout 20s
  on_the_way 'ip daddr 198.51.100.3 counter drop'
  in_client netwatch wait --endpoint 198.51.100.1 --timeout 20s
  fails 124 in_client netwatch wait --endpoint tcp://198.51.100.3:443 --timeout 1s
  says 'wait: '
  in_router nft flush chain inet lab forward
  on_the_way 'ip daddr 198.51.100.3 counter drop'
  spawn waiter.log ip netns exec "$client" netwatch wait --endpoint 198.51.100.3 --timeout 60s
  await has_dropped
  all_is_well
  wait "$spawned"
  ip -n "$client" link set c0 down
  fails 124 in_client netwatch wait --endpoint 198.51.100.1 --timeout 0
  says 'wait: disconnected (no-'
  [ ! -e "$OFFQ_DIR/network" ]
}

has_dropped() { in_router nft -j list chain inet lab forward | jq -e '.. | .packets? // 0 | select(. > 0)'; }
