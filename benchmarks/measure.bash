# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Arithmetic, measuring and what goes into the report; sourced by run.sh. The rows append lines to
# the files bars and details.

say() { printf '# %s\n' "$*" >&2; }

calc() { awk "BEGIN { printf \"$1\", $2 }"; } # FORMAT EXPRESSION
holds() { awk "BEGIN { exit !($1) }"; }       # EXPRESSION
verdict() { if holds "$1"; then echo met; else echo '**missed**'; fi; }
ms() { calc '%.2f' "$1 / 1000"; }
mib() { calc '%.1f' "${resident[$1]} / 1024"; } # NAME

# attend COMMAND...: runs what takes long so that a signal ends the benchmark at once, and not
# after it.
attended=
attend() {
  local code=0
  "$@" &
  attended=$!
  wait "$attended" || code=$?
  attended=
  return "$code"
}
end_attended() {
  [[ -z $attended ]] || kill "$attended" 2>/dev/null || true
}

# measure TITLE RUNS STEP...: the steps are those of time_processes; then the cells of a name are in
# median, least, most (microseconds) and resident (KiB).
declare -A median least most resident
measure() {
  local title=$1 runs=$2 name middle low high kib
  shift 2
  say "$title"
  time_processes "$runs" "$@" >last.tsv || die "$title: did not run"
  {
    printf '\n### %s, %d run(s)\n\n' "$title" "$runs"
    printf '| command | median ms | min ms | max ms | peak MiB |\n|---|---|---|---|---|\n'
  } >>details
  while IFS=$'\t' read -r name middle low high kib; do
    median[$name]=$middle least[$name]=$low most[$name]=$high resident[$name]=$kib
    printf '| %s | %s | %s | %s | %s |\n' "$name" "$(ms "$middle")" "$(ms "$low")" \
      "$(ms "$high")" "$(mib "$name")" >>details
  done <last.tsv
}

# The same for what is only told in a table of its own.
measure_quietly() {
  cp details details.kept
  measure "$@"
  mv details.kept details
}

note() { printf '\n%s\n' "$*" >>details; }

rate() { calc '%.0f' "$2 * 1000000 / ${median[$1]}"; } # NAME COUNT: per second
rates() {                                              # NAME COUNT: from the slowest to the fastest
  calc '%.0f' "$2 * 1000000 / ${most[$1]}"
  printf '–'
  calc '%.0f' "$2 * 1000000 / ${least[$1]}"
}
range() { printf '%s–%s' "$(ms "${least[$1]}")" "$(ms "${most[$1]}")"; }

# bar NAME WHAT MEDIAN RANGE REFERENCE RATIO BAR VERDICT; a verdict "-" is only for comparison
bar() {
  printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@" | tee -a bars >&2
}

# missing NAME WHAT BAR: of something that this offq cannot do.
missing() { bar "$1" "$2" - - - - "$3" 'not in this version'; }
