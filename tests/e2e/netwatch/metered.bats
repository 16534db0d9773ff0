#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch-metered: what NetworkManager says, on a bus of the test's own.

load ../common
load space

setup() {
  common_setup
  helper=$OFFKIT_BUILD/libexec/offkit/netwatch-metered
  fake=$OFFKIT_BUILD/tests/fake_network_manager
  pids=()
}

teardown() {
  [[ -z ${space-} ]] || space_teardown
  local pid
  for pid in "${pids[@]}"; do
    kill "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
}

# start_bus: a bus of the test's own is the system's.
start_bus() {
  command -v dbus-daemon > /dev/null || skip 'dbus-daemon is not installed'
  export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$BATS_TEST_TMPDIR/bus
  mkfifo bus.address
  dbus-daemon --session --nofork --nopidfile --address="$DBUS_SYSTEM_BUS_ADDRESS" --print-address=1 \
    > bus.address 3>&- &
  pids+=($!)
  read -r _ < bus.address
}

# start_fake PRIMARY INTERFACE METERED
start_fake() {
  mkfifo fake.ready
  "$fake" "$@" > fake.ready 3>&- &
  pids+=($!)
  local word
  read -r word < fake.ready
  [ "$word" = ready ]
}

@test "the interface is asked for, else the primary connection" {
  start_bus
  start_fake 2 usb0 1
  [ "$("$helper" usb0)" = yes ]
  [ "$("$helper")" = no ]
}

@test "its guesses are called guesses" {
  start_bus
  start_fake 4 wlan0 3
  [ "$("$helper" wlan0)" = guess-yes ]
  [ "$("$helper")" = guess-no ]
}

@test "what it does not know is unknown, and a device that it does not know, nothing" {
  start_bus
  start_fake 0 wlan0 77
  [ "$("$helper")" = unknown ]
  [ "$("$helper" wlan0)" = unknown ]
  fails 69 "$helper" eth0
}

@test "without NetworkManager, or without a bus, nothing is said" {
  fails 2 "$helper" eth0 eth1
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$PWD/nowhere fails 69 "$helper" eth0
  says 'NetworkManager: no system bus: '
  start_bus
  fails 69 "$helper" eth0
  [ -z "$stderr" ]
}

@test "doctor says what NetworkManager says" {
  space_setup
  start_bus
  start_fake 1 eth0 1
  run inside netwatch doctor
  [[ $output == *'(NetworkManager says yes)'* ]]
}

@test "daemon and check publish what NetworkManager says of the way out" {
  space_setup
  start_bus
  start_fake 2 eth0 1
  inside netwatch check
  says_line metered=yes by=check
  start_daemon
  await says_line metered=yes by=daemon
  # A way out that NetworkManager does not have.
  ip -n "$space" link add wwan0 type veth peer name far1
  ip -n "$space" link set far1 up
  ip -n "$space" link set wwan0 up
  ip -n "$space" addr add 10.8.0.2/24 dev wwan0
  ip -n "$space" route replace default via 10.8.0.1
  await says_line wwan0 metered=guess-yes
  ip -n "$space" route replace default via 10.9.0.1
  await says_line eth0 metered=yes
}

@test "without NetworkManager it is guessed, and a helper that hangs is not waited for" {
  space_setup
  inside netwatch check
  says_line metered=guess-no
  start_bus
  mkdir libexec
  printf '#!/bin/sh\nexec cat never-ends\n' > libexec/netwatch-metered
  mkfifo never-ends
  chmod 755 libexec libexec/netwatch-metered
  OFFKIT_LIBEXEC=$PWD/libexec inside netwatch check --max-age 0
  says_line metered=guess-no
}
