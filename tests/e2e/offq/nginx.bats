#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq sync against a server that others wrote.

load ../common
load ../servers
load ../nginx

teardown() { stop_servers; }

# logged N: waits for N lines of the access log (nginx writes them after it has answered).
logged() { wait_for_lines access.log "$1" ''; }

@test "nginx: every operation arrives once over HTTP/1.1, under its id" {
  start_nginx
  for i in {1..40}; do echo "{\"n\":$i}"; done | offq enqueue "$url/metrics" --ndjson - > ids
  offq enqueue "$url/one" -d 1 >> ids
  run -0 --separate-stderr offq sync
  [ "$output" = '41 delivered' ]
  logged 41
  [ "$(cut -d' ' -f1 access.log | sort -u)" = HTTP/1.1 ]
  diff <(cut -d' ' -f5 access.log | sort) <(sort ids)
}

@test "nginx: HTTP/2 where the server has it, and the certificate must be trusted" {
  start_nginx
  for i in {1..20}; do echo "$i"; done | offq enqueue "$https_url/" --ndjson - > ids
  run --separate-stderr offq sync
  [ "$status" -eq 75 ]
  says 'certificate'
  [ "$(offq list --state pending --ids | wc -l)" -eq 20 ]
  [ ! -s access.log ]
  CURL_CA_BUNDLE=$PWD/cert.pem run -0 --separate-stderr offq sync --force
  [ "$output" = '20 delivered' ]
  logged 20
  [ "$(cut -d' ' -f1 access.log | sort -u)" = HTTP/2.0 ]
  diff <(cut -d' ' -f5 access.log | sort) <(sort ids)
}

@test "nginx: an endpoint's http_version is the one that is spoken" {
  start_nginx
  offq list --ids # makes the queue
  cat > config.yaml << EOF
endpoints:
  old: {url: "$https_url", http_version: 1.1}
  new: {url: "$h2c_url", http_version: 2}
types: {old: {endpoint: old}, new: {endpoint: new}}
EOF
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  cp config.yaml "$XDG_CONFIG_HOME/offkit/config.yaml"
  for i in {1..20}; do echo "$i"; done | offq enqueue /old --type old --ndjson -
  for i in {1..20}; do echo "$i"; done | offq enqueue /new --type new --ndjson -
  CURL_CA_BUNDLE=$PWD/cert.pem run -0 --separate-stderr offq sync
  [ "$output" = '40 delivered' ]
  logged 40
  [ "$(cut -d' ' -f1,3 access.log | sort | uniq -c | tr -s ' ')" = \
    $' 20 HTTP/1.1 /old\n 20 HTTP/2.0 /new' ]
}

@test "nginx: uploads at the same time take little memory, from a file and from a stream" {
  [ -e /usr/bin/time ] || skip 'GNU time is not installed'
  start_nginx
  export OFFQ_QUEUE_MAX_SIZE=1GB
  truncate -s 40M big
  for i in 1 2 3 4 5 6 7; do offq enqueue "$url/$i" -T big; done > ids
  yes | head -c 40M | offq enqueue "$url/8" -X PUT -T - >> ids
  run -0 --separate-stderr /usr/bin/time -f '%M KiB' offq sync
  [ "$output" = '8 delivered' ]
  [ "$(sed -n 's/ KiB$//p' <<< "$stderr")" -lt 32768 ]
  logged 8
  diff <(cut -d' ' -f5 access.log | sort) <(sort ids)
}

@test "nginx: uploads that share a connection take little memory" {
  [ -e /usr/bin/time ] || skip 'GNU time is not installed'
  start_nginx
  export OFFQ_QUEUE_MAX_SIZE=1GB
  truncate -s 40M big
  for i in 1 2 3 4; do offq enqueue "$https_url/$i" -T big; done > ids
  CURL_CA_BUNDLE=$PWD/cert.pem run -0 --separate-stderr /usr/bin/time -f '%M KiB' offq sync
  [ "$output" = '4 delivered' ]
  [ "$(sed -n 's/ KiB$//p' <<< "$stderr")" -lt 32768 ]
  logged 4
  [ "$(cut -d' ' -f1 access.log | sort -u)" = HTTP/2.0 ]
}

@test "nginx: an upload of some megabytes is a PUT that it accepts" {
  start_nginx
  head -c 5000000 /dev/zero > big.bin
  id=$(offq enqueue "$url/big.bin" -T big.bin)
  run -0 --separate-stderr offq sync
  logged 1
  [ "$(cat access.log)" = "HTTP/1.1 PUT /big.bin 200 $id" ]
}

@test "nginx: 404 is final, 503 with Retry-After holds, another host and a login page are suspect" {
  start_nginx
  gone=$(offq enqueue "$url/gone" -d 1)
  run --separate-stderr offq sync
  [ "$status" -eq 1 ]
  [ "$(state_of "$gone")" = failed ]
  offq show "$gone" --response | grep -q 'no such thing'
  for path in busy away login; do
    id=$(offq enqueue "$url/$path" -d 1 --expect-json /ok=true)
    run --separate-stderr offq sync --force "$id"
    [ "$status" -eq 75 ]
    [ "$(state_of "$id")" = pending ]
    [ "$(attempts_of "$id")" -eq 0 ]
    offq delete --yes "$id"
  done
}

@test "nginx: what is queued while it is away is delivered when it is back" {
  start_nginx
  offq enqueue "$url/before" -d 1
  [ "$(offq sync)" = '1 delivered' ]
  stop "$nginx" TERM
  id=$(offq enqueue "$url/while-away" -d 2)
  run offq sync
  [ "$status" -eq 75 ]
  start_nginx_again
  run -0 --separate-stderr offq sync --force
  [ "$output" = '1 delivered' ]
  [ "$(state_of "$id")" = synced ]
}
