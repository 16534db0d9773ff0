#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # bats sets stderr_lines
# offq config: which settings hold, where they come from, and what is wrong with them.

load ../common

# of_queue, of_user: the configuration file of the queue or of the user, from stdin.
of_queue() {
  [[ -d $OFFQ_DIR ]] || mkdir -m 700 "$OFFQ_DIR"
  cat > "$OFFQ_DIR/config.yaml"
}
of_user() {
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  cat > "$XDG_CONFIG_HOME/offkit/config.yaml"
}

# value KEY, origin KEY: of the setting in force.
value() { offq config show --json | jq -r --arg key "$1" 'select(.key == $key) | .value'; }
origin() { offq config show --json --origin | jq -r --arg key "$1" 'select(.key == $key) | .origin'; }

@test "show prints every setting with its default, and makes no queue" {
  run -0 --separate-stderr offq config show
  [ "${lines[0]}" = 'queue.max_size: 100MB' ]
  [[ $output == *$'\nretry.max_attempts: 4\n'* ]]
  [ -z "$stderr" ]
  [ ! -e "$OFFQ_DIR" ]
}

@test "show --json prints one object for each setting" {
  run -0 --separate-stderr offq config show --json
  [ "${lines[0]}" = '{"key":"queue.max_size","value":"100MB"}' ]
  [ "$(jq -r '"\(.key): \(.value)"' <<< "$output")" = "$(offq config show)" ]
}

@test "show --origin names the default, the file and line, or the variable" {
  of_queue <<< $'sync:\n  concurrency: 3'
  export OFFQ_RETRY_CAP=2h
  [ "$(origin retry.base)" = default ]
  [ "$(origin sync.concurrency)" = "$OFFQ_DIR/config.yaml:2" ]
  [ "$(origin retry.cap)" = OFFQ_RETRY_CAP ]
  run -0 offq config show --origin
  [[ $output =~ sync.concurrency:\ 3\ +"$OFFQ_DIR/config.yaml:2" ]]
  [[ $output =~ retry.cap:\ 2h\ +OFFQ_RETRY_CAP ]]
}

@test "environment over configuration of the queue over that of the user" {
  of_user <<< 'retry: {max_attempts: 5, cap: 2h, base: 2s}'
  [ "$(value retry.max_attempts)" = 5 ]
  of_queue <<< 'retry: {max_attempts: 6, cap: 3h}'
  [ "$(value retry.max_attempts)" = 6 ]
  export OFFQ_RETRY_MAX_ATTEMPTS=7
  [ "$(value retry.max_attempts) $(value retry.cap) $(value retry.base)" = '7 3h 2s' ]
}

@test "-C decides whose configuration it is" {
  mkdir -m 700 other
  echo 'sync: {concurrency: 9}' > other/config.yaml
  [ "$(offq -C other config show | grep concurrency)" = 'sync.concurrency: 9' ]
  [ "$(value sync.concurrency)" = 16 ]
}

@test "every setting has a variable" {
  run -0 offq config show --json
  while read -r key; do
    name=$(tr a-z. A-Z_ <<< "$key")
    case $key in
      network.*) name=NETWATCH_${name#NETWORK_} ;;
      budget.*) name=NETWATCH_$name ;;
      *) name=OFFQ_$name ;;
    esac
    [ "$(env "$name=$(value "$key")" offq config show --json --origin |
      jq -r --arg key "$key" 'select(.key == $key) | .origin')" = "$name" ]
  done < <(jq -r .key <<< "$output")
}

@test "CEMAF_OFFLINE_MAX_QUEUE_MB is a weaker queue.max_size" {
  export CEMAF_OFFLINE_MAX_QUEUE_MB=5
  [ "$(value queue.max_size) $(origin queue.max_size)" = '5MB CEMAF_OFFLINE_MAX_QUEUE_MB' ]
  OFFQ_QUEUE_MAX_SIZE=6MB
  export OFFQ_QUEUE_MAX_SIZE
  [ "$(value queue.max_size)" = 6MB ]
}

@test "endpoints and types are shown, secrets as the words that refer to them" {
  of_queue << 'END'
endpoints:
  api:
    url: https://api.example.com
    headers: {Authorization: "Bearer ${env:MY_TOKEN}"}
types:
  note: {endpoint: api, path: /notes}
END
  MY_TOKEN=geheim run -0 offq config show
  [[ $output == *'endpoints.api.url: https://api.example.com'* ]]
  [[ $output == *"Bearer \${env:MY_TOKEN}"* ]]
  [[ $output == *'types.note.path: /notes'* ]]
  [[ $output != *geheim* ]]
}

