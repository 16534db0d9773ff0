#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # space.bash sets daemon and space
# netwatch daemon: it publishes what changes, alone, for as long as it lives.
load ../common
load space

setup() { space_setup; }
teardown() { space_teardown; }

@test "daemon publishes what links, addresses and routes say" {
  start_daemon
  says_line connected online eth0 reason=not-probed by=daemon
  netwatch is online
  ip -n "$space" route del default
  netwatch wait --for disconnected --timeout 20s
  says_line disconnected offline reason=no-route
  ip -n "$space" route add default via 10.9.0.1
  netwatch wait --for connected --timeout 20s
  ip -n "$space" addr del 10.9.0.2/24 dev eth0
  netwatch wait --for disconnected --timeout 20s
  ip -n "$space" addr add 10.9.0.2/24 dev eth0
  ip -n "$space" route add default via 10.9.0.1
  netwatch wait --for connected --timeout 20s
  # The default route of IPv4 stays when the carrier goes.
  ip -n "$space" link set far0 down
  netwatch wait --for disconnected --timeout 20s
  says_line disconnected reason=no-link
  jq -se 'map(.state) | .[-4:] == ["disconnected", "connected", "disconnected", "connected"] or length >= 6' \
    "$OFFQ_DIR/netwatch/history.jsonl"
}

@test "daemon takes notice of a lost carrier at once, also right after another event" {
  start_daemon
  ip -n "$space" link add busy0 type veth peer name busy1
  ip -n "$space" link set busy0 up
  ip -n "$space" link set busy1 up
  # The kernel would tell of it up to a second later; a busy machine may need another try.
  local begin took i
  for i in {1..20}; do
    ip -n "$space" link set busy1 down
    begin=${EPOCHREALTIME/./}
    ip -n "$space" link set far0 down
    netwatch wait --for disconnected --timeout 20s
    # When the daemon saw it, and not when the one that waits did.
    took=$(($(date -d "$(jq -r .at "$OFFQ_DIR/network.json")" +%s%6N) - begin))
    echo "$took us"
    ((took < 300000)) && return
    ip -n "$space" link set far0 up
    ip -n "$space" link set busy1 up
    netwatch wait --for connected --timeout 20s
  done
  return 1
}

@test "daemon says that there is no network where there is none" {
  ip -n "$space" link del eth0
  start_daemon
  says_line disconnected offline - reason=no-link
}

@test "daemon is the only one, and a reader does not keep it out" {
  start_daemon
  fails 75 netwatch daemon
  says 'another daemon is running'
  kill -KILL "$daemon"
  wait "$daemon" || true
  netwatch is connected && false
  run netwatch is connected
  [ "$status" -eq 75 ]
  # Readers lock the file for a moment, all the time.
  while netwatch is connected || [[ $? -ne 1 ]]; do :; done 3>&- &
  daemons+=("$!")
  local i
  for i in 1 2 3 4 5; do
    start_daemon
    kill -TERM "$daemon"
    wait "$daemon" || true
  done
}

@test "daemon starts although somebody keeps the lock of readers, and is the only one" {
  mkdir -p "$OFFQ_DIR/netwatch"
  chmod 700 "$OFFQ_DIR" "$OFFQ_DIR/netwatch"
  mkfifo let-go
  exec {gate}<>let-go
  : >"$OFFQ_DIR/netwatch/lock"
  local how
  for how in --shared --exclusive; do
    inside netwatch check --max-age 0 # or the line would be that of the daemon before
    flock "$how" "$OFFQ_DIR/netwatch/lock" sh -c 'echo held; read -r _ <let-go' >holder.log 3>&- &
    daemons+=("$!")
    await grep -q held holder.log
    start_daemon
    netwatch is connected
    fails 75 netwatch daemon
    says 'another daemon is running'
    echo >&"$gate"
    wait "${daemons[-2]}"
    netwatch is connected
    kill -TERM "$daemon"
    wait "$daemon" || true
    fails 75 netwatch is connected
  done
}

