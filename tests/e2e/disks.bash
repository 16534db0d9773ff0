# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034  # $shared is for the tests
# Small filesystems and foreign users. Tests that need what is not there are skipped.

# use_disk OPTIONS: the queue is on a tmpfs of its own, mounted on disk/.
use_disk() {
  [[ $EUID -eq 0 ]] || skip 'only root can mount a filesystem'
  mkdir disk
  mount -t tmpfs -o "mode=700,$1" none disk 2> mount.err || skip "cannot mount: $(< mount.err)"
  export OFFQ_DIR=$PWD/disk/queue
}

# use_ext4 OPTION...: the same on an ext4 of 64 MiB that mkfs.ext4 makes with these options.
use_ext4() {
  [[ $EUID -eq 0 ]] || skip 'only root can mount a filesystem'
  PATH=$PATH:/usr/sbin:/sbin
  command -v mkfs.ext4 > /dev/null || skip 'mkfs.ext4 (e2fsprogs) is not installed'
  mkdir disk
  truncate -s 64M disk.image
  mkfs.ext4 -qF "$@" disk.image
  mount -o loop disk.image disk 2> mount.err || skip "cannot mount: $(< mount.err)"
  chmod 700 disk
  export OFFQ_DIR=$PWD/disk/queue
}

# fill_disk: not a byte is left on disk/ until disk/fill is removed.
fill_disk() {
  head -c 64M /dev/zero > disk/fill 2> /dev/null || true
  sync -f disk
}

# use_inodes: no file can be made on disk/ until one of disk/inode.N is removed.
use_inodes() {
  local n=1
  while { : > "disk/inode.$n"; } 2> /dev/null; do n=$((n + 1)); done
}

# become_nobody: makes $shared, a directory that belongs to the user of `nobody COMMAND...`, who is
# not root. own_as_nobody FILE...: gives them the files.
become_nobody() {
  shared=$(mktemp -d "${TMPDIR:-/tmp}/offq.XXXXXX")
  nobody_options=(env)
  if [[ $EUID -eq 0 ]]; then
    nobody_options=(setpriv --reuid=65534 --regid=65534 --clear-groups env)
    chown 65534:65534 "$shared"
  fi
  nobody_options+=(HOME="$shared" XDG_CONFIG_HOME="$shared/config")
  cd "$shared" || return
  nobody test -x "$(command -v offq)" || skip 'another user cannot run this build'
}
own_as_nobody() { [[ $EUID -ne 0 ]] || chown 65534:65534 "$@"; }
nobody() { "${nobody_options[@]}" "$@"; }

remove_disks() {
  cd "$BATS_TEST_TMPDIR" || return
  if mountpoint -q disk; then umount disk; fi
  if [[ ${shared:-} ]]; then
    chmod -R u+rwx "$shared"
    rm -rf "$shared"
  fi
}
