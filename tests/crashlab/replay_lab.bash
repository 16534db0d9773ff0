#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The inside of replay.sh, which says what this is, runs it in namespaces of its own, and tells it
# what to do by REPLAY_SEED, REPLAY_STATES, REPLAY_FILESYSTEMS, REPLAY_WORKLOADS, REPLAY_WORK,
# REPLAY_AGAIN and REPLAY_STATE.
set -Eeuo pipefail
trap 'printf "replay_lab.bash: failed in line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../e2e/servers.bash
source "$here/../e2e/servers.bash"
# shellcheck source=replay_workloads.bash
source "$here/replay_workloads.bash"

cd "$REPLAY_WORK"
mkdir -p home fs disk kept
PATH=$OFFKIT_BUILD/bin:$OFFKIT_BUILD/tests:$PATH
export PATH HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/config OFFQ_DIR=$PWD/fs/queue LC_ALL=C.UTF-8
unset OFFKIT_LIBEXEC
# Crash states of one recording, at most.
per_recording=60
declare -A mount_options=([ext4]=nodiscard [xfs]=nodiscard [btrfs]=nodiscard)

# A reboot is another boot: what the index knows of files that were not synced no longer holds.
new_boot() { printf '%08x-0000-4000-8000-%04x%08x\n' "$SRANDOM" "$$" "$SRANDOM" > boot_id; }
new_boot
mount --bind boot_id /proc/sys/kernel/random/boot_id

# make_image FILESYSTEM: an empty one, in $1.image.
make_image() {
  case $1 in
    ext4)
      truncate -s 64M ext4.image
      mkfs.ext4 -q -b 4096 -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 ext4.image
      ;;
    xfs)
      truncate -s 300M xfs.image
      mkfs.xfs -q -K xfs.image
      ;;
    btrfs)
      truncate -s 128M btrfs.image
      mkfs.btrfs -q -K btrfs.image
      ;;
  esac &> mkfs.log
}

# can_use FILESYSTEM: whether this machine can make it and mount it; else the cause is in $cause.
can_use() {
  cause="mkfs.$1 is missing"
  command -v "mkfs.$1" > /dev/null || return
  make_image "$1" || { cause=$(< mkfs.log) && return 1; }
  if ! mount -o loop "$1.image" fs 2> mount.log; then
    cause=$(< mount.log)
    return 1
  fi
  umount fs
}

# serve COMMAND IMAGE LOG [SEED]: the disk on disk/; sets $serving.
serve() {
  spawn disk.log replay_disk "$1" "$2" "$3" "$PWD/disk" "${@:4}"
  serving=$spawned
  wait_for_lines disk.log 1 '^serving ' "$serving" || return
}
stop_serving() {
  umount disk || umount --lazy disk
  wait "$serving"
}

# record WORKLOAD: from $image, into the file log. The workload runs in a directory of its own.
record() {
  local status
  rm -rf desk
  mkdir desk # with the receiver's inbox
  serve record "$image" log
  mount -o "loop,${mount_options[$filesystem]}" disk/disk fs
  set +e # not "||", which would make the workload go on after a failure
  (
    set -e
    marks=$PWD/disk
    cd desk
    "workload_$1"
    echo > "$marks/end"
  ) > workload.log 2>&1
  status=$?
  set -e
  ((status == 0)) || { cat workload.log >&2 && exit 1; }
  umount fs
  stop_serving
}

# begin_after_a_crash: $image becomes a disk on which a sync was cut short, and what had been said
# before that is in the file earlier.
begin_after_a_crash() {
  record sync
  serve crash "$image" log "$seed"
  for number in {1..50}; do
    echo "$number" > disk/state
    if grep -q 'may all synced' disk/marks; then break; fi
  done
  cp --sparse=always disk/disk crashed.image
  said
  mv marks earlier
  stop_serving
  new_boot
  image=crashed.image
}

# said: into the file marks, all that had been said before the crash.
said() { cat earlier disk/marks > marks; }

