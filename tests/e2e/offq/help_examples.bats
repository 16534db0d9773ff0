#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash and help_examples.bash set spawned, url and keyboard
#
# Every example that the help shows is typed here as it stands: in a directory of its own, with the
# files, the programs and the operation that it speaks of, and on a terminal. Only hosts, ports and
# directories of the machine are replaced.

load ../common
load ../help_examples
load ../servers

setup() {
  common_setup
  PATH=$PWD/bin:$PATH
  mkdir bin
  printf '#!/bin/sh\nprintf "%%s\\n" "{\\"loss\\":0.1}" "{\\"loss\\":0.05}"\n' > bin/metrics
  printf '#!/bin/sh\n' | tee bin/rsync > bin/apt-get
  chmod +x bin/*
}
teardown() { stop_servers; }

# What the terminal knows as 9F3K; the examples name it by its last characters.
known=01KAJ6Q00000000000000A9F3K

# as_typed_here EXAMPLE: the same with hosts and places of this test.
as_typed_here() {
  local text
  text=$(sed -E "s,127\.0\.0\.1:[0-9]+,127.0.0.1:0,g; s,/tmp/,,g; s,^(\* ){5},,;
    s,https://[a-z]+\.example\.com,$server,g" <<< "$1")
  if [[ $text == 'offq receive'* && $text != *--listen* ]]; then text+=' --listen 127.0.0.1:0'; fi
  # A prompt shows what it is made of only when it is printed.
  if [[ $text == PS1=* ]]; then text+=$'\nprintf "%s\\n" "${PS1@P}" | grep -F "[offq: "'; fi
  printf '%s\n' "$text"
}

# prepare EXAMPLE: the place where it is typed.
prepare() {
  export OFFQ_DIR=$PWD/queue id=$known
  mkdir -m 700 queue queue/pending
  printf 'endpoints: {api: {url: "%s"}}\ntypes: {metric_log: {endpoint: api, path: /metrics}}\n' \
    "$server" > queue/config.yaml
  printf '{"v":1,"id":"%s","type":"api_call","lane":"orders","request":{"method":"GET","url":"%s"}}\n' \
    "$known" "$server/known" > "queue/pending/$known.json"
  echo '{"n":1}' | tee run.json > order.json
  echo bytes > model.bin
  case $1 in
    'offq retry '*) offq cancel "$known" ;;
    'offq show '*--response* | 'offq wait '*) offq sync ;;
  esac
}

# type_it FILE: sets $status and $output.
type_it() {
  status=0
  if grep -qE '^offq (receive|sync --watch)' "$1"; then
    # It stays until it is told to stop.
    spawn output bash -c "exec $(cat "$1")"
    case $(cat "$1") in
      'offq receive'*) announces output "$spawned" ;;
      *) offq wait "$known" --timeout 20s ;;
    esac && kill -TERM "$spawned"
    wait "$spawned" || status=$?
  else
    echo y >&"$keyboard"
    script -qec "bash -o pipefail $1" /dev/null > output 2>&1 <&"$keyboard" || status=$?
  fi
  output=$(cat output)
}

expected_status() {
  case $1 in
    'offq receive '* | 'offq sync --watch'*) echo 143 ;; # SIGTERM
    'offq doctor'*) echo "$((status == 1))" ;; # what is promised depends on the filesystem
    *) echo 0 ;;
  esac
}

# outcome_of EXAMPLE NUMBER: says what is wrong with it, if anything is.
outcome_of() {
  mkdir "$2"
  cd "$2" || return
  prepare "$1" > prepare.log 2>&1 || { echo "cannot be prepared: $1" && cat prepare.log; }
  as_typed_here "$1" > example
  type_it example
  [[ $status -eq $(expected_status "$1") ]] ||
    printf 'exit %s instead of %s: %s\n%s\n' "$status" "$(expected_status "$1")" "$1" "$output"
}

@test "every command has an example, and every example works" {
  start_receiver
  server=$url
  every_example_works offq
}
