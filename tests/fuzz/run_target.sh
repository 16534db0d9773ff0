#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: run_target.sh PROGRAM CORPUS DICTIONARY
#
# Runs a fuzz target for a minute, or for OFFKIT_FUZZ_SECONDS. It begins with the inputs in CORPUS,
# which stays as it is, and with those that earlier runs of this build found worth keeping. An input
# that breaks something is kept beside the program; make a unit test of it.
set -euo pipefail

program=$1
corpus=$2
dictionary=$3
kept=$program.corpus
broken=$program.broken/
mkdir -p "$kept" "$broken"

status=0
"$program" -max_total_time="${OFFKIT_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 \
  -max_len=4096 -dict="$dictionary" -artifact_prefix="$broken" -print_final_stats=1 \
  "$kept" "$corpus" 2>&1 || status=$?
((status == 0)) && exit

printf '\nThese inputs broke something:\n'
for input in "$broken"*; do
  printf '  %s\n  again: %s %s\n' "$input" "$program" "$input"
done
exit "$status"
