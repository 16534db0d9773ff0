#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: cmake/build.sh PRESET...
#
# Configures and builds each preset into build/PRESET. One line for each, ninja's progress on a
# terminal; the log, build/PRESET.log, is shown when something fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
mkdir -p build

quietly() { # LOG COMMAND...
  local log=$1
  shift
  "$@" >>"$log" 2>&1 </dev/null && return
  tail -n 100 "$log" >&2
  printf 'build.sh: failed: %s (all of it: %s)\n' "$*" "$PWD/$log" >&2
  exit 1
}

for preset in "$@"; do
  log=build/$preset.log
  : >"$log"
  printf 'building %s\n' "build/$preset"
  quietly "$log" cmake --preset "$preset"
  if [[ -t 1 ]]; then
    cmake --build --preset "$preset"
  else
    quietly "$log" cmake --build --preset "$preset"
  fi
done
