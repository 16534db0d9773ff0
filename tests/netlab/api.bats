#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # lab.bash sets daemon and the settings
# netwatch daemon and an API that is down, broken, busy, or not who it says.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() { lab_setup; }
teardown() { lab_teardown; }

@test "an API that refuses connections limits the network" {
  watched 'basic: [tcp://198.51.100.3:443]' 'check: [https://api.example/health]' 'interval: 1s' \
    'timeout: 1s'
  on_the_way 'ip daddr 198.51.100.1 tcp dport 443 reject with tcp reset' \
    'ip6 daddr 2001:db8:1::1 tcp dport 443 reject with tcp reset'
  becomes 'limited api-refused'
  all_is_well
  looked_again
  becomes 'connected *'
}

@test "an API that is out of order limits the network, one that is busy or turns away does not" {
  watched "${three_of_basic[@]}"
  touch switches/500
  becomes 'limited api-5xx'
  rm switches/500
  touch switches/401
  looked_again
  becomes 'connected *'
  rm switches/401
  touch switches/429
  never 2s limited
  [[ $(published) == connected* ]]
}

@test "certificates that have expired or are not valid yet limit the network, and name the clock" {
  settings 'basic: [tcp://198.51.100.3:443]' 'check: ["https://api.example:444/"]' 'interval: 1s' \
    'timeout: 1s'
  start_daemon
  becomes 'limited clock-skew'
  stop "$daemon" TERM
  settings 'basic: [tcp://198.51.100.3:443]' 'check: ["https://api.example:445/"]' 'interval: 1s' \
    'timeout: 1s'
  start_daemon
  becomes 'limited clock-skew'
}

@test "one of three endpoints may be down, unless all are needed" {
  local three='check: [https://198.51.100.1/, https://198.51.100.2/, https://api.example:444/]'
  watched 'basic: [tcp://198.51.100.3:443]' "$three" 'need: 2' 'interval: 1s' 'timeout: 1s'
  [[ $(what .note) == *444* ]]
  stop "$daemon" TERM
  settings 'basic: [tcp://198.51.100.3:443]' "$three" 'need: all' 'interval: 1s' 'timeout: 1s'
  start_daemon
  becomes 'limited @(api-tls|clock-skew)'
}

@test "an endpoint that comes and goes every second is not the network" {
  watched 'basic: [tcp://198.51.100.1:443, tcp://198.51.100.2:443]' 'interval: 1s' 'timeout: 500ms'
  local _
  for _ in 1 2 3; do
    on_the_way 'ip daddr 198.51.100.1 drop'
    never 700ms disconnected
    all_is_well
    never 700ms disconnected
  done
}

@test "an API that answers although everything else is blocked is a network" {
  watched "${three_of_basic[@]}"
  on_the_way 'tcp dport 80 drop' 'ip daddr { 198.51.100.3 } drop'
  never 3s limited
  [[ $(published) == connected* ]]
}
