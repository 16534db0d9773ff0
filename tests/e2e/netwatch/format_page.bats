#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offkit-network(5): each member that --json prints is there, and its examples work.

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

# example PATTERN: the literal lines of the page of which one matches, as a reader copies them.
example() {
  awk -v wanted="$1" '/^\.Ed$/ { if (found) printf "%s", text; on = found = 0; text = "" }
    on { text = text $0 "\n"; if ($0 ~ wanted) found = 1 } /^\.Bd -literal/ { on = 1 }' \
    "$OFFKIT_SOURCE/man/offkit-network.5"
}

@test "the examples of offkit-network(5) work" {
  export XDG_STATE_HOME=$HOME/.local/state OFFQ_DIR=$HOME/.local/state/offq
  example '^read -r state' > read.sh
  echo 'echo "$state $mode"' >> read.sh
  publish connected online 60 check
  [ "$(sh read.sh)" = 'connected online' ]
  publish connected online -60 check
  [ "$(sh read.sh)" = 'connected unknown' ]
  rm "$OFFQ_DIR/network"
  [ "$(sh read.sh 2> /dev/null)" = ' unknown' ]

  example '^connected online 42' > "$OFFQ_DIR/network"
  fails 75 netwatch is online # it is of long ago
  example '"mode":"offline","since"' | sed 's/"until":"…",//; s/…/2026-01-02T03:04:05Z/; s/,"boot":"2026[^"]*"//; s/,"boot":"…"//' \
    > "$OFFQ_DIR/netwatch/mode.json"
  netwatch mode | grep '^offline: plane; set by anna '

  (umask 077 && mkdir -p "$OFFQ_DIR/hooks" && example 'hooks/on-online' > "$OFFQ_DIR/hooks/on-online")
  chmod 700 "$OFFQ_DIR/hooks/on-online"
  netwatch hook test on-online

  example '^for: 2h' > train.yaml
  netwatch simulate train.yaml | grep portal
}
