#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# kill -9 at random moments; see kill_rounds.sh, which also runs alone, for longer, with a seed.

load ../common

@test "kill: every printed id survives kill -9 of enqueue, sync and receiver, and arrives once" {
  run timeout 300 "$OFFKIT_SOURCE/tests/e2e/kill_rounds.sh" -n 200
  echo "$output"
  [ "$status" -eq 0 ]
  # Killing must have hit something: else the delays no longer fit the programs.
  [[ ${lines[-1]} =~ ,\ ([0-9]+)\ kills ]]
  ((BASH_REMATCH[1] >= 40))
}
