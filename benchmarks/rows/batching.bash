# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How fast a batch file is delivered when one request carries many operations.

batching_formats=(ndjson json-array)

# shellcheck disable=SC2317  # run between measurements
prepare_batching() { # FORMAT
  fresh_batch batching "$URL" batching-lines &&
    printf '%s\n' types: '  metric_log:' "    batch: {max_ops: 500, format: $1}" >batching/config.yaml
}

row_batching() {
  local what="\`sync\` of a batch file with request batching" format got name status=0 steps=()
  start_nginx
  make_lines "$batched" >batching-lines
  export -f prepare_batching
  prepare_batching "${batching_formats[0]}"
  offq -C batching sync --dry-run >/dev/null 2>&1 || status=$?
  if ((status == 78)); then
    missing batching "$what" '≥ 100000/s'
    return
  fi
  for format in "${batching_formats[@]}"; do
    steps+=(--- - bash -c "prepare_batching $format" --- "offq sync, $format" offq -C batching sync)
  done
  measure "sync of $batched operations, 500 in a request" "$runs_long" "${steps[@]}"
  for format in "${batching_formats[@]}"; do
    name="offq sync, $format"
    got=$(rate "$name" "$batched")
    bar batching "$what, $format" "$got/s" "$(rates "$name" "$batched")/s" - - '≥ 100000/s' \
      "$(verdict "$got >= 100000")"
    bar batching "its peak memory" "$(mib "$name") MiB" - - - '≤ 64 MiB' \
      "$(verdict "$(mib "$name") <= 64")"
  done
  rm -rf batching
}
