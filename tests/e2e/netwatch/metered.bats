#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch-metered: what NetworkManager says, on a bus of the test's own.

load ../common
bats_require_minimum_version 1.5.0

setup() {
  common_setup
  helper=$OFFKIT_BUILD/libexec/offkit/netwatch-metered
  fake=$OFFKIT_BUILD/tests/fake_network_manager
  pids=()
}

teardown() {
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
  start_bus
  local way
  way=$(ip -o route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
  start_fake 1 "${way:-none}" 1
  run netwatch doctor
  [[ $output == *'(NetworkManager says yes)'* ]]
}
