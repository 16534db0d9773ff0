#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch explain and history: what is published, told to people.
load ../common
load published

# A document for the line of the same generation.
document() {
  local now
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  cat >"$OFFQ_DIR/network.json" <<-END
	{"v":1,"at":"$now","generation":7,"state":"limited","mode":"offline","reason":"portal",
	 "since":"$now","by":"check","interface":"wlan0","families":{"v4":"ok","v6":"no-route"},
	 "login_url":"http://10.0.0.1/login","network":"wlan0/10.0.0.1","budget":{"left":1500000},
	 "ladder":{"v4":{"link":"yes","addr":"yes","route":"yes","interface":"wlan0",
	   "gateway":"10.0.0.1"},"v6":{"link":"yes","addr":"no","route":"no"}},
	 "passive":{"age_ms":1200,"stalled":false,"sockets":3},"looked_at":"$now",
	 "probes":[{"kind":"tcp","endpoint":"tcp://192.0.2.1:443","family":"v4",
	   "outcome":"answered","ms":21.4,"bytes":280},
	  {"kind":"http","endpoint":"http://probe.example.org/204","family":"v4",
	   "outcome":"wrong-answer","ms":40,"status":302,"location":"http://10.0.0.1/login","bytes":551}],
	 "bytes":831}
	END
}

@test "explain says nothing before anybody has looked" {
  fails 75 netwatch explain
  [ "$stderr" = 'netwatch: nobody has looked at the network yet' ]
}

@test "explain tells the verdict in a sentence, and the evidence rung by rung" {
  publish limited offline 60 check no portal
  document
  run netwatch explain
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == 'limited (portal): something answers in the place of others, as a login page does; since '* ]]
  [[ $output == *'  network   wlan0/10.0.0.1'* ]]
  [[ $output == *'  login     http://10.0.0.1/login'* ]]
  [[ $output == *'  budget    1.5 MB left'* ]]
  [[ $output == *'a default route over wlan0 by 10.0.0.1'* ]]
  [[ $output == *'3 connections, heard of '* ]]
  [[ $output == *'basic '*'for '*'tcp://192.0.2.1:443'*'21ms'*'280'*answered* ]]
  [[ $output == *'against '*'http://probe.example.org/204'*'40ms'*'551'*'wrong-answer, HTTP 302'* ]]
  [[ $output == *'api '*'nobody was asked'* ]]
}

@test "explain --json is what is published, and how fresh it is" {
  publish limited offline 60 check no portal
  document
  netwatch explain --json | jq -e '.freshness == "fresh" and .reason == "portal" and (.probes | length) == 2'
  publish limited offline 60 daemon no portal
  run netwatch explain --json
  [ "$status" -eq 75 ]
  jq -e '.freshness == "dead"' <<<"$output"
}

@test "explain does not take old news for the truth" {
  publish connected online -60 check
  run netwatch explain
  [ "$status" -eq 75 ]
  [[ ${lines[0]} == 'unknown: nobody has looked since; it was connected (ok): '* ]]
}

@test "explain makes do with a line that a script has written" {
  publish connected online 60 check
  document
  generation=8 publish connected online 60 check
  run netwatch explain
  [ "$status" -eq 0 ]
  [[ $output == 'connected (ok): '*'No evidence was published with it.' ]]
  netwatch explain --json | jq -e '.state == "connected" and .generation == 8 and (has("probes") | not)
    and (has("at") | not) and (.since | startswith("20"))'
}

@test "explain names what is damaged" {
  publish connected online 60 check
  echo '{"generation":7,"state":"fine"}' >"$OFFQ_DIR/network.json"
  fails 65 netwatch explain
  [ "$stderr" = "netwatch: network.json: state: 'fine'" ]
}

# happened MINUTES STATE REASON: an entry of so long before $now, one clock for all of them.
happened() {
  printf '{"v":1,"at":"%s","generation":%s,"state":"%s","mode":"online","reason":"%s","interface":"eth0"}\n' \
    "$(date -u -d "@$((now - $1 * 60))" +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" "$3" >>"$OFFQ_DIR/netwatch/history.jsonl"
}

@test "history shows changes, and what they add up to" {
  publish connected online 60 check
  now=$(date +%s)
  happened 600 connected ok
  happened 300 disconnected no-link
  happened 240 limited portal
  happened 180 connected ok
  run netwatch history
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 5 ]
  [[ ${lines[2]} == *' 1h '*disconnected*no-link*eth0* ]]
  [[ ${lines[2]} =~ ^[0-9-]{10}T[0-9:]{8}Z' ' ]] # nobody reads microseconds
  run netwatch history --since 250m
  [ "${#lines[@]}" -eq 4 ]
  [ "$(netwatch history --json | jq -s 'map(.state) | join(" ")')" = '"connected disconnected limited connected"' ]
  netwatch history --uptime --json | jq -e '.outages == 1 and .longest_outage_s == 7200 and
    (.uptime > 0.799 and .uptime < 0.801) and .disconnected_s == 3600 and .limited_s == 3600'
  run netwatch history --uptime --since 210m
  [[ $output == *'connected '*' 3h'* ]]
  [[ $output =~ '1 outage, the longest '(29|30)'m from ' ]]
}

@test "history before the beginning is empty" {
  run netwatch history
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  fails 75 netwatch history --uptime
  fails 2 netwatch history --since lately
}