@test "daemon ends at SIGTERM although a hook runs, and nobody believes it any more" {
  mkfifo "$BATS_TEST_TMPDIR/started" "$BATS_TEST_TMPDIR/go"
  hook on-online <<END
#!/bin/sh
echo >"$BATS_TEST_TMPDIR/started"
read -r _ <"$BATS_TEST_TMPDIR/go"
END
  settings 'settle: 0s'
  start_daemon
  heard "$BATS_TEST_TMPDIR/started"
  local code=0
  kill -TERM "$daemon"
  wait "$daemon" || code=$?
  [ "$code" -eq 143 ]
  run netwatch is connected
  [ "$status" -eq 75 ]
  # It was not told to the end: the next daemon does.
  start_daemon
  heard "$BATS_TEST_TMPDIR/started"
}

@test "daemon reads its settings again when they change, and by SIGHUP" {
  start_daemon
  settings 'metered: yes'
  await says_line metered=yes
  settings 'metered: perhaps'
  await grep -q 'going on with the settings before' daemon.log
  says_line metered=yes
  settings 'metered: no'
  await says_line metered=no
  unlink "$XDG_CONFIG_HOME/offkit/config.yaml"
  kill -HUP "$daemon"
  await says_line metered=guess-no
}

@test "daemon reads settings whose directory was made after its start" {
  rm -rf "$XDG_CONFIG_HOME/offkit"
  start_daemon
  says_line metered=guess-no
  mkdir "$XDG_CONFIG_HOME/offkit"
  settings 'metered: yes'
  await says_line metered=yes
  rm -r "$XDG_CONFIG_HOME"
  await says_line metered=guess-no
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  settings 'metered: yes'
  await says_line metered=yes
  mv "$XDG_CONFIG_HOME" "$XDG_CONFIG_HOME.old"
  await says_line metered=guess-no
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  settings 'metered: yes'
  await says_line metered=yes
}

@test "daemon says once that the file of the budget is torn" {
  settings 'metered: yes'
  export NETWATCH_BUDGET_DAILY=100KB
  inside netwatch check
  netwatch budget spend 50KB
  truncate -s 30 "$OFFQ_DIR/netwatch/budget.json"
  start_daemon
  settings 'metered: no'
  await says_line metered=no
  settings 'metered: yes'
  await says_line metered=yes
  [ "$(grep -c 'warning: budget: netwatch/budget.json: ' daemon.log)" = 1 ]
}

@test "daemon follows a mode that somebody sets, and its end" {
  start_daemon
  netwatch mode offline
  await says_line connected offline by=daemon
  netwatch mode offline --for 1s
  netwatch wait --for online --timeout 20s
  await says_line connected online by=daemon
  netwatch is online
}

@test "daemon puts right a line that somebody else has written" {
  start_daemon
  echo 'disconnected offline 1 1 9999999999 - metered=no reason=no-link by=check v=1' >"$OFFQ_DIR/new"
  mv "$OFFQ_DIR/new" "$OFFQ_DIR/network"
  await says_line connected online by=daemon
}

@test "daemon tells the service manager when it is ready, how it stands, and that it lives" {
  command -v perl >/dev/null || skip 'perl is not installed'
  export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify
  perl -MIO::Socket::UNIX -e '$| = 1;
    my $in = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ENV{NOTIFY_SOCKET}) or die;
    print "$_\n" while defined $in->recv($_, 4096);' >told 3>&- &
  daemons+=("$!")
  await test -S "$NOTIFY_SOCKET"
  export WATCHDOG_USEC=200000
  start_daemon
  await grep -q 'READY=1' told
  await grep -q 'STATUS=connected (not-probed), online' told
  ip -n "$space" route del default
  await grep -q 'STATUS=disconnected (no-route), offline' told
  await eval '(( $(grep -o WATCHDOG=1 told | wc -l) >= 3 ))'
  kill -TERM "$daemon"
  await grep -q 'STOPPING=1' told
}

