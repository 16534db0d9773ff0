# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How fast operations are delivered to a server that is near.

row_sync() {
  start_nginx
  make_lines "$operations" >sync-lines
  # shellcheck disable=SC2016
  measure "sync of $operations operations to nginx, HTTP/1.1" "$runs_long" \
    --- - bash -c 'fresh_singles singles "$URL" '"$operations" \
    --- 'offq sync, files' offq -C singles sync \
    --- - bash -c 'fresh_batch batch "$URL" sync-lines' \
    --- 'offq sync, batch' offq -C batch sync \
    --- - bash -c 'fresh_singles singles "$URL" '"$operations" \
    --- 'offq sync, files, --batch-size 1000' offq -C singles sync --batch-size 1000 \
    --- - bash -c 'fresh_singles singles "$URL" '"$operations" \
    --- 'reading, receipts, renames, fsyncs' durable_moves singles \
    --- 'bare loop' bare_curl_loop "$URL" "$operations" 8 1.1
  # shellcheck disable=SC2016
  measure "xargs -P8 curl, $xargs_requests requests" "$runs_long" \
    --- 'xargs -P8 curl' bash -c "xargs_curl $xargs_requests"
  local floor=${median[bare loop]}+${median[reading, receipts, renames, fsyncs]}
  note 'Default settings, so 8 requests in flight to one endpoint, as many as the bare loop and' \
    'xargs have; the bare loop writes nothing to any disk. The server has one worker. Without' \
    'another thread, files could go no faster than the bare loop and their reading, receipts,' \
    "renames and fsyncs: $(calc '%.0f' "$operations * 1000000 / ($floor)")/s."
  if command -v strace >/dev/null; then
    local kind
    for kind in singles batch; do
      if [[ $kind == singles ]]; then
        fresh_singles traced "$URL" "$operations"
      else
        fresh_batch traced "$URL" sync-lines
      fi
      printf '\nSystem calls of a sync of %d operations (%s), 15 most expensive:\n\n```\n' \
        "$operations" "$kind" >>details
      strace -f -c -S time -o trace offq -C traced sync >/dev/null 2>&1 || true
      head -n 17 trace >>details
      printf '```\n' >>details
    done
    rm -rf traced
  fi
  local loop xargs kind got ratio
  loop=$(rate 'bare loop' "$operations")
  xargs=$(rate 'xargs -P8 curl' "$xargs_requests")
  for kind in files batch; do
    got=$(rate "offq sync, $kind" "$operations")
    ratio=$(calc '%.2f' "$got / $loop")
    bar sync "\`sync\` of $operations, $kind" "$got/s" \
      "$(rates "offq sync, $kind" "$operations")/s" "bare libcurl loop $loop/s" "$ratio" '≥ 0.5' \
      "$(verdict "$ratio >= 0.5")"
    ratio=$(calc '%.0f' "$got / $xargs")
    bar sync "\`sync\` of $operations, $kind" "$got/s" \
      "$(rates "offq sync, $kind" "$operations")/s" "\`xargs -P8 curl\` $xargs/s" "$ratio" \
      '≥ 100' "$(verdict "$ratio >= 100")"
  done
}
