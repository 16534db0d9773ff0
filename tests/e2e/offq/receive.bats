#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq receive, with curl as the client that somebody else wrote.

load ../common

setup() {
  common_setup
  server=
}

teardown() {
  if [[ -n $server ]]; then
    kill -9 "$server"
    wait "$server"
  fi 2> /dev/null || true
}

# start ARG...: runs a server on a free port, waits until it listens, sets $server and $url.
start() {
  rm -f out
  mkfifo out
  offq receive --dir inbox --listen 127.0.0.1:0 "$@" > out 2> err 3>&- &
  server=$!
  read -r _ _ url < out
  rm out
  [[ $url == http://* ]]
}

# ends CODE [SIGNAL]: the server ends with CODE, after SIGNAL if there is one.
ends() {
  local code=0
  [[ -z ${2-} ]] || kill "-$2" "$server"
  wait "$server" || code=$?
  server=
  [[ $code -eq $1 ]]
}

status_of() { curl -sS -o answer -D head -w '%{http_code}' "$@"; }
lines() { wc -l < inbox/inbox.jsonl; }

@test "receive: keeps JSON byte for byte, and method, path and headers" {
  start
  body='{"n":12345678901234567890, "f":1.10,"s":"\u00e9/\/"}'
  [ "$(status_of -X PATCH "$url/v1/runs?x=%201" -H 'X-Run:  a%20b' -H 'Content-Type: application/json' \
    --data-binary "$body")" = 201 ]

  jq -e '.stored and (.id | length == 26)' answer
  grep -qF "\"body\":$body,\"answer\":{\"status\":201}" inbox/inbox.jsonl
  jq -e '.method == "PATCH" and .target == "/v1/runs?x=%201" and .headers["X-Run"] == "a%20b"' \
    inbox/inbox.jsonl
  [ "$(jq -r .id answer)" = "$(jq -r .id inbox/inbox.jsonl)" ]
}

@test "receive: is private, and answers GET, HEAD and OPTIONS" {
  start
  [ "$(status_of "$url/a")" = 200 ]
  [ "$(status_of -I "$url/a")" = 200 ]
  [ "$(status_of -X OPTIONS "$url/a")" = 201 ]
  [ "$(lines)" -eq 3 ]
  [ "$(stat -c %a inbox)" = 700 ]
  [ "$(stat -c %a inbox/blobs)" = 700 ]
  [ "$(stat -c %a inbox/inbox.jsonl)" = 600 ]
}

@test "receive: answers /health without storing it" {
  start
  [ "$(status_of "$url/health")" = 200 ]
  [ "$(cat answer)" = '{"ok":true}' ]
  [ "$(lines)" -eq 0 ]
}

@test "receive: keeps binary and large bodies as blobs, chunked or not" {
  start
  head -c 1000 /dev/urandom > small
  head -c 5000000 /dev/urandom > large
  [ "$(status_of "$url/b" -H 'Content-Type: image/png' --data-binary @small)" = 201 ]
  [ "$(status_of "$url/b" --data-binary @large)" = 201 ]
  [ "$(status_of -T - "$url/b" < large)" = 201 ]

  cmp small "inbox/blobs/$(sha256sum < small | cut -d' ' -f1)"
  cmp large "inbox/blobs/$(sha256sum < large | cut -d' ' -f1)"
  [ "$(find inbox/blobs -type f | wc -l)" -eq 2 ]
  [ -z "$(find inbox/tmp -type f)" ]
  jq -es '.[0].blob == {"sha256": .[0].blob.sha256, "size": 1000, "media_type": "image/png"}
    and .[1].blob.size == 5000000' inbox/inbox.jsonl
}

@test "receive: refuses bodies over the limit, announced or chunked, and stays well" {
  start --body-limit 100KB
  head -c 100001 /dev/zero > big
  head -c 3000000 /dev/zero > huge
  [ "$(status_of "$url/b" --data-binary @big)" = 413 ]
  [ "$(status_of "$url/b" -H Expect: --data-binary @huge)" = 413 ]
  [ "$(status_of -T - "$url/b" < huge)" = 413 ]
  [ "$(status_of "$url/b" -d ok)" = 201 ]
  [ "$(lines)" -eq 1 ]
  [ -z "$(find inbox/blobs inbox/tmp -type f)" ]
}

@test "receive: refuses heads that are too long" {
  start
  long=$(head -c 9000 /dev/zero | tr '\0' a)
  [ "$(status_of "$url/$long")" = 414 ]
  many=()
  for i in {1..20}; do many+=(-H "X-$i: ${long:0:4000}"); done
  code=$(status_of "$url/x" "${many[@]}")
  [[ $code == 400 || $code == 431 ]]
  [ "$(lines)" -eq 0 ]
}

@test "receive: a repeated key gets the first answer and is stored once" {
  start
  [ "$(status_of "$url/k" -H 'Idempotency-Key: k1' -d '{"a":1}')" = 201 ]
  cp answer first
  [ "$(status_of "$url/k" -H 'Idempotency-Key: k1' -d '{"a":1}')" = 201 ]
  cmp answer first
  grep -qi '^idempotency-replayed: true' head
  [ "$(lines)" -eq 1 ]
  [ "$(status_of "$url/k" -H 'Idempotency-Key: k1' -d '{"a":2}')" = 422 ]
  jq -e .error answer
  [ "$(status_of -X PUT "$url/k" -H 'Idempotency-Key: k1' -d '{"a":1}')" = 422 ]
  [ "$(lines)" -eq 1 ]
}

@test "receive: a key is known after kill -9, and a torn last line is cut off" {
  start
  [ "$(status_of "$url/k" -H 'Idempotency-Key: k1' -d '{"a":1}')" = 201 ]
  cp answer first
  ends 137 KILL
  printf '{"id":"01K' >> inbox/inbox.jsonl

  start
  [ "$(lines)" -eq 1 ]
  [ "$(status_of "$url/k" -H 'Idempotency-Key: k1' -d '{"a":1}')" = 201 ]
  cmp answer first
  grep -qi '^idempotency-replayed: true' head
  [ "$(status_of "$url/k" -d '{"a":1}')" = 201 ]
  [ "$(lines)" -eq 2 ]
  jq -es 'length == 2' inbox/inbox.jsonl
}

@test "receive: of two with one key at once, one is stored and both get its answer" {
  start
  for i in 1 2 3 4 5 6 7 8; do
    echo "next"; echo "url = $url/k"; echo "data = {}"
    echo 'header = "Idempotency-Key: one"'; echo "output = answer.$i"
  done | tail -n +2 > requests
  curl -sS --parallel --parallel-immediate --parallel-max 8 -K requests
  [ "$(lines)" -eq 1 ]
  for i in 2 3 4 5 6 7 8; do cmp answer.1 answer.$i; done
}

@test "receive: refuses a foreign Host and a foreign Origin" {
  start
  [ "$(status_of "$url/x" -H 'Host: evil.example' -d x)" = 403 ]
  [ "$(status_of "$url/x" -H 'Origin: http://evil.example' -d x)" = 403 ]
  [ "$(status_of "$url/x" -H 'Origin: null' -d x)" = 403 ]
  [ "$(status_of "$url/x" -H "Origin: $url" -d x)" = 201 ]
  [ "$(lines)" -eq 1 ]
}

@test "receive: an address that others can reach needs a token" {
  fails 77 offq receive --dir inbox --listen 0.0.0.0:0
  says token-file
  echo s3cret > token
  start --token-file token
  [ "$(status_of "$url/x" -d x)" = 401 ]
  [ "$(status_of "$url/x" -H 'Authorization: Bearer wrong' -d x)" = 401 ]
  [ "$(status_of "$url/x" -H 'Authorization: Bearer s3cret' -d x)" = 201 ]
  run ! grep -q s3cret inbox/inbox.jsonl
  fails 66 offq receive --dir inbox2 --listen 127.0.0.1:0 --token-file nowhere
}

@test "receive: one at a time in a directory and on a port" {
  start
  fails 75 offq receive --dir inbox --listen 127.0.0.1:0
  says "another receive is running"
  fails 75 offq receive --dir inbox2 --listen "${url#http://}"
  says "another program listens there"
}

@test "receive: SIGTERM and SIGINT stop it at once, with idle connections open" {
  start
  exec 9<> "/dev/tcp/127.0.0.1/${url##*:}"
  printf 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n' >&9
  read -r line <&9
  [[ $line == *200* ]]
  ends 143 TERM
  exec 9>&-
  set -m # without job control, bash starts background jobs with SIGINT ignored
  start
  ends 130 INT
}

@test "receive: listens on IPv6" {
  [ -e /proc/net/if_inet6 ] || skip "no IPv6 here"
  grep -q '^0*1 ' /proc/net/if_inet6 || skip "no ::1 here"
  start --listen '[::1]:0'
  [[ $url == 'http://[::1]:'* ]]
  [ "$(status_of -g "$url/x" -d x)" = 201 ]
}

@test "receive: misbehaves when told to, and then stores nothing" {
  start --status 500
  [ "$(status_of "$url/x" -H 'Idempotency-Key: k' -d x)" = 500 ]
  [ "$(lines)" -eq 0 ]
  ends 143 TERM
  start --fail-rate 1
  [ "$(status_of "$url/x" -H 'Idempotency-Key: k' -d x)" = 503 ]
  [ "$(lines)" -eq 0 ]
  ends 143 TERM
  start --status 202 --delay 50ms
  [ "$(status_of "$url/x" -H 'Idempotency-Key: k' -d x)" = 202 ]
  [ "$(lines)" -eq 1 ]
}

@test "receive: --fail-after-store stores and hangs up, and the key works afterwards" {
  start --fail-after-store 1
  run curl -sS "$url/x" -H 'Idempotency-Key: k' -d x
  [ "$status" -eq 52 ]
  [ "$(lines)" -eq 1 ]
  ends 143 TERM
  start
  [ "$(status_of "$url/x" -H 'Idempotency-Key: k' -d x)" = 201 ]
  grep -qi '^idempotency-replayed: true' head
  [ "$(lines)" -eq 1 ]
}

@test "receive: --quit-after N ends with 0" {
  start --quit-after 2
  [ "$(status_of "$url/x" -d 1)" = 201 ]
  [ "$(status_of "$url/x" -d 2)" = 201 ]
  ends 0
  [ "$(lines)" -eq 2 ]
}

@test "receive: wrong values are refused" {
  fails 2 offq receive --fail-rate 2
  fails 2 offq receive --status 99
  fails 2 offq receive --quit-after 0
  fails 2 offq receive --dir inbox --listen 8787
  says HOST:PORT
  mkdir -m 777 open
  chmod 777 open
  fails 77 offq receive --dir open --listen 127.0.0.1:0
}

@test "receive: a request that can be read in two ways is refused" {
  start
  exec 9<> "/dev/tcp/127.0.0.1/${url##*:}"
  printf 'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc' >&9
  read -r line <&9
  [[ $line == *400* ]]
  exec 9>&-
  [ "$(lines)" -eq 0 ]
}

@test "receive: a method that it does not know gets 501, CONNECT 405, and nothing is stored" {
  start
  for method in PROPFIND get FOO-BAR; do
    [ "$(status_of -X "$method" "$url/a" -d '{}')" = 501 ]
    jq -e --arg name "$method" '.status == 501 and .error == "unknown method \u0027\($name)\u0027"' answer
  done
  [ "$(status_of -X CONNECT "$url/a")" = 405 ]
  [ "$(status_of -X 'A B' "$url/a")" = 400 ]
  [ "$(lines)" -eq 0 ]
}

@test "receive: the token file may be a symbolic link" {
  mkdir secrets
  echo s3cret > secrets/token
  ln -s secrets/token token
  start --token-file token
  [ "$(status_of "$url/x" -d x)" = 401 ]
  [ "$(status_of "$url/x" -H 'Authorization: Bearer s3cret' -d x)" = 201 ]
}
