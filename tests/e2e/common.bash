# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # bats sets status, output and stderr
# Loaded by every test of whole programs: each test has its own home, XDG directories and queue.
bats_require_minimum_version 1.5.0

: "${OFFKIT_BUILD:?set OFFKIT_BUILD to the build directory, for example build/release}"
OFFKIT_SOURCE=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
PATH=$(cd "$OFFKIT_BUILD" && pwd)/bin:$PATH
export PATH OFFKIT_SOURCE

common_setup() {
  export HOME=$BATS_TEST_TMPDIR/home
  export XDG_STATE_HOME=$HOME/state XDG_CONFIG_HOME=$HOME/config
  export XDG_CACHE_HOME=$HOME/cache XDG_DATA_HOME=$HOME/data XDG_RUNTIME_DIR=$HOME/run
  export OFFQ_DIR=$BATS_TEST_TMPDIR/queue
  export LC_ALL=C.UTF-8 TERM=xterm-256color
  # Where it is about noon: no day of a budget ends while a test runs.
  export TZ=NOON$((EPOCHSECONDS / 3600 % 24 - 12))
  unset NO_COLOR COLUMNS CEMAF_OFFLINE_STORAGE_PATH CEMAF_OFFLINE_MAX_QUEUE_MB OFFKIT_LIBEXEC
  mkdir -p "$XDG_STATE_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME"
  mkdir -p "$XDG_RUNTIME_DIR" && chmod 700 "$XDG_RUNTIME_DIR"
  cd "$BATS_TEST_TMPDIR" || return
}

setup() { common_setup; }

# fails CODE COMMAND...: the command exits with CODE and prints nothing on stdout.
fails() {
  local code=$1
  shift
  run --separate-stderr "$@"
  if [[ $status -ne $code || -n $output ]]; then
    printf 'expected exit %s and no output, got exit %s\nstdout: %s\nstderr: %s\n' \
      "$code" "$status" "$output" "$stderr" >&2
    return 1
  fi
}

# says TEXT: the last stderr contains TEXT.
says() {
  if [[ $stderr != *"$1"* ]]; then
    printf 'expected on stderr: %s\ngot: %s\n' "$1" "$stderr" >&2
    return 1
  fi
}

# await COMMAND...: until it succeeds, for at most 20 seconds.
await() {
  local begin=$SECONDS
  until "$@"; do
    if ((SECONDS - begin > 20)); then
      echo "in vain: $*" >&2
      cat ./*.log >&2 || true
      return 1
    fi
  done
}
