#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch init and doctor: who is contacted, and what can be known here.

load ../common
load ../disks
load published

teardown() { remove_disks; }
setup() {
  common_setup
  file=$XDG_CONFIG_HOME/offkit/config.yaml
}

# on_terminal COMMAND: with a terminal as its standard input, on which the answers are typed that
# come on standard input; $output and $status are what came of it.
on_terminal() { run script --quiet --return --command "$1" /dev/null; }

@test "nobody is contacted until somebody says so" {
  [ "$(netwatch config get network.basic) $(netwatch config get network.check)" = 'none none' ]
  run -1 netwatch doctor
  [[ $output == *'warn contacts   nobody outside'* ]]
  [[ $output == *'`netwatch init` suggests whom to ask'* ]]
  [[ ${lines[-1]} == 'Nobody outside is contacted.' ]]
  fails 2 netwatch init < /dev/null
  says 'say --yes, --none or --endpoints'
  [ ! -e "$file" ]
}

@test "init --yes takes those that are suggested, and again changes nothing" {
  run --separate-stderr netwatch init --yes
  [ "$status" -eq 0 ]
  says "netwatch: $file: written"
  [ "$(netwatch config get network.basic)" = \
    'tcp://1.1.1.1:443 tcp://9.9.9.9:443 http://connectivitycheck.gstatic.com/generate_204' ]
  cp "$file" before
  run --separate-stderr netwatch init --yes
  says 'says so already'
  cmp "$file" before
  netwatch doctor --json | jq -e '(.contacts | length) == 3 and .bytes_per_month > 20e6 and
    .bytes_per_month < 30e6 and .bytes_per_month_metered == 806400'
}

@test "init --none is an answer too" {
  netwatch init --none
  run netwatch doctor
  [[ $output == *'ok   contacts   nobody outside'* ]]
}

