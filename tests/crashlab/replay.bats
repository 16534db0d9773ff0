#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Power cuts, on real filesystems: see replay.sh, which also runs alone, for longer, with a seed.

load ../e2e/common

setup() {
  common_setup
  replay=$OFFKIT_SOURCE/tests/crashlab/replay.sh
  export TMPDIR=$BATS_TEST_TMPDIR/work
  mkdir "$TMPDIR"
  started=()
}

teardown() {
  local pid
  for pid in "${started[@]}"; do
    kill -KILL "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
}

# lab ARG...: like run, but what the laboratory cannot do here is skipped.
lab() {
  run "$replay" "$@"
  echo "$output"
  if [[ $status -eq 77 ]]; then skip "${lines[-1]}"; fi
}

# disk_of WORD: the processes that serve a disk of this test, and that is in their arguments.
disk_of() { pgrep -a -x replay_disk | grep -F -e "$TMPDIR" | grep -F -e "$1" | cut -d ' ' -f 1; }

# start ARG...: in the background; adds to $started, returns when it tries its first crash states.
start() {
  local status=0
  : > log
  "$replay" "$@" > log 2>&1 < /dev/null 3>&- &
  started+=($!)
  until [[ $(disk_of ' crash ') ]]; do
    kill -0 "${started[-1]}" 2> /dev/null && continue
    wait "${started[-1]}" || status=$?
    cat log
    [[ $status -ne 77 ]] || skip "$(tail -n 1 log)"
    return 1
  done
}

nothing_is_left() {
  # The kernel takes down a namespace after its last process has been waited for.
  local deadline=$((SECONDS + 20))
  while losetup -a | grep -F -e "$TMPDIR" || disk_of ' ' | grep .; do
    ((SECONDS < deadline))
  done
  run find "$TMPDIR" -mindepth 1
  echo "$output"
  [ -z "$output" ]
}

@test "replay: no printed id is lost in 300 power cuts; without fsync some are" {
  lab
  printf '# %s\n' "${lines[@]}" >&3
  [ "$status" -eq 0 ]
  [[ ${lines[-1]} =~ ^([0-9]+)\ states ]]
  ((BASH_REMATCH[1] >= 300))
  nothing_is_left
}

@test "replay: a program that does not sync is caught, and the state can be repeated" {
  mkdir -p broken/bin
  ln -s "$OFFKIT_BUILD/tests" "$OFFKIT_BUILD/libexec" broken/
  # An enqueue of the same operation that syncs nothing.
  cat > broken/bin/offq << END
#!/bin/bash
case "\$*" in
  'enqueue '*@body.*) exec replay_queue write both "\$(sed 's/.*body.//' <<< "\$*")" 1 "\$OFFQ_DIR" ;;
esac
exec $(command -v offq) "\$@"
END
  chmod +x broken/bin/offq

  OFFKIT_BUILD=$PWD/broken lab --filesystem ext4 --workload single --states 8

  [ "$status" -eq 1 ]
  [[ $output == *'nothing is'* || $output == *FAILED ]]
  read -r _ _ again dir _ state < <(grep 'again: ' <<< "$output" | head -n 1)
  lab "$again" "$dir" --state "$state"
  [ "$status" -eq 1 ]
  [[ $output == *"state $state, after record"*'in no folder'* ]]
}

@test "replay: two laboratories at once do not disturb each other" {
  start --filesystem ext4 --workload single --states 20
  lab --filesystem ext4 --workload single --states 10
  [ "$status" -eq 0 ]
  wait "${started[0]}"
  nothing_is_left
}

@test "replay: terminated, killed or without its disk, it leaves nothing mounted or running" {
  local how
  for how in TERM KILL disk; do
    echo "$how"
    start --filesystem ext4 --workload single --workload batch --states 2000
    if [[ $how == disk ]]; then
      kill -KILL "$(disk_of ' crash ')"
    else
      kill "-$how" "${started[-1]}"
    fi
    ! wait "${started[-1]}" || false
    cat log
    [[ $how != KILL ]] || rm -rf "$TMPDIR"/offkit-replay.*
    nothing_is_left
  done
}

@test "replay: without root it says so and is skipped" {
  if [[ $EUID -ne 0 ]]; then run "$replay"; else
    chmod 755 "$BATS_TEST_TMPDIR" "$TMPDIR"
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$replay"
  fi
  echo "$output"
  [ "$status" -eq 77 ]
  [[ $output == *'skipped: only root'* ]]
}
