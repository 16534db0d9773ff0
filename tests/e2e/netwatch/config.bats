#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The settings of netwatch.

load ../common

@test "netwatch shows the same settings as offq" {
  [ "$(netwatch config show)" = "$(offq config show)" ]
  [ "$(netwatch config get network.interval)" = 60s ]
  [ "$(NETWATCH_INTERVAL=5s netwatch config show network.interval --origin)" = \
    'network.interval: 5s                     NETWATCH_INTERVAL' ]
}

@test "offkit-network(5) has every key of the network and the budget with its default" {
  local key value
  while IFS=$'\t' read -r key value; do
    grep -Fxq ".It Cm $key Pq $value" "$OFFKIT_SOURCE/man/offkit-network.5" ||
      { echo "not there: $key ($value)"; false; }
  done < <(offq config show --json |
    jq -r 'select(.key | test("^(network|budget)[.]")) | [.key, .value] | @tsv')
  [ "$(grep -Ec '^.It Cm (network|budget)[.]' "$OFFKIT_SOURCE/man/offkit-network.5")" -eq \
    "$(offq config show | grep -Ec '^(network|budget)[.]')" ]
}