@test "daemon takes no notice of what containers come with" {
  start_daemon
  local generation i
  read -r _ _ generation _ <"$OFFQ_DIR/network"
  for i in {1..40}; do
    printf 'link add veth%s type veth peer name vethx%s\nlink set veth%s up\n' "$i" "$i" "$i"
    printf 'addr add 172.17.%s.1/24 dev veth%s\nlink del veth%s\n' "$i" "$i" "$i"
  done | ip -n "$space" -batch -
  ip -n "$space" route del default
  netwatch wait --for disconnected --timeout 20s
  local after
  read -r _ _ after _ <"$OFFQ_DIR/network"
  [ "$after" -eq $((generation + 1)) ]
}

@test "daemon goes on where it cannot write, and writes when it can" {
  mkdir -p "$OFFQ_DIR"
  mount -t tmpfs -o size=256k,mode=0700 tmpfs "$OFFQ_DIR" || skip 'no tmpfs may be mounted here'
  start_daemon
  dd if=/dev/zero of="$OFFQ_DIR/filler" bs=4k 2>/dev/null || true
  ip -n "$space" route del default
  await grep -q 'trying again' daemon.log
  rm "$OFFQ_DIR/filler"
  await says_line disconnected reason=no-route
}

@test "daemon says why where it must not write at all" {
  netwatch mode auto
  local code=0
  unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec netwatch daemon' \
    sh "$OFFQ_DIR" 2>daemon.log || code=$?
  [ "$code" -eq 77 ]
  grep -q 'netwatch:' daemon.log
}

@test "daemon is small" {
  start_daemon
  local kilobytes
  kilobytes=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$daemon/status")
  echo "$kilobytes kB"
  ((kilobytes <= 8192))
}

@test "hooks of the daemon: whatever it dies at, what holds is told by the next one" {
  settings 'settle: 0s'
  hook on-online <<<$'#!/bin/sh\necho "$NETWORK_MODE $NETWORK_GENERATION" >>told'
  hook on-offline <<<$'#!/bin/sh\necho "$NETWORK_MODE $NETWORK_GENERATION" >>told'
  hook on-change <<<$'#!/bin/sh\necho "change $NETWORK_GENERATION" >>told'
  local round
  for round in {1..30}; do
    # At some moment from before its first step until after the hooks.
    timeout --signal=KILL "0.0$((RANDOM % 80 + 10))" ip netns exec "$space" netwatch daemon \
      2>>daemon.log 3>&- &
    daemon=$!
    if ((round % 2)); then ip -n "$space" route del default; else
      ip -n "$space" route replace default via 10.9.0.1
    fi
    wait "$daemon" || true
  done
  start_daemon
  await told_what_holds
  # What a hook has been told of counts once the daemon has seen it end.
  await told_is_noted
  # One that was started in the instant of a kill may still be about to write its line.
  await runs_nothing
  # And nothing twice after a quiet restart.
  local lines
  lines=$(wc -l <"$OFFQ_DIR/told")
  kill -TERM "$daemon"
  wait "$daemon" || true
  start_daemon
  netwatch mode offline
  await told_what_holds
  [ "$(wc -l <"$OFFQ_DIR/told")" -eq $((lines + 2)) ]
}

runs_nothing() { [[ $(ip netns pids "$space") == "$daemon" ]]; }

told_is_noted() {
  local generation
  read -r _ _ generation _ <"$OFFQ_DIR/network"
  jq -e --argjson generation "$generation" '(has("running") | not) and .generation == $generation' \
    "$OFFQ_DIR/netwatch/hooks.json" >noted
}

told_what_holds() {
  local mode generation
  read -r _ mode generation _ <"$OFFQ_DIR/network"
  grep -qs . "$OFFQ_DIR/told" &&
    [[ $(grep -v change "$OFFQ_DIR/told" | tail -n 1) == "$mode "* ]] &&
    [[ $(grep change "$OFFQ_DIR/told" | tail -n 1) == "change $generation" ]]
}
