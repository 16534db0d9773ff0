#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # space.bash and servers.bash set space, spawned and url
#
# Every example that the help of netwatch shows is typed here as it stands, in a network that needs
# nobody outside; and the script of the manual page is copied from it and meets every network.

load ../common
load ../help_examples
load ../servers
load space

setup() {
  space_setup
  PATH=$PWD/bin:$PATH
  mkdir bin
  # What the examples want to run; each says that it was.
  local name
  for name in upload backup backup.sh logger; do
    printf '#!/bin/sh\necho "%s $*" >>ran\n' "$name" > "bin/$name"
  done
  chmod +x bin/*
}
teardown() {
  stop_servers
  space_teardown
}

# as_typed_here EXAMPLE: what never ends is ended, who is asked is here.
as_typed_here() {
  sed -E 's,^(\* ){5},,; s,https://api.example.com/health,tcp://127.0.0.1:9,
    s,--endpoint api.example.com,--endpoint tcp://127.0.0.1:9,; s,--stable 30s,--stable 1s,; s,--timeout 1h,--timeout 1s,; s,do …; done,do echo seen; exit 0; done,
    s,(192.0.2.1|\[2001:db8::1\]):443,\1:9,g; s,^netwatch watch$,& | head -n 1,
    s,^netwatch daemon &$,& until flock --nonblock --conflict-exit-code 9 "$OFFQ_DIR/netwatch/lock" true; [ $? -eq 9 ]; do netwatch wait --for change --timeout 50ms; done; kill $!; wait $! || [ $? -eq 143 ],' <<< "$1"
}

expected_status() {
  case $1 in
    'netwatch doctor'* | 'netwatch probe '* | 'netwatch check --endpoint'*) echo '0 1' ;;
    'netwatch budget can-send 5MB --summary 10KB') echo 1 ;;
    'netwatch wait --endpoint'*) echo 124 ;;
    *) echo 0 ;;
  esac
}

# outcome_of EXAMPLE NUMBER: says what is wrong with it, if anything is.
outcome_of() {
  mkdir "$2" && cd "$2" || return
  export OFFQ_DIR=$PWD/queue
  case $1 in
    'netwatch init'*) rm -f "$XDG_CONFIG_HOME/offkit/config.yaml" ;;
    *--endpoint*) settings 'metered: no' 'basic: [tcp://127.0.0.1:9]' ;;
    *) settings 'metered: no' ;;
  esac
  (umask 077 && mkdir -p queue/netwatch queue/hooks)
  printf '#!/bin/sh\n' > queue/hooks/on-online && chmod 700 queue/hooks/on-online
  printf 'for: 1h\nevents: [{at: 10m, link: down}]\n' > train.yaml
  inside netwatch check > /dev/null || true
  case $1 in *'budget commit'*) id=$(inside netwatch budget reserve 5MB) && export id ;; esac
  if [[ $1 == *--summary* ]]; then export NETWATCH_BUDGET_DAILY=1MB; fi
  as_typed_here "$1" > example
  local code=0
  echo n >&"$keyboard"
  inside timeout 20 bash -o pipefail -c 'exec script -qec "bash -o pipefail example" /dev/null' \
    > output 2>&1 <&"$keyboard" || code=$?
  [[ " $(expected_status "$1") " == *" $code "* ]] ||
    printf 'exit %s instead of %s: %s\n%s\n' "$code" "$(expected_status "$1")" "$1" "$(< output)"
}

@test "every command has an example, and every example works" {
  every_example_works netwatch
}

# script_of_page N: the N-th script of the manual page, as a reader copies it.
script_of_page() {
  netwatch --generate man | awk -v wanted="$1" '
    /^\.Ed$/ { on = 0 } on { print } /^\.Bd -literal$/ { on = ++n == wanted }' |
    sed 's/^\\&//; s/\\-/-/g; s/\\e/\\/g'
}

report() { inside send-report "$PWD/report.json"; }
queued() { offq list --state pending --ids | wc -l; }
received() { wc -l < inbox/inbox.jsonl; }

@test "the script of the manual page makes the best of every network" {
  command -v curl > /dev/null || skip 'curl is not installed'
  mkdir outbox
  inside true # or there is no network of one's own
  spawn receive.log ip netns exec "$space" offq receive --dir inbox --listen 127.0.0.1:0
  announces receive.log "$spawned"
  script_of_page 1 | sed "s,https://api.example.com,$url,; s,/srv/outbox,$PWD/outbox," > bin/send-report
  (umask 077 && mkdir -p "$OFFQ_DIR/hooks" && script_of_page 2 > "$OFFQ_DIR/hooks/on-online")
  chmod 700 bin/send-report "$OFFQ_DIR/hooks/on-online"
  printf '{"n":1,"text":"%02950d"}\n' 1 > report.json

  # Bytes are free: it is sent.
  settings "basic: [tcp://${url#http://}]" 'metered: no' 'passive: false'
  report
  [ "$(queued)" = 0 ]
  [ "$(received)" = 1 ]

  # They cost money, and there is enough: sent, and counted.
  settings "basic: [tcp://${url#http://}]" 'metered: yes' 'passive: false'
  inside netwatch check --max-age 0s
  export NETWATCH_BUDGET_DAILY=100KB
  report
  [ "$(received)" = 2 ]
  inside netwatch budget --json | jq -e '[.networks[].today.other] | add > 2900'
  # There is enough for a summary only.
  NETWATCH_BUDGET_DAILY=5KB report
  [ -s report.json.short ]
  [ "$(queued)" = 1 ]

  # Somebody has said that nothing shall be sent: kept, and delivered when that is over.
  inside netwatch mode offline
  inside netwatch check --max-age 0s
  report
  [ "$(queued)" = 2 ]
  inside netwatch mode auto
  inside netwatch check --max-age 0s
  [ "$(queued)" = 0 ]

  # The API fails, and the network is there.
  settings "basic: [tcp://${url#http://}]" 'check: ["https://127.0.0.1:9/"]' 'passive: false'
  inside netwatch check --max-age 0s || [ $? -eq 1 ]
  inside netwatch is limited
  report
  [ -s outbox/report.json ]

  # There is none.
  ip -n "$space" link set eth0 down
  report
  [ "$(queued)" = 1 ]
}
