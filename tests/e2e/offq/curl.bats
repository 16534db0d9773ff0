#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash sets url
# offq curl: command lines of curl, run or queued.

load ../common
load ../servers
load ../netwatch/published

teardown() { stop_servers; }

offline() { publish disconnected offline 600 check no no-route; }
received() { jq -r "$1" inbox/inbox.jsonl; }

@test "curl: with a network curl itself is run" {
  command -v curl > /dev/null || skip 'no curl'
  start_receiver
  run -0 --separate-stderr offq curl -sS -o answer -w '%{http_code}' -X PUT -d a=1 "$url/x?y=1"
  [ "$output" = 201 ]
  [ "$(received '.method + .target + .text')" = 'PUT/x?y=1a=1' ]
  run -22 offq curl -sf -X DELETE "$url/../no/such/method" -X BREW
  run -0 offq curl --help
  [[ $output == *'Put `offq` before a'* || $output == *'Put offq before a'* ]]
}

@test "curl: when it reaches nobody, and offline, the request is queued and delivered later" {
  command -v curl > /dev/null || skip 'no curl'
  hold_port
  fails 0 offq curl -sS -H 'X-A: b' -d a=1 -d b=2 "$url/one"
  says 'curl ended with 7: queued as '
  offline
  echo '{"n": 1}' > body.json
  offq curl -sS --json @body.json "$url/two" 2> /dev/null
  offq curl -T body.json "$url/three/" 2> /dev/null
  printf 'x\ny' | offq curl --data-binary @- -u me:secret "$url/four" 2> /dev/null
  offq curl -G --data-urlencode 'q=a b' -d r=1 "$url/five" 2> /dev/null
  offq curl -I "$url/six" 2> /dev/null
  start_receiver_at "$port"
  run -0 offq sync --force
  [ "$(received '.method + " " + .target' | sort | xargs -d '\n')" = \
    'GET /five?q=a%20b&r=1 HEAD /six POST /four POST /one POST /two PUT /three/body.json' ]
  [ "$(received 'select(.target == "/one") | .text, .headers["X-A"], .headers["Content-Type"]' | xargs)" = \
    'a=1&b=2 b application/x-www-form-urlencoded' ]
  [ "$(received 'select(.target == "/two") | .body.n')" = 1 ]
  [ "$(received 'select(.target == "/four") | .text')" = $'x\ny' ]
}

@test "curl: what cannot be queued is named" {
  offline
  while read -r what words; do
    # shellcheck disable=SC2086  # words
    fails 75 offq curl $words
    says "$what"
    says 'cannot be queued'
  done << 'END'
-F -F a=b http://127.0.0.1:1/
--proxy --proxy http://127.0.0.1:2 http://127.0.0.1:1/
more http://127.0.0.1:1/a http://127.0.0.1:1/b
patterns http://127.0.0.1:1/[1-9]
-k -sk https://127.0.0.1:1/
no -X POST
END
  [ -z "$(offq list --ids 2> /dev/null)" ]
  fails 2 offq curl
}

@test "curl: what reaches nobody and cannot be queued is named" {
  command -v curl > /dev/null || skip 'no curl'
  hold_port
  for words in "-sk $url/" "-s -F a=b $url/" "-s $url/a $url/b"; do
    # shellcheck disable=SC2086  # words
    fails 75 offq curl $words
    says 'curl ended with 7: '
    says 'cannot be queued'
  done
}

@test "curl: offline this machine is reached all the same, as by send and sync" {
  command -v curl > /dev/null || skip 'no curl'
  offline
  start_receiver
  run -0 --separate-stderr offq curl -sS -o answer -w '%{http_code}' -d a=1 "$url/x"
  [ "$output" = 201 ]
  [ -z "$(offq list --ids 2> /dev/null)" ]
}

@test "curl: a policy says what else is done offline, as with run" {
  command -v curl > /dev/null || skip 'no curl'
  hold_port
  # Nobody is reached: the port is held, and the network is there.
  fails 75 offq curl --policy local-fallback -s "$url/rates"
  says 'curl ended with 7: nothing is kept to fall back on'
  [ "$(offq curl --policy=local-fallback --fallback 'echo of old' -s "$url/rates" 2> /dev/null)" = 'of old' ]
  run -7 offq curl --policy skip -s "$url/rates"
  start_receiver_at "$port"
  printed=$(offq curl --policy local-fallback -s -d 1 "$url/rates")
  [ -n "$printed" ]
  stop "$receiver"
  run -0 --separate-stderr offq curl --policy local-fallback --cache-ttl 1h -s -d 1 "$url/rates"
  [ "$output" = "$printed" ]
  says 'this was printed '
  offline
  far=http://192.0.2.1/
  run -0 --separate-stderr offq curl --policy skip -s "$far"
  says ': skipped'
  fails 75 offq curl --policy fail -s "$far"
  says ': not run'
  fails 2 offq curl --policy maybe -s "$far"
  fails 2 offq curl --fallback true -s "$far"
  fails 2 offq curl --policy skip
  [ -z "$(offq list --ids 2> /dev/null)" ]
}

@test "curl: offline a request is queued also where there is no curl" {
  offline
  mkdir none
  offq=$(command -v offq)
  run -0 --separate-stderr env PATH="$PWD/none" "$offq" curl -d 1 http://192.0.2.1/
  says ': queued as '
}

@test "curl: options of offq come first, and what is wrong with them is said as elsewhere" {
  offline
  far=http://192.0.2.1/
  fails 0 offq --dir "$OFFQ_DIR" -v --color=never curl --policy skip -s "$far"
  says ': skipped'
  fails 2 offq curl --policy
  says 'missing value: --policy POLICY'
  run -0 offq -q curl --policy=skip --help
  [[ $output == 'offq curl - '* ]]
  mkdir gone && cd gone && rmdir ../gone
  fails 0 offq -C "$OFFQ_DIR" curl -d x "$far"
  says ': queued as '
}
