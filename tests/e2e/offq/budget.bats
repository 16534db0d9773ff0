#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets spawned and url
# What offq does with the budget of bytes. Whatever is not on this machine is asked through a proxy
# that is.

load ../common
load ../servers
load ../netwatch/published

teardown() { stop_servers; }

away=http://api.example.com

setup() {
  common_setup
  start_faulty good
  export http_proxy=$url
  publish connected online 600 check
}

settings() { mkdir -p "$OFFQ_DIR" && chmod 700 "$OFFQ_DIR" && printf '%s\n' "$@" > "$OFFQ_DIR/config.yaml"; }
of_size() { head -c "$1" /dev/zero | offq enqueue --data-binary - "$away/x" "${@:2}"; }

@test "budget: what is over it waits, uncharged, and smaller and critical ones go on" {
  settings 'budget: {daily: 40KB, reserve: 10KB}'
  first=$(of_size 15000)
  large=$(of_size 15000)
  small=$(of_size 1000)
  critical=$(of_size 15000 --critical)
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  says 'over budget: '
  says ': 1 operation waits until there is more, or 20'
  [ "$(state_of "$large") $(attempts_of "$large")" = 'pending 0' ]
  for id in "$first" "$small" "$critical"; do [ "$(state_of "$id")" = synced ]; done
  spent=$(jq '[.networks[].days[].delivery] | add' "$OFFQ_DIR/netwatch/budget.json")
  ((spent > 31000 && spent < 36000))
  [ "$(jq '.reservations | length' "$OFFQ_DIR/netwatch/budget.json")" -eq 0 ]

  start_receiver
  offq enqueue "$url/here" -d 1
  run -75 offq sync
  [ "$(offq list --ids --state synced | wc -l)" -eq 4 ]
}

@test "budget: many requests are sent at the rate that is set" {
  settings 'budget: {rate: 20KB/s}'
  for _ in 1 2 3 4 5; do of_size 14000; done
  began=$(date +%s%N)
  run -0 offq sync
  (($(date +%s%N) - began > 900000000))
  [ "$(offq list --ids --state synced | wc -l)" -eq 5 ]
}

@test "budget: without limits what is sent is counted, where somebody runs netwatch" {
  of_size 1000
  run -0 offq sync
  spent=$(jq '[.networks[].days[].delivery] | add' "$OFFQ_DIR/netwatch/budget.json")
  ((spent > 1000 && spent < 3000))
}

@test "budget: --dry-run says when not all of it would be sent" {
  settings 'budget: {daily: 20KB}'
  of_size 1000
  run -0 --separate-stderr offq sync --dry-run
  [[ $stderr == *'1 request with 1.0 kB of bodies would be sent' ]]
  of_size 15000
  of_size 15000
  run -0 --separate-stderr offq sync --dry-run
  [[ $stderr == *'would be sent; not all of it within the budget: '* ]]
  run -0 --separate-stderr offq sync --dry-run --json
  [[ $(jq -r 'select(.dry_run) | .budget' <<< "$output") == *budget.daily* ]]
}
