#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # lab.bash sets client, router and daemon; bats status and output
# netwatch daemon and check as programs: stopped, killed, twice, without room.
load ../e2e/common
load ../e2e/servers
load ../e2e/certificates
load lab

setup() { lab_setup; }
teardown() { lab_teardown; }

@test "a daemon that was stopped looks at once when it goes on" {
  watched "${three_of_basic[@]}"
  kill -STOP "$daemon"
  ip -n "$client" -6 route del default
  ip -n "$client" route del default
  run -124 netwatch wait --for disconnected --timeout 300ms
  kill -CONT "$daemon"
  becomes 'disconnected no-route'
}

@test "a daemon that stood still for long is not believed, and sees what it has missed" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1s' 'timeout: 1s' 'passive: false'
  kill -STOP "$daemon"
  # Of this no kernel tells.
  cable blackhole on
  # Twice an interval and ten seconds after the last look.
  run -124 netwatch wait --for disconnected --timeout 14s
  fails 75 netwatch is connected
  kill -CONT "$daemon"
  becomes 'disconnected probe-timeout'
}

# The clock of a machine is everybody's, and no namespace has one of its own: so the kernel's word that
# it was set is put into the daemon's mouth.
@test "a daemon whose clock was set looks at once" {
  command -v strace >/dev/null || skip 'strace is not installed'
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h' 'timeout: 1s' 'passive: false'
  cable blackhole on
  : >"$OFFQ_DIR/netwatch/reports.json" # wakes it, no more
  never 1s disconnected
  spawn strace.log strace -p "$daemon" -P 'anon_inode:[timerfd]' -e trace=read \
    -e inject=read:error=ECANCELED:when=1
  wait_for_lines strace.log 1 'attached|not permitted' "$spawned"
  grep -q attached strace.log || skip 'strace may not look at the daemon'
  : >"$OFFQ_DIR/netwatch/reports.json"
  becomes 'disconnected *'
  grep -q INJECTED strace.log
}

@test "other settings keep what was found until they have found something" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h' 'timeout: 2s' 'passive: false'
  local since now
  read -r _ _ _ since _ <"$OFFQ_DIR/network"
  : >seen # here, not in the background
  in_client netwatch watch >>seen &
  SERVERS+=("$!")
  wait_for_lines seen 1 . "${SERVERS[-1]}"
  # Each answer takes longer than a reader takes to look.
  cable delay 150
  settings 'basic: [tcp://198.51.100.2:443]' 'check: [https://198.51.100.1/]' 'interval: 1h' \
    'timeout: 3s' 'passive: false'
  while netwatch is connected && [[ $(published) != 'connected ok' ]]; do
    netwatch wait --for change --timeout 50ms || true
  done
  [ "$(published)" = 'connected ok' ]
  read -r _ _ _ now _ <"$OFFQ_DIR/network"
  [ "$now" = "$since" ]
  kill -HUP "$daemon"
  run -124 netwatch wait --for change --timeout 2s
  netwatch is connected
  run ! grep -q unknown seen
  # Without endpoints there is nothing to wait for.
  settings 'interval: 1h' 'passive: false'
  becomes 'connected not-probed'
}

@test "a check looks anew however lately the daemon has" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h' 'timeout: 1s' 'passive: false'
  in_client netwatch check --max-age 0
  # Of this no kernel tells.
  cable blackhole on
  run -1 in_client netwatch check --max-age 0
  [[ $output == disconnected* ]]
  cable blackhole off
  in_client netwatch check --max-age 0
  local first
  first=$(what .looked_at)
  in_client netwatch check --max-age 0
  [ "$(what .looked_at)" != "$first" ]
  what .by | grep -qx daemon
}