@test "init takes endpoints of one's own, and refuses what is none" {
  netwatch init --endpoints tcp://192.0.2.1:443 --endpoint https://api.example.com/health
  [ "$(netwatch config get network.basic)" = tcp://192.0.2.1:443 ]
  [ "$(netwatch config get network.check)" = https://api.example.com/health ]
  cp "$file" before
  fails 2 netwatch init --endpoints ftp://192.0.2.1
  says 'tcp://HOST:PORT, dns://ADDRESS or http://HOST[:PORT]/PATH'
  cmp "$file" before
  fails 2 netwatch init --yes --endpoints tcp://192.0.2.1:443
  fails 2 netwatch init --yes --none
}

@test "init leaves what others wrote as it is" {
  mkdir -p dotfiles "${file%/*}"
  printf '# mine\nretry: {cap: 2h}' > dotfiles/offkit.yaml
  ln -s "$PWD/dotfiles/offkit.yaml" "$file"
  netwatch init --yes
  netwatch init --none
  [ -L "$file" ]
  [ "$(head -n 2 dotfiles/offkit.yaml)" = $'# mine\nretry: {cap: 2h}' ]
  [ "$(netwatch config get retry.cap)" = 2h ]
  printf 'network: {need: all}\n' > dotfiles/offkit.yaml
  fails 78 netwatch init --yes
  says 'config.yaml:1: network: this section is not netwatch'
  [ "$(cat dotfiles/offkit.yaml)" = 'network: {need: all}' ]
}

@test "init --queue is for one queue, which goes before the user's" {
  netwatch init --queue --endpoints tcp://192.0.2.1:443
  [ ! -e "$file" ]
  grep -q 192.0.2.1 "$OFFQ_DIR/config.yaml"
  run --separate-stderr netwatch init --yes
  says "warning: network.basic: what $OFFQ_DIR/config.yaml:"
}

@test "init asks on a terminal" {
  command -v script > /dev/null || skip 'script(1) is not installed'
  on_terminal 'netwatch init' <<< n
  [[ $output == *tcp://1.1.1.1:443*Cloudflare*'login pages'*'asked in turns'* ]]
  [ "$(netwatch config get network.basic)" = none ]
  on_terminal 'netwatch init' <<< 'tcp://192.0.2.1:443, tcp://192.0.2.2:443'
  [ "$(netwatch config get network.basic)" = 'tcp://192.0.2.1:443 tcp://192.0.2.2:443' ]
  on_terminal 'netwatch init' <<< $'what\ntcp://192.0.2.9\ny'
  [[ $output == *"'tcp://192.0.2.9': it needs a port: write it as tcp://192.0.2.1:443"* ]]
  [[ $output == *'Now contacted: tcp://192.0.2.1:443'* ]]
  [[ $(netwatch config get network.basic) == tcp://1.1.1.1:443* ]]
}

@test "doctor sees who looks at the network, hooks, budget and mistakes" {
  publish connected online 600 check
  export NETWATCH_BUDGET_DAILY=1KB
  netwatch budget spend 1KB
  mkdir -m 700 "$OFFQ_DIR/hooks"
  printf '#!/bin/sh\n' > "$OFFQ_DIR/hooks/on-online"
  run -1 netwatch doctor
  [[ $output == *'ok   watcher    no daemon; somebody has looked: connected, which goes stale in '* ]]
  [[ $output == *'warn hooks      on-online (not run: '*'/hooks/on-online: not executable)'* ]]
  [[ $output == *'warn budget     eth0: daily 0 B left of 1.0 kB'* ]]
  [[ $output == *"ok   directory  $OFFQ_DIR: can be written"* ]]
  [ "$(ls "$OFFQ_DIR/netwatch")" = $'budget\nbudget.1.json\nbudget.json' ]
  NETWATCH_NEED=7x run -78 netwatch doctor
  [[ ${lines[-1]} == 'The configuration does not say who is contacted.' ]]
  [[ $output == *'fail config     NETWATCH_NEED: '* ]]
}

@test "doctor says when nothing can be published, and what to do about it" {
  mkdir -m 777 "$OFFQ_DIR"
  chmod 777 "$OFFQ_DIR"
  run -77 netwatch doctor
  [[ $output == *'fail directory  '*'others may write to it'*'-> make it your own (`chown`)'* ]]
  [ ! -e "$OFFQ_DIR/netwatch" ]
}

@test "doctor says of a disk that is full, and of one that is read-only, what to do" {
  use_disk size=64k
  mkdir -m 700 "$OFFQ_DIR"
  fill_disk
  run -73 netwatch doctor
  [[ $output == *'fail directory  '*'No space left on device'*'-> remove something from the disk'* ]]
  mount -o remount,ro disk
  run -77 netwatch doctor
  [[ $output == *'Read-only file system'*'not mounted read-only (`mount`)'* ]]
  run -77 netwatch doctor --dir disk/one/two
  [[ $output == *'disk/one/two: not there yet; disk may not be written'*'OFFQ_DIR, or -C'* ]]
}

@test "doctor sees a budget that is damaged, and a mode that is none" {
  export NETWATCH_BUDGET_DAILY=1KB
  netwatch budget spend 100
  echo '{' > "$OFFQ_DIR/netwatch/budget.json"
  echo '{"mode":"perhaps"}' > "$OFFQ_DIR/netwatch/mode.json"
  run -1 netwatch doctor
  [[ $output == *'warn budget     budget: netwatch/budget.json: '*'counts go on from'*'netwatch/budget.damaged'* ]]
  [[ $output == *'mode.json: no mode of online or offline'*'offkit-network(5)'* ]]
}

# narrow COMMAND...: on a terminal of 80 columns; nothing is wider.
narrow() {
  run script -qec "stty cols 80; $*" /dev/null < /dev/null
  local wide
  wide=$(sed 's/\x1b\[[0-9;]*m//g; s/\r//g' <<< "$output" | grep -E '^.{81}' || true)
  [[ -z $wide ]] || { printf 'wider than 80: %s\n' "$wide" && false; }
}

@test "on a terminal of 80 columns nothing is wider, and nothing is lost" {
  command -v script > /dev/null || skip 'script(1) is not installed'
  publish limited offline 600 check no api-tls
  export NETWATCH_BASIC='tcp://192.0.2.1:443 tcp://192.0.2.2:443 tcp://192.0.2.3:443'
  export NETWATCH_BUDGET_DAILY=100MB NETWATCH_BUDGET_MONTHLY=1GB NETWATCH_BUDGET_RESERVE=10MB
  netwatch mode offline --reason 'nobody shall send anything while we are on board of this plane'
  netwatch budget spend 831
  netwatch budget reserve 5MB
  narrow netwatch init
  [[ $output == *'one alone is asked'* ]]
  narrow netwatch doctor
  [[ $output == *'tcp://192.0.2.3:443 ('* ]]
  narrow netwatch explain
  [[ $output == *'this plane'* ]]
  narrow netwatch budget
  [[ $output == *'for what is not critical'* ]]
  narrow netwatch budget can-send 500MB
  narrow netwatch history
  narrow netwatch hook list
}
