#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch run: a command when the network is there, else 75.
load ../common
load published

@test "run becomes the command when the mode is online" {
  publish connected online 60 check
  [ "$(netwatch run -- echo one --two)" = 'one --two' ]
  run netwatch run -- sh -c 'exit 7'
  [ "$status" -eq 7 ]
  [ "$(echo in | netwatch run -- cat)" = in ]
}

@test "run does nothing while the mode is offline, and says why" {
  publish disconnected offline 60 check no no-route
  fails 75 netwatch run -- touch ran
  says 'run: the network is disconnected (no-route)'
  publish connected online 60 check
  netwatch mode offline
  fails 75 netwatch run -- touch ran
  says 'run: the mode is offline: set by'
  [ ! -e ran ]
}

@test "run --else runs something else instead" {
  publish disconnected offline 60 check no no-route
  run --separate-stderr netwatch run --else 'echo instead; exit 3' -- touch ran
  [ "$status" -eq 3 ]
  [ "$output" = instead ]
  publish connected online 60 check
  [ "$(netwatch run --else 'echo instead' -- echo ran)" = ran ]
}

@test "run --wait waits for the network, and no longer" {
  publish disconnected offline 60 check no no-route
  fails 75 netwatch run --wait 50ms -- touch ran
  netwatch run --wait 20s -- touch ran 3>&- &
  local runner=$!
  publish connected online 60 check
  wait "$runner"
  [ -e ran ]
}

@test "run says that there is no such command" {
  publish connected online 60 check
  fails 66 netwatch run -- /no/such/program
  says 'no such program: /no/such/program'
  fails 2 netwatch run
}

@test "run does nothing where the budget is spent" {
  publish connected online 60 check
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  printf 'budget:\n  daily: 1MB\n' >"$XDG_CONFIG_HOME/offkit/config.yaml"
  [ "$(netwatch run --need 900KB -- echo ran)" = ran ]
  netwatch budget spend 200KB
  fails 75 netwatch run --need 900KB -- touch ran
  says 'run: the budget does not allow 900 kB now'
  [ "$(netwatch run --need 700KB -- echo ran)" = ran ]
}
