#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq retry, cancel, delete and clear.
load ../common
load queue

@test "cancel and retry move an operation there and back, and print its id" {
  id=$(add)
  [ "$(offq cancel "$id")" = "$id" ]
  [ "$(names failed)" = "$id.json" ]
  run --separate-stderr -1 offq cancel "$id"
  [ -z "$output" ]
  says 'it is failed'
  offq retry "$id" --json | jq -e --arg id "$id" '.id == $id and .state == "pending"'
  [ "$(names pending)" = "$id.json" ]
  fails 1 offq retry "$id"
  says 'it is pending'
}

@test "retry refuses what a newer operation of its key would replace at once" {
  old=$(add --key z)
  new=$(add --key z --if-pending replace)
  other=$(add --key other)
  offq cancel "$other"
  run --separate-stderr -1 offq retry "$old" "$other"
  [ "$output" = "$other" ]
  says "$old: $new is newer, has the key 'z' too, and is pending"
  [ "$(state "$old")" = failed ]
  offq cancel "$new"
  run --separate-stderr -1 offq retry --all
  [ "$output" = "$new" ]
  says "$old: $new is newer"
  offq cancel "$new"
  run --separate-stderr -1 offq retry "$old"
  says "$old: $new is newer, has the key 'z' too, and failed: retry that one, or delete it first"
  offq delete "$new" --yes
  [ "$(offq retry "$old")" = "$old" ]
}

@test "retry refuses a value of a key that would come after a newer one that was delivered" {
  red=$(add --key led)
  blue=$(add --key led --if-pending replace)
  deliver "$blue"
  [ "$(state "$blue") $(state "$red")" = 'synced failed' ]
  run --separate-stderr -1 offq retry --all
  [ -z "$output" ]
  says "$red: $blue is newer, has the key 'led' too, and was delivered: this would come after it"
  run --separate-stderr -1 offq retry "$red"
  [ "$(state "$red")" = failed ]
  offq prune --older-than 0s
  [ -z "$(names synced)" ]
  run --separate-stderr -1 offq retry "$red"
  says "$red: $blue is newer, has the key 'led' too, and is gone"
  [ "$(state "$red")" = failed ]
}

@test "some that cannot be changed do not stop the others" {
  a=$(add)
  b=$(add)
  c=$(add)
  offq cancel "$b"
  run --separate-stderr -1 offq cancel "$a" "$b" "$c"
  [ "$output" = "$a"$'\n'"$c" ]
  run --separate-stderr -66 offq retry "$a" 01KAJ6Q0000000000000000001 "$c"
  [ "$output" = "$a"$'\n'"$c" ]
  says 'no such operation: 01KAJ6Q0000000000000000001'
}

@test "conditions and standard input select" {
  a=$(add --lane one)
  b=$(add --lane two)
  [ "$(offq cancel --lane one)" = "$a" ]
  [ -z "$(offq cancel --lane three)" ]
  [ "$(offq cancel --all)" = "$b" ]
  [ "$(printf '%s\0%s\0' "$a" "$b" | offq retry --stdin)" = "$a"$'\n'"$b" ]
  [ "$(echo "$a" | offq cancel -)" = "$a" ]
  [ "$(offq retry --reason cancelled)" = "$a" ]
  [ -z "$(offq retry --reason rejected)" ]
  fails 2 offq retry
  fails 2 offq cancel
}

@test "delete and clear need --yes where nobody can be asked" {
  a=$(add)
  b=$(add)
  fails 2 offq delete "$a"
  says '--yes'
  fails 2 offq clear pending
  [ "$(count)" -eq 2 ]
  [ "$(offq delete --yes "$a")" = "$a" ]
  fails 66 offq delete --yes "$a"
  offq cancel "$b"
  [ -z "$(offq clear pending --yes)" ]
  [ "$(offq clear failed --yes)" = "$b" ]
  [ "$(count)" -eq 0 ]
  fails 66 offq show "$b"
  offq clear synced
}

@test "a deleted operation stays deleted without the index" {
  printf '{"a":%s}\n' 1 2 3 | offq enqueue https://api.example.com/x --ndjson > ids
  offq delete --yes "$(sed -n 2p ids)"
  rm -f "$OFFQ_DIR"/index.db*
  [ "$(count)" -eq 2 ]
  offq delete --yes --stdin < <(sed -n '1p;3p' ids)
  [ -z "$(names pending)" ]
  [ -z "$(names synced)" ]
}

@test "a body goes with the last operation that names it" {
  head -c 100000 /dev/urandom > big
  a=$(offq enqueue https://api.example.com/x --data-binary @big)
  b=$(offq enqueue https://api.example.com/x --data-binary @big)
  offq delete --yes "$a"
  [ "$(names blobs | wc -l)" -eq 1 ]
  offq show "$b" --body | cmp - big
  offq delete --yes "$b"
  [ -z "$(names blobs)" ]
}

@test "without a queue there is nothing to change" {
  fails 66 offq cancel 01KAJ6Q0000000000000000001
  fails 66 offq delete --yes 01KAJ6Q0000000000000000001
  offq clear failed --yes
  [ ! -e "$OFFQ_DIR" ]
}

@test "clear asks on a terminal, and no means no" {
  add > /dev/null
  run -1 script -qec 'offq clear pending' /dev/null <<< n
  [[ $output == *'delete 1 pending operation for good? [y/N]'* ]]
  [ "$(count)" -eq 1 ]
  run -0 script -qec 'offq clear pending' /dev/null <<< y
  [ "$(count)" -eq 0 ]
}
