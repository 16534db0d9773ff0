# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154  # bats sets BATS_*; common.bash sets OFFQ_DIR
# A network of one's own for tests that need no servers: load after common.bash. The namespace
# $space has eth0 with 10.9.0.2/24 and a default route over it; the other end of its cable is far0.
# teardown calls space_teardown.

space_setup() {
  common_setup
  PATH=$PATH:/usr/sbin:/sbin
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  [[ $EUID -eq 0 ]] || skip 'network namespaces need root'
  command -v ip >/dev/null || skip 'ip is not installed'
  space=netwatch-$$-$RANDOM
  ip netns add "$space" 2>/dev/null || skip 'no network namespaces here'
  ip -n "$space" -batch - <<'END'
link set lo up
link add eth0 type veth peer name far0
link set far0 up
link set eth0 up
addr add 10.9.0.2/24 dev eth0
route add default via 10.9.0.1
END
}

space_teardown() {
  local pid
  for pid in "${daemons[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  if mountpoint -q "$OFFQ_DIR"; then umount -l "$OFFQ_DIR"; fi
  [[ -n ${space-} && -e /run/netns/$space ]] || return 0
  for pid in $(ip netns pids "$space"); do kill -KILL "$pid" 2>/dev/null || true; done
  ip netns del "$space"
}

daemons=()

inside() { ip netns exec "$space" "$@"; }

# start_daemon ARGUMENT...: until it has published. Its number is in $daemon.
start_daemon() {
  # Not by a function: the number would be that of a shell.
  ip netns exec "$space" netwatch daemon "$@" 2>>daemon.log 3>&- &
  daemon=$!
  daemons+=("$daemon")
  await grep -qs ' by=daemon ' "$OFFQ_DIR/network"
  await held "$daemon"
}

held() { flock --nonblock --conflict-exit-code 9 "$OFFQ_DIR/netwatch/lock" true; [[ $? -eq 9 ]]; }

# heard FIFO: a line has come; one who wrote before and has not gone yet is not meant.
heard() {
  until read -r _ <"$1"; do :; done
}

# says_line WORD...: the published line has each of these words.
says_line() {
  local line word
  line=" $(cat "$OFFQ_DIR/network") "
  for word; do [[ $line == *" $word "* ]] || return 1; done
}

# hook EVENT: a program, on standard input.
hook() {
  (umask 077 && mkdir -p "$OFFQ_DIR/hooks")
  cat >"$OFFQ_DIR/hooks/$1"
  chmod 700 "$OFFQ_DIR/hooks/$1"
}

# settings LINE...: below "network:" of the configuration.
settings() {
  {
    echo 'network:'
    printf '  %s\n' "$@"
  } >"$XDG_CONFIG_HOME/offkit/config.new"
  mv "$XDG_CONFIG_HOME/offkit/config.new" "$XDG_CONFIG_HOME/offkit/config.yaml"
}