# waits PID: it has begun to wait for changes.
waits() {
  local begin=$SECONDS
  until readlink /proc/"$1"/fd/* 2>/dev/null | grep -q inotify; do
    ((SECONDS - begin < 20))
    netwatch wait --for change --timeout 20ms 3>&- || true
  done
}

@test "a hundred that wait are all woken" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h'
  local pids=() pid begin
  for _ in {1..100}; do
    netwatch wait --for disconnected --timeout 300s 3>&- &
    pids+=("$!")
  done
  for pid in "${pids[@]}"; do waits "$pid"; done
  begin=${EPOCHREALTIME/./}
  ip -n "$client" link set c0 down
  for pid in "${pids[@]}"; do wait "$pid"; done
  echo "# all of them after $(((${EPOCHREALTIME/./} - begin) / 1000)) ms" >&3
  (((${EPOCHREALTIME/./} - begin) < 20000000))
}

@test "nobody believes a daemon that was killed, and the next one goes on" {
  watched "${three_of_basic[@]}"
  netwatch is connected
  kill -KILL "$daemon"
  wait "$daemon" || true
  fails 75 netwatch is connected
  start_daemon
  netwatch wait --for connected --timeout 20s
}

# cpu: clock ticks that the daemon has had.
cpu() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$daemon/stat"; }

@test "a daemon that has nothing to do sleeps, before and after something happens" {
  watched 'basic: [tcp://198.51.100.1:443]' 'interval: 1h'
  local before
  before=$(cpu)
  never 2s disconnected
  ip -n "$client" -6 route del 2001:db8:77::/64 dev c0
  never 3s disconnected
  (($(cpu) - before < 25)) # of five hundred
}

@test "a second daemon refuses" {
  watched "${three_of_basic[@]}"
  run -75 --separate-stderr in_client netwatch daemon
  [[ $stderr == *daemon* ]]
  kill -0 "$daemon"
}

@test "check finds out once, says so by its exit code, and costs what nft counts" {
  settings 'basic: [tcp://198.51.100.1:443]' 'timeout: 1s'
  in_router nft reset counters >/dev/null
  in_client netwatch check
  [[ $(published) == connected* ]]
  in_router nft -j list counters |
    jq '.nftables[] | .counter | select(. != null) | .bytes + 14 * .packets' >seen
  what .bytes >told
  diff told seen
  cable blackhole on
  run -1 in_client netwatch check --max-age 0
  ip -n "$client" link set c0 down
  run -1 in_client netwatch check --max-age 0
  [ "$(published)" = 'disconnected no-link' ]
}

@test "two hundred checks at once put one set of probes on the wire" {
  settings 'basic: [tcp://198.51.100.1:443]' 'timeout: 1s'
  in_router nft reset counters >/dev/null
  # shellcheck disable=SC2016
  in_client bash -c 'for _ in {1..200}; do netwatch check --max-age 10s >/dev/null & done; wait' 3>&-
  [[ $(published) == connected* ]]
  in_router nft -j list counters |
    jq -e '.nftables[] | .counter | select(. != null) | .packets <= 4'
}

@test "a full disk under the queue does not end the daemon, and it publishes when there is room" {
  mkdir -p "$OFFQ_DIR"
  mount -t tmpfs -o size=512k,mode=700 lab "$OFFQ_DIR"
  watched "${three_of_basic[@]}"
  dd if=/dev/zero of="$OFFQ_DIR/filler" bs=4k 2>/dev/null || true
  ip -n "$client" -6 route del default
  ip -n "$client" route del default
  wait_for_lines daemon.log 1 'no space left|No space left' "$daemon"
  kill -0 "$daemon"
  rm "$OFFQ_DIR/filler"
  becomes 'disconnected no-route'
}

@test "a queue that is read-only is said to be, by the daemon and by a check" {
  settings "${three_of_basic[@]}"
  in_client netwatch check
  mount -t tmpfs -o size=512k,mode=700 lab "$OFFQ_DIR"
  in_client netwatch check
  mount -o remount,ro "$OFFQ_DIR"
  run ! in_client netwatch check --max-age 0
  [[ $output == *[Rr]ead-only* ]]
  run ! in_client netwatch daemon
  [[ $output == *[Rr]ead-only* ]]
  netwatch is connected
}
