# SPDX-License-Identifier: MIT
# Loaded by tests that need a state without a network: they publish it themselves.

# publish STATE MODE VALID_FOR BY [METERED [REASON]]: the line, as netwatch would write it.
publish() {
  local now
  now=$(date +%s)
  (umask 077 && mkdir -p "$OFFQ_DIR/netwatch")
  printf '%s %s %s %s %s eth0 metered=%s reason=%s by=%s v=1\n' "$1" "$2" "${generation:-7}" \
    "${since:-$now}" $((now + $3)) "${5:-no}" "${6:-ok}" "$4" >"$OFFQ_DIR/netwatch/network.new"
  mv "$OFFQ_DIR/netwatch/network.new" "$OFFQ_DIR/network"
}
