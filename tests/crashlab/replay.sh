#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The block replay laboratory: what is left of a queue after a power cut. A file that FUSE serves is
# the disk under a loop device and a real filesystem; it logs all writes, flushes, and the moments
# at which ids were printed. Then the disk is put into states in which a cut could have left it, the
# kernel mounts it, and offq must find every printed id, whole and in the right state.
#
# Everything happens in namespaces of its own. When they end, in whatever way, the kernel ends what
# runs in them, unmounts, and detaches the loop devices.
set -euo pipefail

usage() {
  cat << 'END'
usage: tests/crashlab/replay.sh [--long] [--seed N] [--states N] [--filesystem NAME]...
                                [--workload NAME]...
       tests/crashlab/replay.sh --again DIR --state N

Prints a line for each filesystem and workload: how many crash states were made, how many printed
ids were looked for in them, and how many of those were lost, torn, or in a wrong state; before
recovery, as the files were found, and after it, as offq lists them. The last workloads leave out
syncs on purpose: they must lose something, or the laboratory proves nothing.

  --states N         crash states in all, without those of the negative controls; default 300
  --long             6000 of them
  --seed N           the same choices of states; what the kernel writes, and when, varies
  --filesystem NAME  ext4, xfs or btrfs; may be repeated; default: all three
  --workload NAME    one of replay_workloads.bash; may be repeated; default: all
  --again DIR        one state of a recording that was kept because something was lost
  --state N          which one

Exit status: 0 nothing was lost, 1 something was, or a control lost nothing, 2 usage, 77 skipped:
it needs root, FUSE, loop devices and the filesystems. $OFFKIT_BUILD is the build directory.
END
}

die() {
  printf 'replay.sh: %s\n' "$*" >&2
  exit "${code:-1}"
}
skip() { code=77 die "skipped: $*"; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
states=300
filesystems=()
workloads=()
again=
state=
while (($# > 0)); do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --long)
      states=6000
      shift
      continue
      ;;
    --seed | --states | --filesystem | --workload | --again | --state)
      (($# >= 2)) || code=2 die "$1 wants a value"
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  case $1 in
    --filesystem) [[ $2 =~ ^(ext4|xfs|btrfs)$ ]] || code=2 die "$1: not ext4, xfs or btrfs: $2" ;;
    --workload)
      grep -q "^workload_$2()" "$here/replay_workloads.bash" || code=2 die "$1: there is no $2"
      ;;
    --again) [[ -e $2/about ]] || code=2 die "$1: no recording: $2" ;;
    *) [[ $2 =~ ^[0-9]{1,9}$|^[0-9]{10}$ ]] || code=2 die "$1: not a number: $2" ;;
  esac
  case $1 in
    --seed) seed=$2 ;;
    --states) states=$2 ;;
    --filesystem) filesystems+=("$2") ;;
    --workload) workloads+=("$2") ;;
    --again) again=$(cd "$2" && pwd) ;;
    --state) state=$2 ;;
  esac
  shift 2
done
[[ -z $again || -n $state ]] || code=2 die '--again wants --state'
((${#filesystems[@]} > 0)) || filesystems=(ext4 xfs btrfs)

: "${OFFKIT_BUILD:?set OFFKIT_BUILD to the build directory, for example build/release}"
OFFKIT_BUILD=$(cd "$OFFKIT_BUILD" && pwd)
[[ $EUID -eq 0 ]] || skip 'only root can mount a filesystem'
[[ -x $OFFKIT_BUILD/tests/replay_disk ]] || skip 'built without libfuse3'
[[ -c /dev/fuse ]] || skip 'there is no /dev/fuse'
[[ -c /dev/loop-control ]] || skip 'there are no loop devices'

work=$(mktemp -d "${TMPDIR:-/tmp}/offkit-replay.XXXXXX")
inside=()
enter() { # COMMAND...: in namespaces that end with this script
  setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child --mount-proc "$@" < /dev/null &
  inside=($!)
  local status=0
  wait "${inside[0]}" || status=$?
  inside=()
  return "$status"
}
# shellcheck disable=SC2317  # the trap calls it
leave() {
  local pid
  for pid in "${inside[@]}"; do
    kill -KILL "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
  # Recordings that lost something stay.
  find "$work" -mindepth 1 -maxdepth 1 ! -name kept -exec rm -rf {} +
  rmdir "$work/kept" "$work" 2> /dev/null || true
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

enter true 2> "$work/namespaces" || skip "no namespaces: $(< "$work/namespaces")"
export OFFKIT_BUILD REPLAY_SEED=$seed REPLAY_STATES=$states REPLAY_FILESYSTEMS=${filesystems[*]} \
  REPLAY_WORKLOADS=${workloads[*]} REPLAY_WORK=$work REPLAY_AGAIN=$again REPLAY_STATE=$state
status=0
enter bash "$here/replay_lab.bash" || status=$?
exit "$status"
