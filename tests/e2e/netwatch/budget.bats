#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch budget and pace: bytes that all programs share.

load ../common
load published

setup() {
  common_setup
  publish connected online 600 check
  export NETWATCH_BUDGET_DAILY=100KB NETWATCH_BUDGET_RESERVE=20KB
  hour=$((EPOCHSECONDS / 3600 % 24)) # of UTC; where the test is it is about noon
}

# midnight: of the test's time zone, in that of --json.
midnight() { printf '%02d:00:00' $(((hour + 12) % 24)); }

# answers CODE WORD ARGUMENT...: can-send exits with CODE, and WORD is the first that it prints.
answers() {
  local code=$1 word=$2
  shift 2
  run netwatch budget can-send "$@"
  [[ $status -eq $code && $output == "$word  "* ]] || { echo "$status: $output"; false; }
}

@test "budget answers yes, summary, later and no" {
  answers 0 yes 80KB
  netwatch budget spend 50KB
  answers 0 yes 30KB
  answers 75 later 31KB
  answers 0 yes 50KB --priority critical
  answers 1 summary 31KB --summary 1KB
  answers 75 later 80KB --summary 31KB
  answers 1 no 81KB
  answers 1 no 1MB --priority critical
  [[ $output == 'no  1.0 MB are more than the 100 kB of budget.daily' ]]
  netwatch budget can-send 31KB --json | jq -e '.answer == "later" and .limit == "daily" and
    .left == 30000 and (.again | endswith("T'"$(midnight)"'.000000Z"))' || [ "${PIPESTATUS[0]}" -eq 75 ]
}

@test "budget counts by network and purpose, and shows it" {
  netwatch budget spend 50KB --purpose delivery
  netwatch budget spend 831 --purpose probe
  netwatch budget spend 5MB --network 'wwan0'
  run netwatch budget
  [[ ${lines[0]} == 'network   eth0' ]]
  [[ ${lines[1]} == 'daily     ██████████░░░░░░░░░░  51 kB of 100 kB, 49 kB left (29 kB for what is not critical); anew '* ]] ||
    { echo "$output"; false; }
  [[ $output == *$'\ntoday     51 kB: delivery 50 kB, probe 831 B\n'* ]] || { echo "$output"; false; }
  [[ $output == *$'\nother     wwan0: 5.0 MB today, 5.0 MB this month' ]]
  netwatch budget --json | jq -e '.network == "eth0" and .limits[0].spent == 50831 and
    .limits[0].left == 29169 and .limits[0].left_critical == 49169 and
    (.networks | map(.name) == ["eth0", "wwan0"]) and .networks[0].today.probe == 831'
  jq -e '.v == 1 and .networks[0].days[0].delivery == 50000' "$OFFQ_DIR/netwatch/budget.json"
}

@test "budget begins anew with the day of the time zone" {
  # About noon in both, and a day apart.
  local ahead=$(((36 - hour) % 24)) day
  export TZ=AAA-$ahead
  netwatch budget spend 80KB
  answers 75 later 1
  TZ=BBB$((24 - ahead)) answers 75 later 1
  netwatch budget --json | jq -e '.limits[0].again | contains("T'"$(midnight)"'")'
  day=$(date -d '26 hours ago' +%F)
  sed -i "s/\"day\":\"[0-9-]*\"/\"day\":\"$day\"/" "$OFFQ_DIR/netwatch/budget.json"
  answers 0 yes 80KB
}

@test "budget keeps what is reserved, until it is committed or released" {
  id=$(netwatch budget reserve 60KB --ttl 5m)
  answers 75 later 21KB
  fails 75 netwatch budget reserve 21KB
  says 'later  21 kB do not fit: 20 kB are left'
  fails 1 netwatch budget reserve 1MB
  netwatch budget commit "$id" 10KB --purpose command
  answers 0 yes 70KB
  fails 66 netwatch budget commit "$id" 1
  id=$(netwatch budget reserve 60KB --priority critical)
  netwatch budget release "${id:22}"
  answers 0 yes 70KB
  netwatch budget --json | jq -e '.reservations == [] and .networks[0].today.command == 10000'
}

@test "budget loses nothing when many spend at once" {
  local pids=() bytes
  for bytes in {1..40}; do
    netwatch budget spend "$bytes" &
    pids+=($!)
  done
  wait "${pids[@]}"
  netwatch budget --json | jq -e '.networks[0].today.other == 820'
}

@test "budget goes on from its copy when its file is torn, and says so" {
  netwatch budget spend 50KB
  truncate -s 30 "$OFFQ_DIR/netwatch/budget.json"
  run --separate-stderr netwatch budget spend 1KB
  [ "$status" -eq 0 ]
  says 'warning: budget: netwatch/budget.json: '
  says 'counts go on from those of '
  netwatch budget --json | jq -e '.networks[0].today.other == 51000'
}

@test "a check says once that the file of the budget is torn" {
  netwatch budget spend 50KB
  truncate -s 30 "$OFFQ_DIR/netwatch/budget.json"
  NETWATCH_BASIC=tcp://127.0.0.1:9 run --separate-stderr netwatch check --max-age 0s
  says 'warning: budget: netwatch/budget.json: '
  [ "$(grep -c 'counts go on from those of ' <<< "$stderr")" = 1 ]
}

