#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What programs are told: each member that --json prints is in offkit-network(5).

load ../common
load published

# documented COMMAND...: names on standard output what it prints and the page does not say.
documented() {
  local name
  netwatch "$@" > output || [[ $? -eq 1 || $? -eq 75 ]]
  [[ -s output ]] || echo "$*: nothing was printed"
  while IFS= read -r name; do
    grep -qwF -e "$name" "$OFFKIT_SOURCE/man/offkit-network.5" || echo "$*: $name"
  done < <(jq -r 'paths | map(strings) | .[]' output | sort -u)
}

@test "offkit-network(5) has every member that --json prints" {
  export NETWATCH_BUDGET_DAILY=100KB NETWATCH_BUDGET_RATE=1MB/s
  (umask 077 && mkdir -p "$OFFQ_DIR/hooks")
  printf '#!/bin/sh\n' > "$OFFQ_DIR/hooks/on-change" && chmod 700 "$OFFQ_DIR/hooks/on-change"
  {
    documented check --max-age 0s --json
    documented explain --json
    documented history --json
    documented history --uptime --json
    netwatch mode offline --for 1h --reason plane > /dev/null
    documented mode --json
    netwatch check --max-age 0s > /dev/null
    documented hook list --json
    documented hook log --json
    netwatch budget spend 1KB
    documented budget reserve 1KB --json
    documented budget --json
    documented budget can-send 1KB --json
    documented probe tcp://127.0.0.1:9 --json
    documented doctor --json
    documented config show --origin --json
    echo 'events: [{at: 10m, link: down}]' > train.yaml
    documented simulate --json train.yaml
  } > missing
  cat missing
  [ ! -s missing ]
}
