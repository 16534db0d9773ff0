#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # bats sets status and output, lab.bash the rest
# netwatch probe in networks with faults: it names each of them.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() { lab_setup; }
teardown() { lab_teardown; }

all_kinds=(tcp://198.51.100.1:443 http://198.51.100.2/generate_204 dns://198.51.100.53?name=api.example
  https://api.example/health)

@test "all is well: every kind of question is answered, and its bytes are those on the wire" {
  run -0 asked "${all_kinds[@]}"
  [ "$output" = $'answered -\nanswered 204\nanswered -\nanswered 200' ]
  # A connection, exactly: what nft has seen, and 14 bytes of Ethernet for each packet.
  in_router nft reset counters >/dev/null
  in_client netwatch probe --json "${all_kinds[@]:0:3}" | jq -s 'map(.bytes) | add' >told
  in_router nft -j list counters | jq '.nftables[] | .counter | select(. != null) |
    .bytes + 14 * .packets' >seen
  diff told seen
}

@test "DNS that is dropped, refuses, denies or lies is told apart within its time" {
  on_the_way 'udp dport 53 drop'
  run asked --timeout 3s tcp://api.example:443
  [ "$output" = 'dns-timeout -' ]
  all_is_well

  start_names odd 198.51.100.54 --address=/denied.example/ --address=/lie.example/10.77.0.1
  name_server_is 198.51.100.54
  run asked tcp://unknown.example:1 tcp://denied.example:1 tcp://lie.example:1
  [ "$output" = $'dns-refused -\ndns-no-name -\nhijacked -' ]
}

@test "slow DNS, a satellite and an API on the other side of it are waited for" {
  cable delay 450 53
  run -0 asked http://api.example/generate_204
  [ "$output" = 'answered 204' ]
  cable clear
  cable delay 300
  run -0 asked --timeout 20s "${all_kinds[@]}"
  # Once there and back, not twice.
  in_client netwatch probe --json tcp://198.51.100.1:443 | jq -e '.connect_ms >= 600 and .connect_ms < 1200'
}

@test "a login page is told from the endpoint, by redirect and by a page of its own" {
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8080'
  run in_client netwatch probe --json 'http://198.51.100.2/generate_204#status=204'
  [ "$(jq -r '"\(.outcome) \(.location)"' <<<"$output")" = 'wrong-answer http://10.77.0.1/login' ]
  in_router nft flush chain inet lab turn
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8081'
  run in_client netwatch probe --json 'http://198.51.100.2/generate_204#status=204'
  [ "$(jq -r '"\(.outcome) \(.location)"' <<<"$output")" = 'wrong-answer http://198.51.100.2/login' ]
}

@test "silence, refusal and a way that is closed are told apart" {
  on_the_way 'ip daddr 198.51.100.1 drop' 'ip daddr 198.51.100.2 meta l4proto tcp reject with tcp reset' \
    'ip daddr 198.51.100.3 reject with icmpx admin-prohibited'
  run asked --timeout 3s 198.51.100.1:443 198.51.100.2:443 198.51.100.3:443 \
    https://198.51.100.1 https://198.51.100.2 https://198.51.100.3
  [ "$output" = $'timeout -\nrefused -\nunreachable -\ntimeout -\nrefused -\nunreachable -' ]
}

@test "IPv6 that leads nowhere does not keep IPv4 from answering, and the other way round" {
  on_the_way 'ip6 daddr 2001:db8:1::/48 drop'
  run -0 in_client netwatch probe --json http://api.example/generate_204 https://api.example/
  [ "$(jq -r .family <<<"$output")" = $'v4\nv4' ]
  run asked -6 --timeout 500ms http://api.example/generate_204 https://api.example/
  [ "$output" = $'timeout -\ntimeout -' ]
  all_is_well
  ip -n "$client" route del default
  run -0 asked tcp://[2001:db8:1::1]:443
  run asked --timeout 1s tcp://198.51.100.1:443
  [ "$output" = 'unreachable -' ]
}

@test "an API that is broken says how: its status, its certificate, a way too narrow for it" {
  touch switches/500
  run -1 asked https://api.example/
  [ "$output" = 'server-error 500' ]
  rm switches/500
  touch switches/429
  run -0 asked https://api.example/
  [ "$output" = 'throttled 429' ]
  rm switches/429
  run asked https://api.example:444/ https://api.example:445/
  [ "$output" = $'certificate-time -\ncertificate-time -' ]
  # Large packets vanish without a word, so the connection stands and TLS does not.
  on_the_way 'meta length > 400 drop'
  run asked --timeout 1s tcp://api.example:443 https://api.example/
  [ "$output" = $'answered -\ntimeout -' ]
}

@test "a bad cable that loses, repeats and delays packets is still a cable" {
  cable loss 20
  cable duplicate 20
  cable jitter 30
  run -0 in_client netwatch probe --timeout 20s --json tcp://198.51.100.{1,2,3}:443
}
