#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2154  # bats sets status and output, lab.bash the rest
# netwatch check and daemon in networks with faults: each has its state and its reason.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() { lab_setup; }
teardown() { lab_teardown; }

# found ARGUMENT...: state and reason of a check.
found() {
  local code=0
  in_client netwatch check --json --max-age 0 "$@" >found.json || code=$?
  jq -r '"\(.state) \(.reason)"' found.json
  return "$code"
}

# line_is STATE REASON: within 20 seconds.
line_is() {
  local state reason begin=$SECONDS
  while ((SECONDS - begin < 20)); do
    read -r state _ _ _ _ _ _ reason _ <"$OFFQ_DIR/network"
    [[ "$state $reason" == "$1 reason=$2" ]] && return
    in_client netwatch wait --for change --timeout 1s 2>/dev/null || true
  done
  cat "$OFFQ_DIR/network" netwatch.log >&2
  return 1
}

start_daemon() {
  spawn netwatch.log ip netns exec "$client" netwatch daemon
}

@test "one of many checks at once asks, and all of them say what it found" {
  settings 'basic: [http://198.51.100.2/generate_204]' 'passive: false'
  local i pids=()
  for i in {1..40}; do
    ip netns exec "$client" netwatch check --json >"found.$i" 3>&- &
    pids+=("$!")
  done
  for i in "${pids[@]}"; do wait "$i"; done
  [ "$(grep -c generate_204 seen.log)" -eq 1 ]
  [ "$(cat found.* | jq -r .reason | sort | uniq -c | tr -s ' ')" = ' 40 no-api-configured' ]
}

@test "endpoints that answer, an API that does not, and one that is out of order" {
  settings 'basic: [tcp://198.51.100.2:80]' 'check: [https://api.example/health]' 'passive: false'
  run -0 found
  [[ $output == 'connected ok'* ]]
  touch switches/500
  run -1 found
  [ "$output" = 'limited api-5xx' ]
  rm switches/500
  run -0 found
  on_the_way 'tcp dport 443 drop'
  run -1 found
  [ "$output" = 'limited api-timeout' ]
  on_the_way 'ip daddr 198.51.100.2 drop' 'ip6 daddr 2001:db8:1::1 drop'
  run -1 found
  [[ $output == disconnected* ]]
  all_is_well
  run -0 found
}

@test "the API counts, also where nothing else answers" {
  settings 'basic: [tcp://198.51.100.2:80]' 'check: [https://api.example/health]' 'passive: false'
  on_the_way 'ip daddr 198.51.100.2 drop'
  run -0 found
  [ "$output" = 'connected basic-blocked' ]
}

@test "a login page is limited, and where to log in is told" {
  settings 'basic: [http://198.51.100.2/generate_204]' 'passive: false'
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8080'
  run -10 found --exit-state
  # A part is judged in the same way.
  [ "$(jq -r .login_url found.json)" = http://10.77.0.1/login ]
  run -1 found
  [ "$output" = 'limited portal' ]
}

@test "a check that is the first finds a login page although something else answers sooner" {
  settings 'basic: [http://198.51.100.2/generate_204, tcp://198.51.100.2:80, tcp://198.51.100.1:80]' 'passive: false'
  turned 'tcp dport 80 dnat ip to 198.51.100.1:8080'
  run -1 found
  [ "$output" = 'limited portal' ]
}

@test "the daemon notices that nothing comes back any more, and when it does again" {
  settings 'basic: [tcp://198.51.100.2:80, tcp://198.51.100.1:80]' 'interval: 1s' 'passive: false'
  start_daemon
  in_client netwatch wait --for connected --timeout 20s
  line_is connected no-api-configured
  on_the_way 'ip daddr 198.51.100.0/24 drop'
  local begin=${EPOCHREALTIME/./}
  line_is disconnected probe-timeout
  echo "after $((${EPOCHREALTIME/./} - begin)) us"
  all_is_well
  line_is connected no-api-configured
}

@test "what probes cost is counted, and what is left of the budget is told" {
  settings 'basic: [tcp://198.51.100.2:80]' 'passive: false'
  printf 'budget:\n  daily: 1MB\n' >>"$XDG_CONFIG_HOME/offkit/config.yaml"
  in_router nft reset counters >/dev/null
  run -0 found
  in_router nft -j list counters |
    jq '.nftables[] | .counter | select(. != null) | .bytes + 14 * .packets' >seen
  jq '.networks[0].days[0].probe' "$OFFQ_DIR/netwatch/budget.json" >counted
  diff seen counted
  jq -e --argjson cost "$(cat counted)" '.budget.left == 1000000 - $cost' "$OFFQ_DIR/network.json"
}
