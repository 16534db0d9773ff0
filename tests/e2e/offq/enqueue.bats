#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # $stderr and $shared are set by what is loaded
# offq enqueue: what is accepted is on disk exactly as it was given, and what is refused leaves
# nothing behind.

load ../common
load ../disks
load queue

url=http://api.example.com/x
teardown() { remove_disks; }

# queued: the files in pending/.
queued() { ls -A "$OFFQ_DIR/pending"; }

# refuses CODE MESSAGE ARGUMENT...: enqueue with the arguments fails so, and queues nothing.
refuses() {
  local code=$1 message=$2
  shift 2
  fails "$code" offq enqueue "$@" && says "offq: $message" && nothing_queued
}

# file_of ID: its file. the_file: that of the only operation.
file_of() { echo "$OFFQ_DIR/pending/$1.json"; }
the_file() { file_of "$(basename "$(queued)" .json)"; }

# member FILTER ARGUMENT...: queues with the arguments, prints what FILTER finds in the file.
member() {
  local filter=$1
  shift
  jq -c "$filter" "$(file_of "$(offq enqueue "$url" "$@")")"
}

# sealed: all of pending/ is whole lines of JSON, each ending in its seal.
sealed() {
  jq -e . "$OFFQ_DIR"/pending/* > /dev/null
  run ! grep -vE '"sum":"crc32c:[0-9a-f]{8}"\}$' "$OFFQ_DIR"/pending/*
}

# --- bad input ---

@test "malformed JSON: 65, with line and column, and the way to send it all the same" {
  refuses 65 '--data: malformed JSON: line 1, column 1: ' "$url" -d hello
  says '--data-binary'
  refuses 65 '--data: malformed JSON: line 2, column 2: ' "$url" -d $'{"a":\n x}'
  refuses 65 '--data: malformed JSON: line 1, column 6' "$url" -d '{"a":'
  refuses 65 '--data: malformed JSON: line 1, column 3' "$url" -d '1 2'
  refuses 65 '--data: malformed JSON: line 1, column 1' "$url" -d NaN
  refuses 65 '--json: malformed JSON: line 1, column 4' "$url" --json '[1,]'
}

@test "two bodies: 2, for curl would join them" {
  local option
  for option in --data --json --data-binary --upload-file; do
    refuses 2 "option given twice: $option: an operation has one body" "$url" "$option" 1 "$option" 2
  done
}

@test "invalid UTF-8 in JSON: 65" {
  refuses 65 '--data: malformed JSON: line 1, column 2: ill-formed UTF-8' "$url" -d $'"\xff\xfe"'
  refuses 65 '--data: malformed JSON: line 1, column 4: ill-formed UTF-8' "$url" -d $'"a\xc3"'
  refuses 65 '--data: malformed JSON: ' "$url" -d $'"\xed\xa0\x80"'
  refuses 65 '--data: malformed JSON: line 1, column 8: surrogate' "$url" -d '"\ud800"'
  printf '"\xc0\xaf"' > overlong.json
  refuses 65 '--json: malformed JSON: ' "$url" --json @overlong.json
}

@test "JSON that is nested without end: 65, not a crash" {
  head -c 1000000 /dev/zero | tr '\0' '[' > deep.json
  refuses 65 '--data: malformed JSON: ' "$url" -d @deep.json
}

@test "a body over queue.max_payload: 65, and the way around it; a body of just that size passes" {
  export OFFQ_QUEUE_MAX_PAYLOAD=10
  refuses 65 '--data: the body is larger than 10 B (queue.max_payload)' "$url" -d 12345678901
  says '--upload-file'
  refuses 65 '--data-binary: the body is larger' "$url" --data-binary 12345678901
  refuses 65 '--json: the body is larger' "$url" --json - <<< '[1,2,3,4,5,6]'
  offq enqueue "$url" -d 1234567890
}

@test "a URL that cannot be sent to: 2" {
  refuses 2 "URL 'http://': URL refused: it has no host" http:// -d 1
  refuses 2 "URL 'http://a b/': URL refused: it contains a blank" 'http://a b/' -d 1
  refuses 2 "URL 'http://h:99999/'" http://h:99999/ -d 1
  refuses 2 "URL '/only/a/path'" /only/a/path -d 1
  refuses 2 'missing operand: URL' -d 1
  refuses 2 "unexpected operand: '$url'" "$url" "$url" -d 1
}

@test "a scheme other than http and https: 2, whatever its case" {
  local scheme
  for scheme in file ftp FILE gopher; do
    refuses 2 "URL '$scheme://host/x': URL refused: scheme " "$scheme://host/x" -d 1
  done
  refuses 2 "URL 'file:///etc/passwd': URL refused: scheme 'file'" file:///etc/passwd
}

@test "credentials in a URL: 2, and where they belong" {
  refuses 2 'URL ' http://me:geheim@api.example.com/ -d 1
  says 'credentials belong into a header or .netrc'
}

@test "a header that could smuggle another one: 2" {
  refuses 2 'invalid value: --header: it holds a newline' "$url" -H $'A: b\nC: d'
  refuses 2 'invalid value: --header: it holds a newline' "$url" -H $'A: b\rC: d'
  refuses 2 'invalid value: --header: ' "$url" -H 'A b: c'
  refuses 2 'invalid value: --header: ' "$url" -H ': c'
  refuses 2 'invalid value: --header: ' "$url" -H $'A: b\x01'
}

@test "a header without a colon: 2, and a credential in it is not shown in full" {
  refuses 2 "invalid value: --header: no ':' in '" "$url" -H 'Authorization Bearer geheim'
  [[ $stderr != *geheim* ]]
}

@test "a file that is not there, or is none: 66" {
  refuses 66 'open: missing: no such file' "$url" -d @missing
  refuses 66 'open: missing: no such file' "$url" --json @missing
  refuses 66 'open: missing: no such file' "$url" --data-binary @missing
  refuses 66 'open: missing: no such file' "$url" -T missing
  refuses 66 'open: .: is a directory' "$url" -T .
  refuses 66 'open: .: is a directory' "$url" -d @.
}

@test "an unknown option: 2, with the one that was meant" {
  refuses 2 "unknown option '--dta' for 'enqueue': did you mean '--data'?" "$url" --dta 1
  refuses 2 "unknown option '--prioritty' for 'enqueue': did you mean '--priority'?" \
    "$url" --prioritty 1
  says "try 'offq enqueue --help'"
}

@test "wrong values: 2, with the name of what is wrong" {
  refuses 2 "invalid value: --priority: not a number: 'x'" "$url" --priority x
  refuses 2 'invalid value: --priority: ' "$url" --priority 99999999999999999999
  refuses 2 'invalid value: --not-before: ' "$url" --not-before yesterday
  refuses 2 'invalid value: --not-before: ' "$url" --not-before 2026-13-01T00:00:00Z
  refuses 2 'invalid value: --expires-at: ' "$url" --expires-at 5parsecs
  refuses 2 "invalid value: --expires-at: '2020-01-01T00:00:00Z' has passed" \
    "$url" --expires-at 2020-01-01T00:00:00Z
  refuses 2 'invalid value: expires_at: not later than not_before' \
    "$url" --not-before +2h --expires-at +1h
  refuses 2 'invalid value: --max-attempts: ' "$url" --max-attempts 0
  refuses 2 'invalid value: --max-attempts: ' "$url" --max-attempts -1
  refuses 2 'invalid value: --max-attempts: ' "$url" --max-attempts many
  refuses 2 "invalid value: --after: not the full id of an operation: '00ZZZZ'" "$url" --after 00ZZZZ
  refuses 2 "invalid value: --after-failure: 'x' is not fail or wait" "$url" --after-failure x
  refuses 2 "invalid value: --if-pending: 'x' is not replace, keep or error" "$url" --if-pending x
  refuses 2 "invalid value: --print: 'xml' is not id or json" "$url" --print xml
  refuses 2 "invalid value: --method: not an HTTP method: 'B AD'" "$url" -X 'B AD'
  refuses 2 "invalid value: --type: only a-z, 0-9, _, . and - are allowed: 'Bad type'" \
    "$url" --type 'Bad type'
  refuses 2 'expect: not a status' "$url" --expect-status 999
  refuses 2 "expect: not a header, write 'Name: value': 'a'" "$url" --expect-header a
  refuses 2 "expect: not a JSON pointer, write /a/b: 'a=b'" "$url" --expect-json a=b
  refuses 2 'option needs another: --skip-bad needs --ndjson' "$url" --skip-bad
  refuses 2 'options exclude each other: --data and --upload-file' "$url" -d 1 -T x
  refuses 2 'invalid value: --method: HEAD takes no body' "$url" -X HEAD -d 1
}

# --- a directory that cannot be used ---

@test "a queue of somebody else: 77, and it is left alone" {
  [[ $EUID -eq 0 ]] || skip 'only root can give a directory away'
  mkdir -m 700 "$OFFQ_DIR"
  chown 65534 "$OFFQ_DIR"
  refuses 77 "open queue: $OFFQ_DIR: it belongs to user 65534, not to you (0)" "$url" -d 1
  [ -z "$(ls -A "$OFFQ_DIR")" ]
}

@test "a queue that others may write to: 77, and how to mend it" {
  mkdir "$OFFQ_DIR"
  chmod 770 "$OFFQ_DIR"
  refuses 77 "open queue: $OFFQ_DIR: others may write to it (mode 0770): chmod 700 it" "$url" -d 1
  chmod 700 "$OFFQ_DIR"
  offq enqueue "$url" -d 1
}

@test "a directory that may not be written, a file that may not be read: 77" {
  become_nobody
  mkdir -m 500 "$shared/written"
  echo 1 > "$shared/secret.json"
  chmod 000 "$shared/secret.json"
  own_as_nobody "$shared/written"
  OFFQ_DIR=$shared/written/queue fails 77 nobody offq enqueue "$url" -d 1
  says 'Permission denied'
  OFFQ_DIR=$shared/queue fails 77 nobody offq enqueue "$url" -d "@$shared/secret.json"
  says "$shared/secret.json"
  OFFQ_DIR=$shared/queue nothing_queued
  OFFQ_DIR=$shared/queue nobody offq enqueue "$url" -d 1
}

@test "a queue, or a file of settings, that may not even be looked for: 77" {
  become_nobody
  mkdir "$shared/closed"
  export OFFQ_DIR=$shared/closed/deep/queue
  local command
  for command in 'enqueue http://127.0.0.1:9/ -d 1' sync list status 'config show' 'send http://127.0.0.1:9/'; do
    chmod 000 "$shared/closed"
    # shellcheck disable=SC2086  # words
    fails 77 nobody offq $command
    says 'Permission denied'
  done
  chmod 755 "$shared/closed"
  export OFFQ_DIR=$shared/queue
  nobody offq enqueue "$url" -d 1
  echo 'queue: {max_ops: 1}' > "$OFFQ_DIR/config.yaml"
  chmod 000 "$OFFQ_DIR/config.yaml"
  fails 77 nobody offq enqueue "$url" -d 1
  says "$OFFQ_DIR/config.yaml: Permission denied"
}

@test "a filesystem that is read-only: 77, with a queue on it and without" {
  use_disk size=4m
  mount -o remount,ro disk
  refuses 77 "create queue: $OFFQ_DIR: Read-only file system" "$url" -d 1
  mount -o remount,rw disk
  offq enqueue "$url" -d 1
  before=$(find "$OFFQ_DIR" | sort)
  mount -o remount,ro disk
  fails 77 offq enqueue "$url" -d 2
  says 'Read-only file system'
  [ "$(find "$OFFQ_DIR" | sort)" = "$before" ]
}

@test "a queue of a newer format: 78, and it is left alone" {
  mkdir -m 700 "$OFFQ_DIR"
  echo '{"format":2,"queue":"01M7Y6P008EG0ZJ7FTR3NAZ7GS"}' > "$OFFQ_DIR/queue.json"
  refuses 78 "open queue: $OFFQ_DIR/queue.json: the queue has format 2" "$url" -d 1
  [ "$(ls -A "$OFFQ_DIR")" = queue.json ]
  echo '{"format":' > "$OFFQ_DIR/queue.json"
  refuses 65 "open queue: $OFFQ_DIR/queue.json: damaged" "$url" -d 1
}

@test "a configuration that is wrong: 78, and nothing is queued" {
  mkdir -m 700 "$OFFQ_DIR"
  echo 'retry: {cap: 5 parsecs}' > "$OFFQ_DIR/config.yaml"
  refuses 78 "$OFFQ_DIR/config.yaml:1: retry.cap: not a duration: '5 parsecs'" "$url" -d 1
  rm "$OFFQ_DIR/config.yaml"
  OFFQ_QUEUE_MAX_OPS=x refuses 78 "OFFQ_QUEUE_MAX_OPS: not a number: 'x'" "$url" -d 1
  refuses 78 "type 'note' has no route" --type note -d 1
}

# --- full ---

@test "a full disk: 73, nothing half-queued, and all is well when there is room again" {
  use_disk size=8m
  first=$(offq enqueue "$url" -d 1)
  usage=$(jq -c '[.ops, .bytes]' "$OFFQ_DIR/usage.json")
  head -c 100000 /dev/urandom > upload
  fill_disk
  fails 73 offq enqueue "$url" -d 2
  says 'No space left on device'
  fails 73 offq enqueue "$url" -T upload
  fails 73 offq enqueue "$url" --ndjson <<< 3
  [ "$(queued)" = "$first.json" ]
  [ -z "$(ls -A "$OFFQ_DIR/tmp")$(ls -A "$OFFQ_DIR/blobs")" ]
  [ "$(jq -c '[.ops, .bytes]' "$OFFQ_DIR/usage.json")" = "$usage" ]
  rm disk/fill
  second=$(offq enqueue "$url" -T upload)
  [ "$(queued)" = "$first.json
$second.json" ]
  cmp upload "$OFFQ_DIR"/blobs/*
  sealed
}

@test "a disk that is full in the middle of a body or a batch: 73, and the room is given back" {
  use_disk size=8m
  first=$(offq enqueue "$url" -d 1)
  fill_disk
  truncate -s -65536 disk/fill
  head -c 200000 /dev/urandom > upload
  fails 73 offq enqueue "$url" -T upload
  fails 73 offq enqueue "$url" --data-binary @upload
  seq 10000 > lines
  fails 73 offq enqueue "$url" --ndjson lines
  [ "$(queued)" = "$first.json" ]
  [ -z "$(ls -A "$OFFQ_DIR/tmp")$(ls -A "$OFFQ_DIR/blobs")" ]
  offq enqueue "$url" -d 2
  sealed
}

@test "a disk that is full before there is a queue: 73, and the queue is made later" {
  use_disk size=1m
  fill_disk
  refuses 73 '' "$url" -d 1
  says 'No space left on device'
  rm disk/fill
  offq enqueue "$url" -d 1
  sealed
}

@test "no inodes left: 73, nothing half-queued, and all is well when there are some again" {
  use_disk size=4m,nr_inodes=32
  first=$(offq enqueue "$url" -d 1)
  use_inodes
  fails 73 offq enqueue "$url" -d 2
  says 'no inodes are left on the disk'
  fails 73 offq enqueue "$url" --ndjson <<< 3
  [ "$(queued)" = "$first.json" ]
  rm disk/inode.1
  offq enqueue "$url" -d 2
  [ "$(queued | wc -l)" -eq 2 ]
  sealed
}

@test "too few inodes for the folders: 73, and a queue that was half made is completed" {
  use_disk size=4m,nr_inodes=6
  fails 73 offq enqueue "$url" -d 1
  mount -o remount,nr_inodes=64 disk
  offq enqueue "$url" -d 1
  sealed
}

@test "queue.max_ops: 73, with what is pending and the limit" {
  export OFFQ_QUEUE_MAX_OPS=2
  offq enqueue "$url" -d 1
  offq enqueue "$url" -d 2
  fails 73 offq enqueue "$url" -d 3
  says "the queue is full: 2 pending, limit 2 (queue.max_ops)"
  [ "$(queued | wc -l)" -eq 2 ]
  fails 73 offq enqueue "$url" -T "$BATS_TEST_FILENAME"
  [ -z "$(ls -A "$OFFQ_DIR/tmp")" ]
  rm "$OFFQ_DIR/pending/$(queued | head -1)"
  offq list > /dev/null
  offq enqueue "$url" -d 3
}

@test "queue.max_ops holds for a batch as a whole" {
  export OFFQ_QUEUE_MAX_OPS=4
  offq enqueue "$url" -d 1
  fails 73 offq enqueue "$url" --ndjson <<< $'1\n2\n3\n4'
  says '(queue.max_ops)'
  [ "$(queued | wc -l)" -eq 1 ]
  [ "$(offq enqueue "$url" --ndjson <<< $'1\n2\n3' | wc -l)" -eq 3 ]
  fails 73 offq enqueue "$url" -d 1
}

@test "queue.max_size: 73, and bodies beside the operation count" {
  export OFFQ_QUEUE_MAX_SIZE=10KB
  offq enqueue "$url" -d 1
  head -c 10000 /dev/zero > upload
  fails 73 offq enqueue "$url" -T upload
  says '(queue.max_size)'
  [ -z "$(ls -A "$OFFQ_DIR/tmp")" ]
  offq enqueue "$url" -d 2
  [ "$(queued | wc -l)" -eq 2 ]
}

# reads_the_end FILE ARGUMENT...: whether enqueue, which finds the queue full, reads FILE that far.
reads_the_end() {
  local codes
  set +o pipefail
  cat "$1" 2> /dev/null | offq enqueue "$url" "${@:2}" > out 2> err
  codes=${PIPESTATUS[*]}
  [[ $codes == *' 73' ]] || { echo "exit codes: $codes" >&2; return 2; }
  [[ $codes == '0 73' ]]
}

@test "an input without end is read as far as there is room, and leaves nothing: 73" {
  export OFFQ_QUEUE_MAX_SIZE=1MB
  truncate -s 64M zeros
  run -1 reads_the_end zeros -T -
  nothing_queued
  yes 1 | head -n 200000 > ones
  run -1 reads_the_end ones --ndjson
  nothing_queued
  fails 73 timeout 20 offq enqueue "$url" -T /dev/zero
  says '(queue.max_size)'
  nothing_queued
}

# --- the bytes of the body ---

@test "a payload is kept byte for byte: numbers, escapes, order, duplicates, UTF-8" {
  local payload
  for payload in 123456789012345678901234567890 1.10 -0 -0.0 1E400 1e-7 0.1000000000000000055511151231257827 \
    '{"b":1,"a":2,"b":3}' '"\u0000\ud83d\ude00\/"' '"é𝕏😀日本"' '{ "a" : [ ] ,  "b":{ } }' 'null' '""'; do
    file=$(file_of "$(offq enqueue "$url" -d "$payload")")
    grep -F "\"payload\":$payload,\"sum\"" "$file"
    [ "$(wc -l < "$file")" -eq 1 ]
  done
  sealed
}

@test "line breaks, and blanks around the body, are kept: such a body is a blob" {
  refuses 65 '--data: malformed JSON: line 2, column 1' "$url" -d $'[1\n2]'
  local body
  for body in $'{"a":\n[1.10,\r\n\t2]}' $'{"a":1}\n' $'\n{"a":1}' ' 1' $'1\t' $'"x"\r'; do
    for option in -d --json; do
      id=$(offq enqueue "$url" "$option" "$body")
      offq show "$id" --body > sent
      printf '%s' "$body" | cmp - sent
    done
    printf '%s' "$body" > body.json
    offq show "$(offq enqueue "$url" --json @body.json)" --body | cmp - body.json
    offq show "$(offq enqueue "$url" --json - < body.json)" --body | cmp - body.json
  done
  [ "$(cat "$OFFQ_DIR"/pending/*.json | wc -l)" -eq 24 ]
  sealed
}

@test "the body of a file is its bytes, and its media type is that of JSON" {
  printf '{ "a":\n\r\n 1.10}' > body.json
  id=$(offq enqueue "$url" --json @body.json)
  [ "$(jq -r '.blob | [.sha256, .size, .media_type] | @tsv' "$(file_of "$id")")" = \
    "$(sha256sum < body.json | cut -d' ' -f1)	$(stat -c %s body.json)	application/json" ]
  cmp body.json "$OFFQ_DIR/blobs/$(sha256sum < body.json | cut -d' ' -f1)"
  [ "$(jq -c .request.headers "$(file_of "$id")")" = \
    '{"Content-Type":"application/json","Accept":"application/json"}' ]
}

@test "-d @FILE and -d - leave out the newlines of what they read, as curl does" {
  printf '{"a":\n1}\n' > body.json
  [ "$(member .payload -d @body.json)" = '{"a":1}' ]
  [ "$(member .payload -d - < body.json)" = '{"a":1}' ]
  grep -F '"payload":{"a":1},"sum"' "$OFFQ_DIR"/pending/*
}

@test "-T keeps the file by its SHA-256, once, and says its name and size" {
  head -c 300000 /dev/urandom > 'big one.bin'
  sum=$(sha256sum < 'big one.bin' | cut -d' ' -f1)
  [ "$(member '[.request.method, .blob.sha256, .blob.size, .blob.name]' -T 'big one.bin')" = \
    "[\"PUT\",\"$sum\",300000,\"big one.bin\"]" ]
  [ "$(member .request.url -T 'big one.bin')" = "\"$url\"" ]
  [ "$(ls -A "$OFFQ_DIR/blobs")" = "$sum" ]
  cmp 'big one.bin' "$OFFQ_DIR/blobs/$sum"
  [ "$(stat -c %a "$OFFQ_DIR/blobs/$sum")" = 600 ]
  offq enqueue http://localhost/dir/ -T 'big one.bin'
  grep -F '"url":"http://localhost/dir/big%20one.bin"' "$OFFQ_DIR"/pending/*
}

@test "an empty file, and one that is read from a pipe, are uploads too" {
  : > empty
  [ "$(member .blob.size -T empty)" = 0 ]
  [ "$(printf abc | member .blob.size -T -)" = 3 ]
  [ "$(cat "$OFFQ_DIR"/blobs/*)" = abc ]
}

@test "a payload above 64 KiB becomes a blob, one of 64 KiB does not" {
  for size in 65536 65537; do
    { printf '"'; head -c $((size - 2)) /dev/zero | tr '\0' x; printf '"'; } > "$size"
  done
  [ "$(member 'has("payload")' -d @65536)" = true ]
  [ "$(member 'has("payload")' -d @65537)" = false ]
  cmp 65537 "$OFFQ_DIR/blobs/$(sha256sum < ./65537 | cut -d' ' -f1)"
}

@test "--data-binary takes any bytes" {
  printf '\0\377\n' > bytes
  [ "$(member .blob.size --data-binary @bytes)" = 3 ]
  cmp bytes "$OFFQ_DIR/blobs/$(sha256sum < bytes | cut -d' ' -f1)"
}

# --- the other members ---

@test "method and headers: curl's defaults, and what was given" {
  [ "$(member .request)" = "{\"method\":\"GET\",\"url\":\"$url\"}" ]
  [ "$(member .request.method -d 1)" = '"POST"' ]
  [ "$(member .request.method -X PATCH -d 1)" = '"PATCH"' ]
  [ "$(member .request.headers -H 'X-A:  b ' -H 'X-Empty;')" = '{"X-A":"b","X-Empty":""}' ]
  [ "$(member .request.headers -H 'A: 1' -H 'A: 2')" = '[["A","1"],["A","2"]]' ]
  [ "$(member '.request.headers["X-T"]' -H "X-T: \${env:NO_SUCH}")" = "\"\${env:NO_SUCH}\"" ]
}

@test "what is not said is not in the file" {
  [ "$(member keys_unsorted -d 1)" = \
    '["v","id","seq","type","created_at","priority","request","payload","sum"]' ]
}

@test "times are absolute in the file" {
  before=$(date +%s)
  file=$(file_of "$(offq enqueue "$url" --not-before +1h --expires-at 2100-01-01T01:00:00+01:00)")
  after=$(date +%s)
  [ "$(jq -r .expires_at "$file")" = 2100-01-01T00:00:00.000000Z ]
  seconds=$(date -d "$(jq -r .not_before "$file")" +%s)
  [ "$seconds" -ge $((before + 3600)) ]
  [ "$seconds" -le $((after + 3600)) ]
}

@test "the order of delivery: priority, critical, lane, after" {
  one=$(offq enqueue "$url")
  two=$(offq enqueue "$url")
  [ "$(member '[.priority, .critical, .lane, .after, .after_failure]' --priority -5 --critical \
    --lane orders --after "$one" --after "$two" --after-failure wait)" = \
    "[-5,true,\"orders\",[\"$one\",\"$two\"],\"wait\"]" ]
}

@test "attempts, action, type, entity tag and notes" {
  [ "$(member '[.type, .action, .max_attempts, .if_match]' --type note.v-1_x --action add \
    --max-attempts 7 --if-match '"e\"')" = '["note.v-1_x","add",7,"\"e\\\""]' ]
  id=$(offq enqueue "$url" --meta '{"who": "me", "n": 1.10}')
  grep -F '"meta":{"who": "me", "n": 1.10}' "$(file_of "$id")"
}

@test "what is expected of the answer" {
  [ "$(member .expect --expect-status 2xx --expect-header 'Content-Type: application/json' \
    --expect-header 'X-A: *' --expect-json /id=7 --expect-json '/a/s=x y' --expect-json '/n="7"')" = \
    '{"status":"2xx","header":{"Content-Type":"application/json","X-A":"*"},"json":{"/id":7,"/a/s":"x y","/n":"7"}}' ]
  [ "$(member .expect --expect-status 204)" = '{"status":204}' ]
  [ "$(member .expect --expect-status '200, 2XX,300-302')" = '{"status":[200,"2xx","300-302"]}' ]
}

@test "--print json says whether an older operation was kept" {
  run -0 --separate-stderr offq enqueue "$url" --key k --print json
  id=$(jq -r .id <<< "$output")
  [ "$(jq -c .kept <<< "$output")" = false ]
  run -0 --separate-stderr offq enqueue "$url" --key k --print json --if-pending keep
  [ "$output" = "{\"id\":\"$id\",\"kept\":true}" ]
}

# --- the promise ---

@test "files are private, whatever the umask" {
  umask 000
  offq enqueue "$url" -T "$BATS_TEST_FILENAME" --key k
  [ -z "$(find "$OFFQ_DIR" -perm /077)" ]
}

@test "no database is opened" {
  strace -o probe true 2> probe.err || skip "strace cannot trace: $(< probe.err)"
  strace -f -e trace=openat -o trace offq enqueue "$url" -d 1 --key k
  strace -f -e trace=openat -o trace.batch offq enqueue "$url" --ndjson <<< 1
  grep -F '"usage.json"' trace
  grep -F '"usage.json"' trace.batch
  run ! grep -E '(index|state)\.db' trace trace.batch
  run ! ls "$OFFQ_DIR/index.db" "$OFFQ_DIR/state.db"
}

@test "the id is printed after the file, its name and its directory are on disk" {
  strace -o probe true 2> probe.err || skip "strace cannot trace: $(< probe.err)"
  offq enqueue "$url"
  strace -f -y -e 'trace=fsync,fdatasync,/^rename,write' -o trace offq enqueue "$url" -d 1
  [ "$(sed -nE 's|.* f(data)?sync\(.*/queue/tmp/.*|sync file|p; s|.* fsync\(.*/queue/pending>.*|sync folder|p
    s|.* rename.*"pending/.*|rename|p; s|.* write\(1<.*|print|p' trace)" = \
    'sync file
rename
sync folder
print' ]
}

@test "ids increase, also when the clock is asked more often than it ticks" {
  for _ in {1..50}; do offq enqueue "$url"; done > ids
  seq 100 | offq enqueue "$url" --ndjson > batch.ids
  offq enqueue "$url" >> ids
  sort -c -u ids
  [ "$(head -1 batch.ids | cut -d. -f1)" '>' "$(sed -n 50p ids)" ]
  [ "$(head -1 batch.ids | cut -d. -f1)" '<' "$(sed -n 51p ids)" ]
  run ! grep -vE '^[0-7][0-9A-HJKMNP-TV-Z]{25}$' ids
}

@test "32 processes at once: each id is another, and every operation is there" {
  seq 32 | xargs -P 32 -I{} offq enqueue "$url" -d {} > ids
  [ "$(sort -u ids | wc -l)" -eq 32 ]
  [ "$(jq .payload "$OFFQ_DIR"/pending/* | sort -n)" = "$(seq 32)" ]
  [ "$(queued | sed 's/.json$//')" = "$(sort ids)" ]
  [ "$(jq .ops "$OFFQ_DIR/usage.json")" -eq 32 ]
  sealed
}

@test "20 processes with one key: --if-pending replace leaves one" {
  seq 20 | xargs -P 20 -I{} offq enqueue "$url" -d {} --key k --if-pending replace > ids
  [ "$(sort -u ids | wc -l)" -eq 20 ]
  [ "$(queued | wc -l)" -eq 1 ]
  [ "$(offq list --state pending --json | jq -r .id)" = "$(basename "$(the_file)" .json)" ]
  [ "$(jq -r .reason "$OFFQ_DIR"/receipts/*.jsonl | sort | uniq -c | xargs)" = '19 replaced' ]
}

@test "20 processes with one key: --if-pending keep leaves one, and all print it" {
  seq 20 | xargs -P 20 -I{} offq enqueue "$url" -d {} --key k --if-pending keep > ids
  [ "$(wc -l < ids)" -eq 20 ]
  [ "$(sort -u ids)" = "$(basename "$(the_file)" .json)" ]
  [ -z "$(ls -A "$OFFQ_DIR/failed")" ]
}

@test "--if-pending error: 75, with the id that is pending" {
  id=$(offq enqueue "$url" --key k --if-pending error)
  fails 75 offq enqueue "$url" --key k --if-pending error
  says "key 'k' of type 'api_call': $id is pending already"
  [ "$(queued)" = "$id.json" ]
  offq enqueue "$url" --key other --if-pending error
  offq enqueue "$url" --key k --type other --if-pending error
  [ "$(queued | wc -l)" -eq 3 ]
}

@test "an id that cannot be printed: 74, and the operation is queued" {
  run --separate-stderr bash -c "offq enqueue '$url' -d 1 >&-"
  [ "$status" -eq 74 ]
  says "$(basename "$(the_file)" .json) is queued"
  if [[ -w /dev/full ]]; then
    run --separate-stderr bash -c "offq enqueue '$url' -d 2 > /dev/full"
    [ "$status" -eq 74 ]
    says 'is queued'
    [ "$(queued | wc -l)" -eq 2 ]
  fi
  sealed
}

@test "standard output is closed: one message, and 74" {
  local command
  offq enqueue "$url" -d 1
  seq 3000 | offq enqueue "$url" --ndjson > /dev/null
  for command in list 'list --json' stats status help 'config show' 'sync --dry-run --json' 'cancel --all'; do
    run -74 --separate-stderr bash -c "offq $command >&-"
    [ "$stderr" = 'offq: cannot write: standard output: Bad file descriptor' ]
  done
}

@test "no stream is open at all: 74, and nothing is written into the operation" {
  run bash -c "offq enqueue '$url' -d 1 <&- >&- 2>&-"
  [ "$status" -eq 74 ]
  [ "$(queued | wc -l)" -eq 1 ]
  [ "$(wc -l < "$(the_file)")" -eq 1 ]
  sealed
}

@test "a reader that has gone: 74, not a signal, and the operation is queued" {
  run --separate-stderr bash -c "exec > >(true); wait \$!; offq enqueue '$url' -d 1"
  [ "$status" -eq 74 ]
  says "$(basename "$(the_file)" .json) is queued"
  sealed
}

@test "what is refused, or not needed, leaves no body behind" {
  head -c 100000 /dev/zero | tr '\0' b > big
  older=$(offq enqueue "$url" --key k)
  fails 75 offq enqueue "$url" --key k --if-pending error --data-binary @big
  fails 75 offq enqueue "$url" --key k --if-pending error -T big
  [ "$(offq enqueue "$url" --key k --if-pending keep --data-binary @big)" = "$older" ]
  fails 2 offq enqueue "$url" --key $'a\tb' --data-binary @big
  [ -z "$(ls -A "$OFFQ_DIR/blobs")" ]
  first=$(offq enqueue "$url" --data-binary @big)
  fails 75 offq enqueue "$url" --key k --if-pending error --data-binary @big
  offq show "$first" --body | cmp - big
}
