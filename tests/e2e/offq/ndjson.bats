#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # $spawned is set by what is loaded
# offq enqueue --ndjson: many operations, one file, all or nothing.

load ../common
load ../servers
load queue

url=http://api.example.com/x
teardown() { stop_servers; }

# batch: the only file in pending/.
batch() { echo "$OFFQ_DIR/pending/$(ls -A "$OFFQ_DIR/pending")"; }

# refuses MESSAGE LINES ARGUMENT...: the lines are refused so (65), and nothing is queued.
refuses() {
  local message=$1 lines=$2
  shift 2
  fails 65 offq enqueue "$@" --ndjson <<< "$lines" && says "offq: $message" && nothing_queued
}

@test "bare payloads with a URL: one file, an id for each line, in order" {
  run -0 --separate-stderr offq enqueue "$url" -X PUT -H 'X-A: b' --priority 3 --ndjson \
    <<< $'{"n":1}\n[2]\n"three"'
  ulid=${lines[0]%.1}
  [ "$output" = "$ulid.1
$ulid.2
$ulid.3" ]
  [ "$(batch)" = "$OFFQ_DIR/pending/$ulid.jsonl" ]
  [ "$(jq -c '[.id, .payload, .priority]' "$(batch)")" = "[\"$ulid.1\",{\"n\":1},3]
[\"$ulid.2\",[2],3]
[\"$ulid.3\",\"three\",3]" ]
  [ "$(jq -c .request "$(batch)" | sort -u)" = \
    "{\"method\":\"PUT\",\"url\":\"$url\",\"headers\":{\"X-A\":\"b\"}}" ]
  [ -z "$(ls -A "$OFFQ_DIR/tmp")" ]
  [ "$(offq list --json | jq -r .id)" = "$output" ]
}

@test "without a URL each line is an operation of its own" {
  offq enqueue --ndjson << 'END'
{"type":"metric","request":{"url":"http://a.example/1","method":"PUT"},"payload":{"a": 1.10},"priority":7}
{"request":{"method":"DELETE","url":"https://b.example/2"},"lane":"l","meta":{"x": 1.0}}
END
  [ "$(jq -c '[.type, .request.method, .request.url, .priority, .lane]' "$(batch)")" = \
    '["metric","PUT","http://a.example/1",7,null]
["api_call","DELETE","https://b.example/2",0,"l"]' ]
  grep -F '"payload":{"a": 1.10}' "$(batch)"
  grep -F '"meta":{"x": 1.0}' "$(batch)"
}

@test "a type with a route needs no URL" {
  mkdir -m 700 "$OFFQ_DIR"
  cat > "$OFFQ_DIR/config.yaml" << 'END'
endpoints: {api: {url: "https://api.example.com"}}
types: {metric_log: {endpoint: api, path: /metrics, method: POST}}
END
  printf '{"loss":0.1}\n{"loss":0.05}\n' | offq enqueue --type metric_log --ndjson
  [ "$(jq -c '[.type, .payload.loss, .request]' "$(batch)")" = '["metric_log",0.1,null]
["metric_log",0.05,null]' ]
}

@test "--ndjson FILE, --ndjson - and --ndjson read the same" {
  printf '1\n2\n' > lines
  for source in lines - ''; do
    [ "$(offq enqueue "$url" --ndjson ${source:+"$source"} < lines | wc -l)" -eq 2 ]
  done
  fails 66 offq enqueue "$url" --ndjson missing
  says 'open: missing: no such file'
}

@test "payloads are kept byte for byte" {
  cat > lines << 'END'
{"b": 1.10, "a":123456789012345678901234567890,"b":-0}
"\u0000\ud83d\ude00\/ é𝕏😀"
[1E400 , 1e-7, { }]
END
  offq enqueue "$url" --ndjson lines
  [ "$(sed -E 's/.*"payload":(.*),"sum":"crc32c:[0-9a-f]{8}"\}$/\1/' "$(batch)")" = "$(< lines)" ]
}

@test "blank lines are skipped, CRLF and a missing last newline do not matter" {
  printf '\n1\r\n \t\n\r\n2\n\n3' > lines
  [ "$(offq enqueue "$url" --ndjson lines | sed 's/.*\.//' | xargs)" = '1 2 3' ]
  [ "$(jq -c .payload "$(batch)" | xargs)" = '1 2 3' ]
  run ! grep $'\r' "$(batch)"
}

@test "no line at all is no operation and no error" {
  run -0 --separate-stderr offq enqueue "$url" --ndjson < /dev/null
  [ -z "$output" ]
  nothing_queued
}

@test "a bad line is named, counting blank ones, and queues nothing: 65" {
  refuses 'line 3, column 6: ' $'{"a":1}\n\n[2, 3\n"x"' "$url"
  refuses 'line 2, column ' $'1\nhello' "$url"
  refuses 'line 1, column 3: ' $'1 2\n3' "$url"
  refuses 'line 2, column 2: ill-formed UTF-8' $'1\n"\xff"' "$url"
  refuses "line 1: URL 'file:///x': URL refused: scheme 'file'" '{"request":{"url":"file:///x"}}'
  refuses 'line 2: it has neither type nor request' $'{"request":{"url":"http://h/"}}\n{"n":1}'
  refuses 'line 1: payload: it comes twice' '{"request":{"url":"http://h/"},"payload":1,"payload":2}'
  refuses "line 1: type 'note' has no route" '{"type":"note","payload":1}'
  refuses 'line 1: ' '{"request":{"url":"http://h/","headers":{"A":"b\nC: d"}}}'
  refuses 'line 1: ' '{"request":{"url":"http://h/"},"priority":"high"}'
  refuses 'line 1: ' '{"request":{"url":"http://h/"},"prioritty":1}'
  refuses 'line 1' '[1]'
}

@test "a bad line after 100,000 good ones queues nothing" {
  { seq 100000; echo nope; } > lines
  fails 65 offq enqueue "$url" --ndjson lines
  says 'offq: line 100001, column '
  nothing_queued
}

@test "--skip-bad reports the bad lines, queues the others and exits 65" {
  run --separate-stderr offq enqueue "$url" --ndjson --skip-bad <<< $'1\nnope\n\n[2\n3'
  [ "$status" -eq 65 ]
  says 'offq: line 2, column '
  says 'line 4, column 3: '
  [ "$(sed 's/.*\.//' <<< "$output" | xargs)" = '1 2' ]
  [ "$(jq -c .payload "$(batch)" | xargs)" = '1 3' ]
}

@test "--skip-bad with nothing but bad lines queues nothing" {
  refuses 'line 1, column ' $'nope\nno' "$url" --skip-bad
}

@test "a long line becomes a blob, as an operation of its own would" {
  { printf '1\n"'; head -c 70000 /dev/zero | tr '\0' x; printf '"\n3\n'; } > lines
  offq enqueue "$url" --ndjson lines
  sum=$(sed -n 2p lines | tr -d '\n' | sha256sum | cut -d' ' -f1)
  [ "$(jq -c '.blob.sha256 // .payload' "$(batch)" | xargs)" = "1 $sum 3" ]
  [ "$(sed -n 2p lines)" = "$(cat "$OFFQ_DIR/blobs/$sum")" ]
}

@test "100,000 lines from a pipe are 100,000 operations" {
  seq 100000 | offq enqueue "$url" --ndjson > ids
  [ "$(sort -u ids | wc -l)" -eq 100000 ]
  [ "$(tail -1 ids | sed 's/.*\.//')" = 100000 ]
  [ "$(jq -r .id "$(batch)" | cmp - ids && wc -l < "$(batch)")" -eq 100000 ]
  [ "$(jq .payload "$(batch)" | sha256sum)" = "$(seq 100000 | sha256sum)" ]
  [ "$(jq .ops "$OFFQ_DIR/usage.json")" -eq 100000 ]
}

@test "four pipes at once make four batches" {
  seq 4 | xargs -P 4 -I{} sh -c "seq 1000 | offq enqueue $url --ndjson > ids.{}"
  [ "$(sort -u ids.* | wc -l)" -eq 4000 ]
  [ "$(cut -d. -f1 ids.* | sort -u | wc -l)" -eq 4 ]
  [ "$(cat "$OFFQ_DIR"/pending/*.jsonl | wc -l)" -eq 4000 ]
}

@test "--print json prints one object for each line" {
  run -0 --separate-stderr offq enqueue "$url" --ndjson --print json <<< $'1\n2'
  [ "$(jq -r .id <<< "$output")" = "$(jq -r .id "$(batch)")" ]
}

@test "ids that cannot be printed: 74, and the batch is queued" {
  run --separate-stderr bash -c "exec > >(true); wait \$!; seq 100000 | offq enqueue '$url' --ndjson"
  [ "$status" -eq 74 ]
  says 'a batch of 100000 operations is queued'
  [ "$(wc -l < "$(batch)")" -eq 100000 ]
}

@test "a URL where the file was meant: 2, and the order that was meant" {
  fails 2 offq enqueue --ndjson "$url"
  says "offq: invalid value: --ndjson: '$url' is no file: offq enqueue $url --ndjson [FILE]"
}

@test "an interruption in the middle queues nothing" {
  mkfifo pipe
  exec 8<> pipe
  spawn batch.log bash -c "exec offq enqueue '$url' --ndjson < pipe 8>&-"
  # More than the pipe and the program's buffers hold: when seq ends, lines have been written.
  seq 200000 >&8
  [ -n "$(ls -A "$OFFQ_DIR/tmp")" ]
  kill -TERM "$spawned"
  code=0
  wait "$spawned" || code=$?
  exec 8>&-
  [ "$code" -eq 143 ]
  nothing_queued
}

@test "a refused batch leaves no bodies behind, and a kept line not its own" {
  long=$(head -c 70000 /dev/zero | tr '\0' x)
  fails 65 offq enqueue "$url" --ndjson <<< "\"$long\""$'\n{'
  nothing_queued
  offq enqueue --ndjson << END
{"type":"t","key":"k","request":{"url":"$url"},"payload":"a$long"}
END
  fails 75 offq enqueue --if-pending error --ndjson << END
{"type":"t","request":{"url":"$url"},"payload":"b$long"}
{"type":"t","key":"k","request":{"url":"$url"},"payload":"c$long"}
END
  [ "$(names blobs | wc -l)" -eq 1 ]
  offq enqueue --if-pending keep --ndjson << END
{"type":"t","request":{"url":"$url"},"payload":"b$long"}
{"type":"t","key":"k","request":{"url":"$url"},"payload":"c$long"}
{"type":"t","key":"k","request":{"url":"$url"},"payload":"b$long"}
END
  [ "$(names blobs | wc -l)" -eq 2 ]
}
