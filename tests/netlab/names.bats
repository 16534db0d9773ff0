#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # lab.bash sets daemon and the settings
# netwatch daemon and name servers that are dead, broken, slow or lie; and login pages.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() {
  lab_setup
  names=('basic: [tcp://198.51.100.3:443, "http://api.example/generate_204"]'
    'check: [https://api.example/health]' 'interval: 1s' 'timeout: 1s' 'settle: 0')
}
teardown() { lab_teardown; }

@test "DNS that is dropped is a failure of DNS while addresses answer, and the end without them" {
  watched "${names[@]}"
  on_the_way 'udp dport 53 drop'
  becomes 'limited dns-failure'
  all_is_well
  looked_again
  becomes 'connected *'
  stop "$daemon" TERM
  watched 'basic: ["http://api.example/generate_204", "http://other.example/generate_204"]' \
    'interval: 1s' 'timeout: 1s'
  on_the_way 'udp dport 53 drop'
  becomes 'disconnected dns-timeout'
}

@test "a name server that refuses everything is a failure of DNS" {
  watched "${names[@]}"
  start_names refusing 198.51.100.54
  name_server_is 198.51.100.54
  becomes 'limited dns-failure'
  name_server_is 198.51.100.53
  looked_again
  becomes 'connected *'
}

@test "a name server that knows no name is a failure of DNS or of the API" {
  watched "${names[@]}"
  start_names denying 198.51.100.54 '--address=/#/'
  name_server_is 198.51.100.54
  becomes 'limited @(dns-failure|api-dns)'
}

@test "a name server that leads every name home is found out" {
  watched "${names[@]}"
  start_names lying 198.51.100.54 '--address=/#/10.77.0.1'
  name_server_is 198.51.100.54
  becomes 'limited dns-hijack'
  name_server_is 198.51.100.53
  looked_again
  becomes 'connected *'
}

@test "names that take 900 ms are slow, no more" {
  watched 'basic: ["http://api.example/generate_204"]' 'check: [https://api.example/health]' \
    'interval: 1s' 'timeout: 3s'
  cable delay 450 53
  never 3s disconnected
  [[ $(published) == connected* ]]
}

@test "a login page is a portal as long as nobody has logged in" {
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8080'
  on_the_way 'tcp dport 443 reject with tcp reset'
  settings "${three_of_basic[@]}"
  start_daemon
  becomes 'limited portal'
  [ "$(what .login_url)" = http://10.77.0.1/login ]
  netwatch is portal
  all_is_well
  looked_again
  becomes 'connected *'
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8080'
  on_the_way 'tcp dport 443 reject with tcp reset'
  becomes 'limited portal'
}

@test "a page that answers 200 in the place of others is a portal too" {
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8081'
  on_the_way 'tcp dport 443 reject with tcp reset'
  settings "${three_of_basic[@]}"
  start_daemon
  becomes 'limited portal'
  [ "$(what .login_url)" = http://198.51.100.2/login ]
}
