#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch simulate: networks that exist in a file.
load ../common

@test "simulate prints a line for each change, and what it all cost" {
  cat >train.yaml <<-'END'
	for: 1h
	network: {basic: [tcp://192.0.2.1:443, dns://192.0.2.53]}
	events:
	  - {at: 10m, link: down}
	  - {at: 12m, link: up}
	END
  run netwatch simulate train.yaml
  [ "$status" -eq 0 ]
  [[ ${lines[1]} == *0:00:00.0*connected*no-api-configured*online*eth0* ]]
  [[ $output == *0:10:00.0*disconnected*no-link*offline* ]]
  [[ $output == *0:12:00.0*connected* ]]
  [[ $output == *disconnected*'(hooks are told)'* ]]
  [[ ${lines[-1]} == '1h: '*' rounds of probes, '*' a day), '*' wakes' ]]
}

@test "simulate --json is for programs, and the same for the same seed" {
  echo '{for: 24h, network: {basic: [tcp://192.0.2.1:443]}, start: {loss: 30%}}' >lossy.yaml
  netwatch simulate --json --seed 7 lossy.yaml >one
  netwatch simulate --json --seed 7 - <lossy.yaml >two
  cmp one two
  jq -es '.[0].state == "connected" and (.[-1].bytes | . > 100000 and . < 2000000) and
    any(.hook == "connected") and .[-1].for_s == 86400' one
  netwatch simulate --json --seed 8 lossy.yaml >three
  run cmp one three
  [ "$status" -eq 1 ]
}

@test "simulate publishes nothing" {
  echo '{}' | netwatch simulate -
  [ ! -e "$OFFQ_DIR/network" ]
}

@test "simulate says what is wrong with a scenario, and where" {
  printf 'for: 1h\nstart: {lnk: up}\n' >wrong.yaml
  fails 78 netwatch simulate wrong.yaml
  [ "$stderr" = "netwatch: wrong.yaml:2: unknown change: 'lnk': did you mean link?" ]
  fails 66 netwatch simulate missing.yaml
  fails 2 netwatch simulate --seed -1 wrong.yaml
  printf 'for: [' >wrong.yaml
  fails 78 netwatch simulate wrong.yaml
}