@test "budget says that its file is damaged also where nothing is spent" {
  export NETWATCH_BUDGET_DAILY=100KB
  netwatch budget spend 50KB
  echo '{' > "$OFFQ_DIR/netwatch/budget.json"
  run --separate-stderr netwatch budget --json
  [ "$status" -eq 65 ]
  says 'warning: budget: netwatch/budget.json: '
  jq -e '.limits[0].spent == 50000' <<< "$output"
  run --separate-stderr netwatch budget can-send 60KB
  [ "$status" -eq 75 ]
  says 'counts go on from those of '
  run --separate-stderr netwatch pace 1KB --dry-run
  [ "$status" -eq 0 ]
  echo '{' > "$OFFQ_DIR/netwatch/budget.1.json"
  run --separate-stderr netwatch budget
  [ "$status" -eq 65 ]
  says 'counts begin anew'
  netwatch budget spend 1KB # mends it
  run --separate-stderr netwatch budget
  [ "$status" -eq 0 ] && [ -z "$stderr" ]
  [ -e "$OFFQ_DIR/netwatch/budget.damaged" ]
}

@test "budget tells numbers apart that differ" {
  export NETWATCH_BUDGET_DAILY=1MB NETWATCH_BUDGET_RESERVE=0
  netwatch budget spend 831
  run netwatch budget
  [[ $output == *'831 B of 1.0 MB, 0.999 MB left'* ]] || [[ $output == *'831 B of 1.0 MB, 999 kB left'* ]]
  netwatch budget spend 169
  netwatch budget spend 1
  run -75 netwatch budget can-send 999KB
  [[ $output == 'later  999.000 kB do not fit: 998.999 kB are left of 1.0 MB '* ]]
}

@test "budget is only for metered networks where the settings say so" {
  export NETWATCH_BUDGET_ON=metered
  answers 0 yes 1GB
  publish connected online 600 check guess-yes
  answers 1 no 1GB
  netwatch budget spend 1KB
  netwatch budget reset
  netwatch budget --json | jq -e '.networks == []'
}

@test "budget refuses what makes no sense" {
  fails 2 netwatch budget spend
  fails 2 netwatch budget spend much
  says 'invalid value: SIZE'
  fails 2 netwatch budget commit 1KB
  fails 2 netwatch budget show 1KB
  fails 2 netwatch budget spend 1KB --ttl 5m
  fails 2 netwatch budget reserve 1KB --ttl 0
  fails 2 netwatch budget reserve 1KB --summary 1
}

@test "pace makes all who send keep to the rate together" {
  export NETWATCH_BUDGET_RATE=100KB/s
  netwatch pace 150KB
  local wait
  wait=$(netwatch pace 50KB --dry-run)
  [[ $wait =~ ^0\.[0-9]{3}$ ]]
  netwatch pace 50KB
  netwatch pace 60MB
  fails 75 netwatch pace 1KB --max-wait 1m
  says 'pace: it would take longer than 1m'
  timeout --signal=TERM 1 netwatch pace 1KB && false
  unset NETWATCH_BUDGET_RATE
  netwatch pace 1GB --max-wait 0
}

@test "budget set writes the limits, and keeps what is not named" {
  unset NETWATCH_BUDGET_DAILY NETWATCH_BUDGET_RESERVE
  echo '# mine' >"$OFFQ_DIR/config.yaml"
  fails 0 netwatch budget set daily 100KB reserve 20KB
  says "$OFFQ_DIR/config.yaml: written"
  answers 0 yes 80KB
  netwatch budget set monthly 50KB
  answers 1 no 80KB
  netwatch budget set monthly none
  answers 0 yes 80KB
  [ "$(head -n 1 "$OFFQ_DIR/config.yaml")" = '# mine' ]
  cp "$OFFQ_DIR/config.yaml" before
  fails 78 netwatch budget set daily lots
  fails 2 netwatch budget set dayly 1MB
  fails 2 netwatch budget set daily
  fails 2 netwatch budget set
  cmp before "$OFFQ_DIR/config.yaml"
  NETWATCH_BUDGET_DAILY=30KB fails 0 netwatch budget set daily 100KB
  says 'budget.daily: what NETWATCH_BUDGET_DAILY says goes before it'
  echo 'budget: {daily: 1KB}' >"$OFFQ_DIR/config.yaml"
  fails 78 netwatch budget set daily 100KB
  says "this section is not netwatch's to change: write budget.daily there by hand"
}

@test "budget set finds the file however the queue is spelt, behind a link, and one at a time" {
  unset NETWATCH_BUDGET_DAILY NETWATCH_BUDGET_RESERVE
  fails 78 netwatch -C "$OFFQ_DIR/" budget set daily lots
  [ ! -e "$OFFQ_DIR/config.yaml" ]
  ln -s ../shared.yaml "$OFFQ_DIR/config.yaml"
  fails 0 netwatch -C "$OFFQ_DIR/" budget set daily 1MB
  [[ $stderr != *warning* ]]
  [ -L "$OFFQ_DIR/config.yaml" ]
  chmod 640 shared.yaml
  local setters=() setting
  for setting in 'daily 2MB' 'monthly 9MB' 'rate 1KB/s' 'reserve 1KB'; do
    # shellcheck disable=SC2086  # two words
    netwatch budget set $setting 3>&- &
    setters+=("$!")
  done
  wait "${setters[@]}"
  [ "$(stat -c %a shared.yaml)" = 640 ]
  [ "$(grep -c '"' shared.yaml)" -eq 4 ]
}
