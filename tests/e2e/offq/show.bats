#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq show: everything about one operation, and its bytes.
load ../common
load queue

@test "show joins operation and receipts, by any part of the id" {
  id=$(add -H 'X-Run: 7')
  offq list > /dev/null
  deliver "$id"
  run offq show "${id: -6}"
  [ "$status" -eq 0 ]
  [[ $output == *"POST https://api.example.com/v1/x"*'X-Run:'*7*'{"n":1.10}'*history*'synced'*'HTTP 200'*thanks* ]]
  offq show "$id" --json > shown
  jq -e --arg id "$id" '.operation.id == $id and .state == "synced" and .attempts == 1
    and .receipts[-1].http.body == "thanks"' shown
  grep -q '"payload":{"n":1.10}' shown
  [ "$(offq show "$id" --body)" = '{"n":1.10}' ]
  [ "$(offq show "$id" --response)" = thanks ]
}

@test "show --body gives the bytes of a file that was queued" {
  head -c 300000 /dev/urandom > big
  id=$(offq enqueue https://api.example.com/x --data-binary @big)
  offq show "$id" --body | cmp - big
  rm "$OFFQ_DIR"/blobs/*
  fails 66 offq show "$id" --body
}

@test "show prints JSON that is kept as a blob, as it prints a payload" {
  printf '{"n":\n1.10}\n' > body.json
  id=$(offq enqueue https://api.example.com/x --json @body.json)
  run -0 offq show "$id"
  [[ $output == *$'\nbody\n{"n":\n1.10}'* ]]
  rm "$OFFQ_DIR"/blobs/*
  run -0 offq show "$id"
  [[ $output == *$'\nbody\n12 B, application/json'* ]]
}

@test "what is not there exits 66" {
  fails 66 offq show 01KAJ6Q0000000000000000001
  id=$(offq enqueue https://api.example.com/x)
  fails 66 offq show 01KAJ6Q0000000000000000001
  fails 66 offq show "$id" --body
  fails 66 offq show "$id" --response
  fails 2 offq show
  fails 2 offq show '../etc'
}

@test "an operation that cannot be read is shown with its reason and printable bytes" {
  by_hand broken.json $'{"type":\x01\xff'
  offq list 2> /dev/null
  id=$(offq list --ids --reason unreadable)
  run -65 offq show "$id"
  [[ $output == *'{"type":\x01\xff'* ]]
  run -65 offq show "$id" --json
  jq -e '.operation == null and .reason == "unreadable"' <<< "$output"
}

@test "a part that fits several operations names them" {
  a=$(add)
  b=$(add)
  fails 2 offq show "${a:0:6}"
  says "$a"
  says "$b"
}
