# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What a sync of a million operations takes.

row_memory() {
  sync_million
  local peak
  peak=$(mib 'offq sync, a million')
  bar memory "peak memory of a \`sync\` with $million pending" "$peak MiB" - - - '≤ 64 MiB' \
    "$(verdict "$peak <= 64")"
}
