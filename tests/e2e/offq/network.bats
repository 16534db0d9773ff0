#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets spawned and url
# What offq does with the state of the network that netwatch publishes. Whatever is not on this
# machine is asked through a proxy that is: so the tests have a network without having one.

load ../common
load ../servers
load ../netwatch/published

teardown() { stop_servers; }

away=http://api.example.com

start_network() {
  start_faulty good
  export http_proxy=$url
}

# asked: how many requests the proxy has got.
asked() { grep -c '^POST http:' good.log; }

@test "network: while it is disconnected nothing is sent, nothing is charged, and the reason is told" {
  start_network
  id=$(offq enqueue "$away/x" -d 1)
  publish disconnected offline 120 check no no-route
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  says 'offline: the network is disconnected (no-route): 1 operation waits until it is back'
  [ "$(state_of "$id") $(attempts_of "$id")" = 'pending 0' ]
  [ "$(asked)" -eq 0 ]
  run -75 offq sync --json
  [ "$(jq -c '.summary.network | [.mode, .waiting]' <<< "${lines[0]}")" = '["offline",1]' ]

  publish connected online 120 check
  run -0 offq sync
  [ "$(state_of "$id")" = synced ]
}

@test "network: a mode that was set holds everything back until it ends" {
  start_network
  id=$(offq enqueue "$away/x" -d 1)
  publish connected online 120 check
  netwatch mode offline --for 20m --reason plane
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  says 'offline: mode set by '
  says ': plane: 1 operation waits until `netwatch mode auto`, or 20'
  [[ $(offq sync --dry-run --json | jq -r .problem) == 'offline: mode set by '* ]]
  [ "$(offq send "$away/y" -d 1 | jq -r '.cached, (.message | .[:8])' | xargs)" = 'true offline:' ]
  netwatch mode auto
  run -0 offq sync
  [ "$(state_of "$id")" = synced ]
}

@test "network: --force sends all the same, and what is on this machine needs no network" {
  start_network
  start_receiver
  publish disconnected offline 120 check no no-link
  here=$(offq enqueue "$url/here" -d 1)
  run -0 offq sync
  [ "$(state_of "$here")" = synced ]
  id=$(offq enqueue "$away/x" -d 1)
  run -75 offq sync
  run -0 offq sync --force
  [ "$(state_of "$id")" = synced ]
}

@test "network: what nobody has looked at lately is not believed" {
  start_network
  id=$(offq enqueue "$away/x" -d 1)
  publish disconnected offline -1 check no no-link
  run -0 offq sync
  [ "$(state_of "$id")" = synced ]
  id=$(offq enqueue "$away/x" -d 1)
  publish disconnected offline 120 daemon no no-link
  run -0 offq sync
  [ "$(state_of "$id")" = synced ]
}

@test "network: a limited network is what its mode says" {
  start_network
  offq enqueue "$away/x" -d 1
  publish limited offline 120 check no portal
  run -75 offq sync
  publish limited online 120 check no api-5xx
  run -0 offq sync
}

@test "network: a watcher holds everything while offline, and delivers when it comes online" {
  start_network
  publish disconnected offline 120 check no no-link
  spawn watch.log offq sync --watch --verbose
  watcher=$spawned
  wait_for_lines watch.log 1 '^offq: watching: ' "$watcher"
  id=$(offq enqueue "$away/x" -d 1)
  wait_for_lines watch.log 1 '^offq: offline: the network is disconnected \(no-link\)'
  wait_for_lines watch.log 1 '^offq: watching: 0 delivered, 1 pending, offline'
  publish connected online 120 check
  offq wait "$id" --timeout 20s
  wait_for_lines watch.log 1 '^offq: no longer offline'

  netwatch mode offline
  offq enqueue "$away/y" -d 1
  wait_for_lines watch.log 1 '^offq: offline: mode set by'
  netwatch mode auto
  offq wait --timeout 20s
  [ "$(asked)" -eq 2 ]
}

@test "network: a watcher goes on when nobody answers for the state any more" {
  start_network
  publish disconnected offline 600 check no no-link
  spawn watch.log offq sync --watch --verbose
  id=$(offq enqueue "$away/x" -d 1)
  wait_for_lines watch.log 1 '^offq: offline: '
  publish disconnected offline 1 check no no-link
  offq wait "$id" --timeout 20s
}

@test "network: what was held for want of a network is sent as soon as there is one" {
  hold_port
  export http_proxy=$url
  id=$(offq enqueue "$away/x" -d 1)
  run -75 offq sync
  run -75 offq sync
  run -75 offq sync
  start_faulty good "$port"
  since=$(($(date +%s) + 1)) publish connected online 120 check
  run -0 offq sync
  [ "$(state_of "$id")" = synced ]
}

@test "network: failures are reported to netwatch, where somebody runs it" {
  hold_port
  export http_proxy=$url
  offq enqueue "$away/x" -d 1
  run -75 offq sync
  [ ! -e "$OFFQ_DIR/netwatch" ]
  publish connected online 120 check
  run -75 offq sync --force
  jq -e '.failed_to == "http://api.example.com:80" and .failure == "connect"' \
    "$OFFQ_DIR/netwatch/reports.json"
  [ -e "$OFFQ_DIR/netwatch/ask" ]
}

@test "network: status says how it is" {
  run -0 offq status
  [ "$output" = 'offq: nothing pending' ]
  since=$(($(date +%s) - 300)) publish disconnected offline 120 check no no-route
  run -0 offq status
  [ "$output" = 'offq: nothing pending; network disconnected (no-route) since 5m ago, offline' ]
  [ "$(offq status --json | jq -c '.network | [.state, .mode, .reason]')" = \
    '["disconnected","offline","no-route"]' ]
  netwatch mode online --force
  [[ $(offq status) == *', online by '* ]]
  publish disconnected offline -1 check no no-route
  netwatch mode auto
  [ "$(offq status --json | jq -c .network)" = '{"state":"unknown","mode":"unknown"}' ]
}
