#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is in examples/: the README tells a newcomer to type the quickstart; the rest is to be copied.
load common
load servers

teardown() { stop_servers; }

@test "the quickstart tells its story, twice in a row, and leaves nothing behind" {
  mkdir tmp
  for _ in 1 2; do
    TMPDIR=$BATS_TEST_TMPDIR/tmp run -0 "$OFFKIT_SOURCE/examples/quickstart.sh"
    [[ $output == *'connection refused'* && $output == *'(exit status 75)'* ]]
    [[ $output == *'All as promised'* ]]
  done
  [ -z "$(ls -A tmp)" ]
}

# setting UNIT NAME: what a unit says after "NAME=".
setting() { sed -n "s/^$2=//p" "$OFFKIT_SOURCE/examples/systemd/$1"; }

setup() {
  common_setup
  # The environment that a user's manager gives, and no more.
  as_a_service=(env -i HOME="$HOME" PATH="$PATH" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR"
    XDG_STATE_HOME="$XDG_STATE_HOME" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" LANG=C.UTF-8)
}

@test "systemd finds nothing wrong with the units" {
  command -v systemd-analyze > /dev/null || skip 'no systemd-analyze here'
  # ExecStart is looked for where a manager looks: the programs may not be installed here.
  mkdir units
  for unit in "$OFFKIT_SOURCE"/examples/systemd/*; do
    sed -e "s|^ExecStart=offq|ExecStart=$(command -v offq)|" \
      -e "s|^ExecStart=netwatch|ExecStart=$(command -v netwatch)|" "$unit" > "units/${unit##*/}"
  done
  run -0 systemd-analyze --user --man=no verify units/*.service units/*.timer
  [ -z "$output" ]
}

@test "the service that stays delivers, reads its settings again, and ends as its unit says" {
  start_receiver
  read -ra start <<< "$(setting offq-sync.service ExecStart)"
  [ "${start[*]}" = 'offq sync --watch' ]
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  unset OFFQ_DIR
  spawn service.log "${as_a_service[@]}" "${start[@]}" --verbose
  wait_for_lines service.log 1 '^offq: watching' "$spawned"
  # shellcheck disable=SC2016  # systemd's own variable
  read -ra reload <<< "$(setting offq-sync.service ExecReload | sed 's/\$MAINPID/'"$spawned/")"
  "${reload[@]}"
  wait_for_lines service.log 1 'settings have been read again' "$spawned"
  id=$(offq enqueue "$url/x" -d 1)
  offq wait "$id" --timeout 20s
  kill -TERM "$spawned"
  code=0
  wait "$spawned" || code=$?
  [ "$code" -eq "$(setting offq-sync.service SuccessExitStatus)" ]
}

@test "the service that a timer starts delivers once, and being offline is no failure of it" {
  hold_port
  unset OFFQ_DIR
  read -ra start <<< "$(setting offq-sync-once.service ExecStart)"
  id=$(offq enqueue "$url/x" -d 1)
  code=0
  "${as_a_service[@]}" "${start[@]}" || code=$?
  [ "$code" -eq "$(setting offq-sync-once.service SuccessExitStatus)" ]
  start_receiver_at "$port"
  run -0 "${as_a_service[@]}" offq sync --force --quiet
  [ "$(jq -r .key inbox/inbox.jsonl)" = "$id" ]
  # A timer starts the service of its own name.
  [ -e "$OFFKIT_SOURCE/examples/systemd/offq-sync-once.timer" ]
}

@test "the time of the timer is one that systemd understands" {
  command -v systemd-analyze > /dev/null || skip 'no systemd-analyze here'
  run -0 systemd-analyze calendar "$(setting offq-sync-once.timer OnCalendar)"
}

@test "the lines for crontab parse, and do what they say, silently" {
  start_receiver
  unset OFFQ_DIR
  local fields='([0-9*/,-]+ ){4}[0-9*/,-]+' line commands=()
  while IFS= read -r line; do
    [[ $line == \#* ]] && continue
    [[ $line =~ ^$fields\ \ (.*)$ ]] || { echo "$line" && false; }
    commands+=("${BASH_REMATCH[-1]}")
  done < "$OFFKIT_SOURCE/examples/crontab"
  [ "${#commands[@]}" -eq 3 ]
  id=$(offq enqueue "$url/x" -d 1)
  for line in "${commands[@]}"; do
    [[ $line != *%* ]] # means a newline to cron
    run -0 env -i HOME="$HOME" PATH="$PATH" XDG_STATE_HOME="$XDG_STATE_HOME" LOGNAME=me SHELL=/bin/sh \
      /bin/sh -c "$line"
    [ -z "$output" ]
  done
  [ "$(jq -r .key inbox/inbox.jsonl)" = "$id" ]
  # Offline is no reason for a mail, and an error is one.
  hold_port
  offq enqueue "$url/x" -d 1
  run -0 env -i HOME="$HOME" PATH="$PATH" XDG_STATE_HOME="$XDG_STATE_HOME" /bin/sh -c "${commands[0]}"
  [ -z "$output" ]
  run -1 env -i HOME="$HOME" PATH="$PATH" XDG_STATE_HOME="$XDG_STATE_HOME" OFFQ_SYNC_ENABLED=maybe \
    /bin/sh -c "${commands[0]}"
  [ -n "$output" ]
}

@test "the service that looks publishes, reads its settings again, and ends as its unit says" {
  read -ra start <<< "$(setting netwatch.service ExecStart)"
  [ "${start[*]}" = 'netwatch daemon' ]
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  unset OFFQ_DIR
  spawn service.log "${as_a_service[@]}" "${start[@]}" --verbose
  wait_for_lines service.log 1 '^netwatch: watching' "$spawned"
  # shellcheck disable=SC2016  # systemd's own variable
  read -ra reload <<< "$(setting netwatch.service ExecReload | sed 's/\$MAINPID/'"$spawned/")"
  "${reload[@]}"
  wait_for_lines service.log 1 'settings have been read again' "$spawned"
  kill -TERM "$spawned"
  code=0
  wait "$spawned" || code=$?
  [ "$code" -eq "$(setting netwatch.service SuccessExitStatus)" ]
}

# published MODE REASON: the line, as netwatch would write it.
published() {
  local now
  now=$(date +%s)
  (umask 077 && mkdir -p "$OFFQ_DIR/hooks" "$OFFQ_DIR/netwatch")
  echo "limited $1 7 $now $((now + 60)) eth0 metered=no reason=$2 by=check v=1" > "$OFFQ_DIR/network"
  echo '{"generation":7,"login_url":"http://10.0.0.1/login"}' > "$OFFQ_DIR/network.json"
}

@test "the hook that delivers does so when the network comes" {
  start_receiver
  id=$(offq enqueue "$url/x" -d 1)
  published online portal
  ln -s "$OFFKIT_SOURCE/examples/hooks/on-online" "$OFFQ_DIR/hooks/on-online"
  netwatch hook test on-online
  [ "$(jq -r .key inbox/inbox.jsonl)" = "$id" ]
}

@test "the hook for the desktop says what there is, and where to log in" {
  published offline portal
  cp "$OFFKIT_SOURCE/examples/hooks/on-change" "$OFFQ_DIR/hooks/"
  mkdir programs
  printf '%s\n' '#!/bin/sh' 'printf "%s|" "$@" > notified' > programs/notify-send
  chmod +x programs/notify-send
  PATH=$PWD/programs:$PATH netwatch hook test on-change
  [ "$(cat "$OFFQ_DIR/notified")" = "--app-name=netwatch|Network: limited|portal over eth0; programs are offline
Log in: http://10.0.0.1/login|" ]
}

@test "the script for NetworkManager looks when something has changed, as the owner of the queue" {
  command -v runuser > /dev/null || skip 'no runuser here'
  [[ $EUID -eq 0 ]] || skip 'NetworkManager runs its scripts as root'
  offq enqueue http://127.0.0.1:9/x -d 1
  "$OFFKIT_SOURCE/examples/networkmanager/90-netwatch" eth0 hostname
  [ ! -e "$OFFQ_DIR/network" ]
  "$OFFKIT_SOURCE/examples/networkmanager/90-netwatch" eth0 up
  grep -q ' by=check ' "$OFFQ_DIR/network"
}