# take_another: offq takes another operation, with an id that was not printed before the crash.
take_another() {
  local id
  id=$(offq enqueue http://127.0.0.1:9/x -d '{"after":"the crash"}' 2> offq.log) ||
    echo "offq enqueue: $(< offq.log)"
  [[ -e fs/queue/pending/$id.json ]] || echo "offq enqueue: not pending: $id"
  [[ $(< marks) != *"$id"* ]] || echo "offq enqueue: the id of an older operation: $id"
}

# account_for_numbers: no number may be missing before that of an operation that is there, since each
# is printed before the next one begins; and none may be there twice. Where several programs write at
# once, one of them may have taken a number and not have printed anything.
account_for_numbers() {
  local wrong='.repeated or (.after and .before)'
  if [[ $workload == concurrent || $workload == prune ]]; then wrong=.repeated; fi
  offq verify --json > numbers 2> offq.log && return
  jq -c "select($wrong)" numbers | sed 's/^/offq verify: /'
  if [[ -s offq.log ]]; then echo "offq verify: $(< offq.log)"; fi
}

# what_offq_finds: lists the queue in the file listed, and says what else is wrong with it. Every
# second time the first program after the crash is one that does not recover the queue; and the
# databases are expendable, so whatever they alone remember does not count.
what_offq_finds() {
  if ((number % 4 < 2)); then rm -f fs/queue/{index,state}.db*; fi
  if ((number % 2 == 1)); then take_another; fi
  offq list --json > listed 2> offq.log || echo "offq list: $(< offq.log)"
  if ((number % 2 == 0)); then take_another; fi
  offq fsck > offq.log 2>&1 || echo "offq fsck: $(< offq.log)"
  account_for_numbers
}

# cannot_check WHY
cannot_check() {
  printf 'replay_lab.bash: %s %s, state %s (%s): %s\n' "$filesystem" "$workload" "$number" \
    "$(< disk/state)" "$1" >&2
  exit 1
}

# try_state NUMBER: sets $mounted, and if it is yes, $ids, $lost, $torn and $astray, as found after
# recovery; $lost_before and $torn_before; and $trouble, a text.
try_state() {
  number=$1
  local options=loop,${mount_options[$filesystem]} found
  new_boot
  echo "$number" > disk/state
  said
  mounted=no
  mount -o "$options" disk/disk fs 2> mount.log || return 0
  mounted=yes
  found=$(replay_queue check fs/queue marks 2> before) || cannot_check "$(< before)"
  read -r ids lost_before torn_before _ <<< "$found"
  what_offq_finds > trouble
  found=$(replay_queue check fs/queue marks listed 2> after) || cannot_check "$(< after)"
  read -r ids lost torn astray <<< "$found"
  trouble=$(< trouble)
  umount fs
}

# tell_state: what is wrong with the state that was tried, for people.
tell_state() {
  printf '%s %s, state %s, %s' "$filesystem" "$workload" "$number" "$(< disk/state)"
  printf '  before recovery: %s lost, %s torn; after it: %s lost, %s torn, %s astray\n' \
    "$lost_before" "$torn_before" "$lost" "$torn" "$astray"
  sed 's/^/  before recovery: /' before
  sed 's/^/  after recovery: /' after
  if [[ $trouble ]]; then printf '  %s\n' "$trouble"; fi
}

# keep_recording: for --again; sets $again.
keep_recording() {
  again=$REPLAY_WORK/kept/$filesystem-$workload-$recording
  if [[ -e $again ]]; then return; fi
  mkdir "$again"
  cp --sparse=always "$image" "$again/image"
  cp log earlier "$again"
  printf '%s %s %s\n' "$filesystem" "$workload" "$seed" > "$again/about"
}

is_control() { [[ $workload == no-* ]]; }
is_kept() { ((lost + torn + astray + lost_before + torn_before == 0)) && [[ -z $trouble ]]; }

# judge_state: of a protocol that must lose nothing.
judge_state() {
  if is_kept; then return; fi
  kill -0 "$serving" || { echo 'replay.sh: the disk has died' >&2 && exit 1; }
  failed=yes
  keep_recording
  {
    tell_state
    printf '  again: tests/crashlab/replay.sh --again %s --state %s\n' "$again" "$number"
  } >&2
}

declare -A seen # what a control lost: [WORKLOAD FILESYSTEM]="BEFORE AFTER"

# try_recording COUNT: adds to $all_...
try_recording() {
  local n
  serve crash "$image" log "$seed"
  for ((n = 1; n <= $1; ++n)); do
    try_state "$n"
    if [[ $mounted == no ]]; then
      unmountable=$((unmountable + 1))
      continue
    fi
    tried=$((tried + 1))
    all_ids=$((all_ids + ids))
    all_lost=$((all_lost + lost))
    all_torn=$((all_torn + torn))
    all_astray=$((all_astray + astray))
    all_lost_before=$((all_lost_before + lost_before))
    all_torn_before=$((all_torn_before + torn_before))
    is_control || judge_state
  done
  stop_serving
}

row() { printf '%-10s %-18s %7s %8s %6s %5s %6s %12s %5s %11s\n' "$@"; }

# try_workload COUNT: prints a line of the table.
try_workload() {
  local tried=0 unmountable=0 all_ids=0 all_lost=0 all_torn=0 all_astray=0
  local all_lost_before=0 all_torn_before=0 left=$1 share
  for ((recording = 1; left > 0; ++recording)); do
    share=$((left < per_recording ? left : per_recording))
    left=$((left - share))
    seed=$((REPLAY_SEED + recording))
    image=$filesystem.image
    : > earlier
    if [[ $workload == recovery ]]; then begin_after_a_crash; fi
    record "$workload"
    try_recording "$share"
  done
  row "$filesystem" "$workload" "$tried" "$all_ids" "$all_lost" "$all_torn" "$all_astray" \
    "$all_lost_before" "$all_torn_before" "$unmountable"
  seen[$workload $filesystem]="$((all_lost_before + all_torn_before))"
  seen[$workload $filesystem]+=" $((all_lost + all_torn + all_astray))"
  is_control || tested=$((tested + tried))
  # Too few states to speak of.
  if ((unmountable * 10 > tried)); then
    printf 'replay.sh: %s cannot be mounted in %s states: %s\n' \
      "$filesystem" "$unmountable" "$(< mount.log)" >&2
    failed=yes
  fi
}

# judge_control WORKLOAD FILESYSTEM...: whether it was seen to lose what it must.
# Without the fsync of the file, of the receipts, or without any, something is lost for good on every
# filesystem. Without that of the directory the file is missing from pending/ on one at least;
# recovery then finds it in tmp/, because these filesystems log the names of a file that is synced.
judge_control() {
  local before after missing=0
  for filesystem in "${@:2}"; do
    read -r before after <<< "${seen[$1 $filesystem]}"
    printf '%s on %s: %s lost or torn before recovery; %s lost, torn or astray after it\n' \
      "$1" "$filesystem" "$before" "$after"
    missing=$((missing + before))
    if [[ $1 == no-directory-fsync ]] || ((after > 0)); then continue; fi
    printf 'replay.sh: %s on %s lost nothing\n' "$1" "$filesystem" >&2
    failed=yes
  done
  if [[ $1 != no-directory-fsync ]] || ((missing > 0)); then return; fi
  printf 'replay.sh: %s lost nothing\n' "$1" >&2
  failed=yes
}

failed=no
if [[ $REPLAY_AGAIN ]]; then
  read -r filesystem workload seed < "$REPLAY_AGAIN/about"
  cp "$REPLAY_AGAIN/earlier" .
  serve crash "$REPLAY_AGAIN/image" "$REPLAY_AGAIN/log" "$seed"
  try_state "$REPLAY_STATE"
  [[ $mounted == yes ]] || { cat mount.log >&2 && exit 1; }
  tell_state
  stop_serving
  is_kept
  exit
fi

usable=()
read -ra wanted <<< "$REPLAY_FILESYSTEMS"
for filesystem in "${wanted[@]}"; do
  if can_use "$filesystem"; then
    usable+=("$filesystem")
  else
    printf 'replay.sh: no %s: %s\n' "$filesystem" "$cause" >&2
  fi
done
if ((${#usable[@]} == 0)); then
  echo 'replay.sh: skipped: no filesystem can be used here' >&2
  exit 77
fi

read -ra workloads <<< "${REPLAY_WORKLOADS:-${all_workloads[*]}}"
hold_port || exit
printf 'seed %s\n' "$REPLAY_SEED"
row filesystem workload states ids lost torn astray 'lost before' torn unmountable
rows=0
for workload in "${workloads[@]}"; do
  is_control || rows=$((rows + ${#usable[@]}))
done
share=$(((REPLAY_STATES + rows - 1) / (rows > 0 ? rows : 1)))
tested=0
for filesystem in "${usable[@]}"; do
  for workload in "${workloads[@]}"; do
    # Every second state of a control loses something: a few are enough.
    if is_control; then try_workload 8; else try_workload "$share"; fi
  done
done
for workload in "${workloads[@]}"; do
  if is_control; then judge_control "$workload" "${usable[@]}"; fi
done
printf '%s states on %s: ' "$tested" "${usable[*]}"
if [[ $failed == yes ]]; then
  echo 'FAILED'
  exit 1
fi
echo 'nothing that was printed is lost, torn or astray'