@test "path prints the files, the strongest first, whether they are there or not" {
  run -0 --separate-stderr offq config path
  [ "$output" = "$OFFQ_DIR/config.yaml
$XDG_CONFIG_HOME/offkit/config.yaml
/etc/offkit/config.yaml" ]
  [ ! -e "$OFFQ_DIR" ]
}

@test "check says nothing when all is well" {
  of_queue <<< $'# a comment\nretry: {cap: 2h}\nllm: {anything: [1]}'
  of_user < /dev/null
  run -0 --separate-stderr offq config check
  [ -z "$output$stderr" ]
}

@test "an unknown key: 78, with file, line and the one that was meant" {
  of_queue <<< $'retry:\n  cap: 1h\nsync:\n  enabledd: true'
  for action in check show; do
    fails 78 offq config "$action"
    says "offq: $OFFQ_DIR/config.yaml:4: unknown key 'sync.enabledd': did you mean 'sync.enabled'?"
  done
  fails 78 offq enqueue http://localhost/ -d 1
  says "$OFFQ_DIR/config.yaml:4"
  [ "$(ls -A "$OFFQ_DIR")" = config.yaml ]
  of_queue <<< 'endpoints: {api: {url: "http://h/", timeoout: 3s}}'
  fails 78 offq config check
  says "$OFFQ_DIR/config.yaml:1: unknown key 'endpoints.api.timeoout': did you mean"
}

@test "check reports all problems of all files and of the environment" {
  of_user <<< 'retry: {cap: long}'
  of_queue << 'END'
que: {max_ops: 1}
queue:
  max_ops: many
  max_size: 5 parsecs
retry:
  max_attempts: 0
  backoff: linear
types:
  note: {endpoint: nowhere}
endpoints:
  api: {url: "ftp://h/"}
END
  OFFQ_SYNC_ENABLED=perhaps fails 78 offq config check
  says "offq: $XDG_CONFIG_HOME/offkit/config.yaml:1: retry.cap: not a duration: 'long'"
  says "offq: $OFFQ_DIR/config.yaml:1: unknown key 'que': did you mean 'queue'?"
  says "offq: $OFFQ_DIR/config.yaml:3: queue.max_ops: not a number: 'many'"
  says "offq: $OFFQ_DIR/config.yaml:4: queue.max_size: "
  says "offq: $OFFQ_DIR/config.yaml:6: retry.max_attempts: not between 1 and 10000: '0'"
  says "offq: $OFFQ_DIR/config.yaml:7: retry.backoff: not exponential: 'linear'"
  says "nowhere"
  says "offq: $OFFQ_DIR/config.yaml:11: "
  says "offq: OFFQ_SYNC_ENABLED: not true or false: 'perhaps'"
  [ "${#stderr_lines[@]}" -eq 9 ]
}

@test "other commands report the first problem and how many more there are" {
  of_queue <<< $'a: 1\nb: 2\nc: 3'
  fails 78 offq config show
  says "$OFFQ_DIR/config.yaml:1: unknown key 'a'"
  says '(and 2 more: see config check)'
  [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "text that is no YAML: 78, with its line" {
  of_queue <<< $'retry:\n  cap: [1h'
  fails 78 offq config check
  says "offq: $OFFQ_DIR/config.yaml:"
  of_queue <<< $'retry:\n  cap: 1h\nretry:\n  base: 1s'
  fails 78 offq config check
  says "offq: $OFFQ_DIR/config.yaml:3: key 'retry' was given before"
  of_queue <<< 'just words'
  fails 78 offq config check
  says "offq: $OFFQ_DIR/config.yaml:1: not a map of settings"
}

@test "an unknown action: 2" {
  fails 2 offq config chek
  says "'chek' is not show, get, check or path"
  fails 2 offq config
  says 'missing operand: ACTION'
}

@test "check escapes what a file says, as every message is" {
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  printf '"a\\eb": 1\n' > "$XDG_CONFIG_HOME/offkit/config.yaml"
  run --separate-stderr -78 offq config check
  [[ $stderr != *$'\e'* ]]
  run -78 script -qec 'offq config check' /dev/null
  [[ $output == *$'\e[31m'* ]]
}

@test "get prints the value of one setting, show those of a section" {
  [ "$(offq config get retry.cap)" = 1h ]
  [ "$(OFFQ_RETRY_CAP=2h offq config get retry.cap)" = 2h ]
  [ "$(OFFQ_RETRY_CAP=2h offq config get retry.cap --json | jq -r .origin)" = OFFQ_RETRY_CAP ]
  fails 66 offq config get retry.cup
  says "no such setting: 'retry.cup': did you mean 'retry.cap'?"
  [ "$(offq config show hooks)" = 'hooks.timeout: 30s' ]
  [ "$(offq config show hooks.timeout)" = 'hooks.timeout: 30s' ]
  fails 66 offq config show hook
  fails 2 offq config get
  fails 2 offq config check retry.cap
}

@test "a variable that looks like a setting and names none: 78, with the one that was meant" {
  OFFQ_RETRY_MAX_ATTEMPT=3 fails 78 offq config show
  says "OFFQ_RETRY_MAX_ATTEMPT: no setting is called so: did you mean 'OFFQ_RETRY_MAX_ATTEMPTS'?"
  NETWATCH_INTERVALL=3s fails 78 offq config check
  says "NETWATCH_INTERVALL: no setting is called so: did you mean 'NETWATCH_INTERVAL'?"
  # Those of hooks and of the programs themselves, and what is empty, are none.
  OFFQ_ID=x OFFQ_TYPE=y OFFQ_ATTEMPT=1 NETWATCH_INTERVALL='' offq config check
}
