# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How long 1,000 operations take to a server that is far away.

row_latency() {
  start_nginx
  delay_relay 50 "$port" >relay.log &
  servers+=("$!")
  for _ in {1..100}; do
    grep -q '^listening on ' relay.log && break
    sleep 0.05
  done
  local relay options
  relay=$(sed -n 's/^listening on //p' relay.log)
  [[ -n $relay ]] || die 'the relay does not listen'
  make_lines "$distant" >distant-lines
  export DISTANT=$relay/metrics
  # shellcheck disable=SC2317  # run between measurements
  prepare_distant() {
    fresh_batch distant "$DISTANT" distant-lines &&
      printf '%s\n' endpoints: '  far:' "    url: ${DISTANT%/metrics}" "    concurrency: $1" \
        types: '  metric_log:' '    endpoint: far' >distant/config.yaml
  }
  export -f prepare_distant
  options=(--concurrency "$distant_concurrency" --batch-size "$distant")
  measure "sync of $distant operations over a round trip of 100 ms" $(((runs_long + 1) / 2)) \
    --- - bash -c "prepare_distant $distant_concurrency" \
    --- 'offq sync, 100 ms' offq -C distant sync "${options[@]}" \
    --- 'bare loop, 100 ms' bare_curl_loop "$DISTANT" "$distant" "$distant_concurrency" 1.1
  note "Settings: the type has an endpoint with \`concurrency: $distant_concurrency\`; sync with \`${options[*]}\`." \
    'With the defaults, 8 requests in flight, 1,000 operations take at least 12.5 s.'
  bar latency "\`sync\` of $distant over a 100 ms round trip" \
    "$(ms "${median[offq sync, 100 ms]}") ms" "$(range 'offq sync, 100 ms') ms" \
    "bare libcurl loop $(ms "${median[bare loop, 100 ms]}") ms" \
    "$(calc '%.2f' "${median[offq sync, 100 ms]} / ${median[bare loop, 100 ms]}")" '≤ 2000 ms' \
    "$(verdict "${median[offq sync, 100 ms]} <= 2000000")"
}
