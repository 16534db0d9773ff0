# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# A file of any size: into the queue, and out of it, in constant memory.

# shellcheck disable=SC2317  # run between measurements
settle_disk() { # nothing that was written before is written back while a measurement runs
  rm -f nginx/stored/*
  sync -f .
}

row_upload() {
  local mib_bar='≤ 32 MiB' size="$upload_mib MiB" name ratio peak bar met
  start_nginx
  head -c "$((upload_mib * 1048576))" /dev/urandom >upload-file
  export -f settle_disk
  export SERVER
  # shellcheck disable=SC2016  # for the inner shell
  measure "upload of $size" "$runs_huge" \
    --- - bash -c 'rm -rf upload; settle_disk' \
    --- 'offq enqueue -T' offq -C upload enqueue --type kept -X PUT "$SERVER/stored/offq" -T upload-file \
    --- - bash -c 'settle_disk' \
    --- 'offq enqueue -T -' bash -c \
    'offq -C upload enqueue --type dropped -X PUT "$SERVER/dropped" -T - <upload-file' \
    --- - bash -c settle_disk \
    --- 'sha256sum, cp, sync' bash -c 'sha256sum upload-file && cp upload-file copy && sync copy' \
    --- - bash -c 'rm copy; settle_disk' \
    --- 'curl -T, stored' curl -sS -o answer -T upload-file "$SERVER/stored/curl" \
    --- - bash -c settle_disk \
    --- 'offq sync, stored' offq -C upload sync --type kept \
    --- - bash -c settle_disk \
    --- 'curl -T, dropped' curl -sS -o answer -T upload-file "$SERVER/dropped" \
    --- 'offq sync, dropped' offq -C upload sync --type dropped
  note 'stored: nginx keeps the body on disk (PUT), which is what an upload is for. dropped: it reads' \
    'and forgets it, so that the sender alone is measured; of offq that is mostly the SHA-256 that' \
    'keeps a damaged body from arriving whole.'
  bar upload "\`enqueue -T\` of $size" "$(ms "${median[offq enqueue -T]}") ms" \
    "$(range 'offq enqueue -T') ms" \
    "\`sha256sum\`, \`cp\`, \`sync\` $(ms "${median[sha256sum, cp, sync]}") ms" \
    "$(calc '%.2f' "${median[offq enqueue -T]} / ${median[sha256sum, cp, sync]}")" - -
  for name in 'offq enqueue -T' 'offq enqueue -T -' 'offq sync, stored'; do
    peak=$(mib "$name")
    bar upload "peak memory of $name" "$peak MiB" - - - "$mib_bar" "$(verdict "$peak <= 32")"
  done
  for name in stored dropped; do
    ratio=$(calc '%.2f' "${median[curl -T, $name]} / ${median[offq sync, $name]}")
    if [[ $name == stored ]]; then bar='≥ 0.9' met=$(verdict "$ratio >= 0.9"); else bar=- met=-; fi
    bar upload "speed of the \`sync\`, $name" "$(ms "${median[offq sync, $name]}") ms" \
      "$(range "offq sync, $name") ms" "\`curl -T\` $(ms "${median[curl -T, $name]}") ms" "$ratio" "$bar" "$met"
  done
  rm -rf upload upload-file
}
