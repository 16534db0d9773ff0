#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# offq enqueue: lines that describe themselves, streams larger than memory, and batches that are cut
# short.

load ../common
load queue

setup() {
  common_setup
  url=https://api.example.com/v1
}

batch() { find "$OFFQ_DIR/pending" -type f -name '*.jsonl' 2> /dev/null; }
# line N FILTER: of the operation in line N of the one batch.
line() { sed -n "$1p" "$(batch)" | jq -rc "$2"; }
# single FILTER: of the one operation that has a file of its own.
single() { jq -rc "$1" "$OFFQ_DIR"/pending/*.json; }

@test "lines without a URL are operations of their own, and their JSON is not touched" {
  local payload='{"n":123456789012345678901234567890,"f":1.10,"s":"\u0000\/","b":1,"a":{"x":[1, 2]}}'
  offq enqueue --ndjson > ids << END
{"type":"note","request":{"url":"$url/1","method":"PUT","headers":{"X-A":"é\u00e9"}},"payload": $payload ,"meta":{"m":1.0}}
{"request":{"url":"$url/2","headers":[["A","1"],["a","2"]]},"priority":-7,"critical":true,"lane":"l","key":"k","action":"add","max_attempts":2,"not_before":"2031-01-01T00:00:00Z","expires_at":"2032-01-01T00:00:00Z","after":["01K00000000000000000000000"],"after_failure":"wait","if_match":"e","expect":{"status":"2xx"},"on_conflict":"manual","base":[1],"capture":{"id":"/id"}}
{"v":9,"id":"mine","created_at":"never","sum":"crc32c:00000000","request":{"url":"$url/3"}}
END
  [ "$(wc -l < ids)" -eq 3 ]
  grep -qF "\"payload\":$payload,\"meta\":{\"m\":1.0}" "$(batch)"
  [ "$(line 1 '[.type,.request]')" = "[\"note\",{\"method\":\"PUT\",\"url\":\"$url/1\",\"headers\":{\"X-A\":\"éé\"}}]" ]
  [ "$(line 2 '[.type,.priority,.critical,.lane,.key,.action,.max_attempts,.after,.after_failure,.if_match]')" = \
    '["api_call",-7,true,"l","k","add",2,["01K00000000000000000000000"],"wait","e"]' ]
  [ "$(line 2 '[.not_before,.expires_at,.expect,.on_conflict,.base,.capture,.request.headers]')" = \
    '["2031-01-01T00:00:00.000000Z","2032-01-01T00:00:00.000000Z",{"status":"2xx"},"manual",[1],{"id":"/id"},[["A","1"],["a","2"]]]' ]
  [ "$(line 3 '[.v,.id]')" = "[1,\"$(tail -n 1 ids)\"]" ]
}

@test "a bad line is named, and nothing is queued" {
  printf '{"a":1}\n\n{"a":1,}\n' > lines
  fails 65 offq enqueue "$url" --ndjson lines
  says 'line 3, column 8'
  printf '1\n"\xff"\n' > lines
  fails 65 offq enqueue "$url" --ndjson lines
  says 'line 2, column'
  nothing_queued

  local row
  while IFS='|' read -r text row; do
    printf '{"request":{"url":"%s"}}\n%s\n' "$url" "$row" > lines
    fails 65 offq enqueue --ndjson lines || { echo "$row" >&2; false; }
    says 'line 2'
    says "$text"
  done << 'END'
column 2|{
neither type nor request|{"a":1}
not an object|[1]
did you mean 'priority'|{"type":"x","request":{"url":"http://h/"},"pririty":1}
type:|{"type":"A B"}
type:|{"type":7}
http|{"request":{"url":"file:///x"}}
types.nowhere|{"type":"nowhere"}
control character|{"request":{"url":"http://h/","headers":{"X":"a\nb"}}}
request: verb|{"request":{"url":"http://h/","verb":"GET"}}
method|{"request":{"url":"http://h/","method":"GE T"}}
twice|{"type":"x","type":"y"}
priority|{"request":{"url":"http://h/"},"priority":1.5}
critical|{"request":{"url":"http://h/"},"critical":1}
max_attempts|{"request":{"url":"http://h/"},"max_attempts":0}
not_before|{"request":{"url":"http://h/"},"not_before":"soon"}
passed|{"request":{"url":"http://h/"},"expires_at":"2020-01-01T00:00:00Z"}
after|{"request":{"url":"http://h/"},"after":["01K"]}
meta|{"request":{"url":"http://h/"},"meta":[]}
if_match: it holds|{"request":{"url":"http://h/"},"if_match":"a\r\nX: y"}
lane: it holds|{"request":{"url":"http://h/"},"lane":"l\u0001"}
CONNECT is for proxies|{"request":{"url":"http://h/","method":"CONNECT"}}
HEAD takes no body|{"request":{"url":"http://h/","method":"HEAD"},"payload":1}
expect: unknown member|{"request":{"url":"http://h/"},"expect":{"nonsense":1}}
expires_at: not a time|{"request":{"url":"http://h/"},"expires_at":"9999-12-31T23:59:59-10:00"}
blob|{"request":{"url":"http://h/"},"blob":{}}
END
  nothing_queued
}

@test "options that describe a request need one" {
  fails 2 offq enqueue --ndjson --lane l < /dev/null
  says --lane
  fails 2 offq enqueue "$url" --ndjson -d 1 < /dev/null
  fails 2 offq enqueue "$url" --skip-bad -d 1
}

@test "memory does not grow with the lines" {
  seq 300000 | (ulimit -v 65536 && offq enqueue "$url" --ndjson) > ids
  [ "$(wc -l < ids)" -eq 300000 ]
  [ "$(wc -l < "$(batch)")" -eq 300000 ]
}

@test "an interruption takes back what was written, and a kill leaves nothing to promote" {
  local signal pid code
  for signal in INT TERM KILL; do
    rm -rf "$OFFQ_DIR" pipe
    mkfifo pipe
    # env: a shell's background jobs ignore SIGINT, and bash cannot undo that.
    env --default-signal=INT offq enqueue "$url" --ndjson > ids 2> err < pipe 3>&- &
    pid=$!
    exec 5> pipe
    # More than the pipe and the program's buffers hold: when seq ends, lines have been written.
    seq 200000 >&5
    [[ -s $(find "$OFFQ_DIR/tmp" -name '*.jsonl.*') ]]
    kill -"$signal" "$pid"
    code=0
    wait "$pid" || code=$?
    exec 5>&-
    case $signal in
      INT) [ "$code" -eq 130 ] ;;
      TERM) [ "$code" -eq 143 ] ;;
      KILL) offq list > /dev/null ;;
    esac
    [ ! -s ids ]
    nothing_queued
  done
}

@test "an action without a method of its type is refused, in a line too" {
  mkdir -m 700 "$OFFQ_DIR"
  cat > "$OFFQ_DIR/config.yaml" << END
endpoints: {api: {url: "$url"}}
types: {skill: {endpoint: api, methods: {add: POST, delete: DELETE}}}
END
  fails 2 offq enqueue --type skill --action deletes -d 1
  says "action 'deletes': type 'skill' has no method for it: did you mean 'delete'?"
  printf '{"type":"skill","action":"%s"}\n' add deletes > lines
  fails 65 offq enqueue --ndjson lines
  says "line 2: action 'deletes': type 'skill' has no method for it: did you mean 'delete'?"
  nothing_queued
  offq enqueue --type skill --action delete -d 1
}

@test "of one key in a batch, and against one that is pending, one operation stays" {
  first=$(offq enqueue "$url" -d 0 --type note --key k)
  printf '{"type":"note","request":{"url":"%s"},"key":"k","payload":%s}\n' "$url" 1 "$url" 2 > lines
  run offq enqueue --ndjson lines --print json
  [ "$status" -eq 0 ]
  [ "$(jq -rc '[.id,.kept]' <<< "$output" | sort -u)" = "[\"$first\",true]" ]
  offq enqueue --ndjson lines --if-pending replace > ids
  [ -e "$OFFQ_DIR/failed/$first.json" ]
  [ "$(offq list --state pending --json | jq -r .id)" = "$(tail -n 1 ids)" ]
}

@test "-T stores a file of any size in little memory, and completes the URL" {
  truncate -s 200M 'big model.bin'
  (ulimit -v 65536 && OFFQ_QUEUE_MAX_SIZE=1GB offq enqueue "$url/" -T 'big model.bin' > /dev/null)
  [ "$(single .request.url)" = "$url/big%20model.bin" ]
  [ "$(single '[.request.method,.blob.size,.blob.name]')" = '["PUT",209715200,"big model.bin"]' ]
  [ "$(single .blob.sha256)" = "$(sha256sum < 'big model.bin' | cut -d' ' -f1)" ]
  rm -rf "$OFFQ_DIR"

  printf a,b | offq enqueue "$url/x.csv" -T - > /dev/null
  [ "$(single '[.request.url,.blob.size,.blob.name]')" = "[\"$url/x.csv\",3,null]" ]
  printf "a,b" > x.csv
  rm -rf "$OFFQ_DIR"
  offq enqueue "$url" -T x.csv > /dev/null
  [ "$(single .blob.media_type)" = text/csv ]
}
