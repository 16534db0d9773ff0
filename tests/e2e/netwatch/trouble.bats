#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # servers.bash and space.bash set url and space
# What a machine may lack: netlink, name servers, any interface at all.
load ../common
load ../servers
load space

teardown() {
  stop_servers
  space_teardown
}
setup() { common_setup; }

@test "where netlink is refused, probes decide, and doctor says so" {
  PATH=$OFFKIT_BUILD/tests:$PATH
  without_netlink true || skip 'no seccomp here'
  start_receiver
  export NETWATCH_BASIC="tcp://${url#http://}"
  run --separate-stderr without_netlink netwatch check
  [ "$status" -eq 0 ]
  [ "$output" = 'connected (no-api-configured), online' ]
  says 'warning: open: netlink: Operation not permitted: what the kernel knows of links is left out'
  run -0 without_netlink netwatch explain
  [[ $output == *'the kernel does not tell'*'answered'* ]]
  run -1 without_netlink netwatch doctor
  [[ $output == *'warn links      open: netlink: Operation not permitted'*'probes alone must do'* ]]
  [[ $output == *'warn traffic    cannot be seen'* ]]
  run -0 without_netlink netwatch probe "$NETWATCH_BASIC"
  NETWATCH_BASIC=tcp://127.0.0.1:9 run -1 without_netlink netwatch check --max-age 0s
  [[ $output == *'disconnected (refused-all), offline'* ]]
}

@test "where netlink is refused and nobody is to be asked, nothing is said of the network" {
  PATH=$OFFKIT_BUILD/tests:$PATH
  without_netlink true || skip 'no seccomp here'
  local command
  for command in check daemon 'run true'; do
    # shellcheck disable=SC2086  # two words
    run -75 --separate-stderr without_netlink netwatch $command
    [[ $stderr == *'netlink: Operation not permitted: nothing is known of the network'*'`netwatch init`'* ]]
    [ ! -e "$OFFQ_DIR/network" ]
  done
  run -75 netwatch is connected
}

@test "where no name server is named, what is asked for names says so" {
  [[ $EUID -eq 0 ]] || skip 'only root can hide /etc/resolv.conf'
  mkdir empty
  # The program is started before nothing of /etc is left; and no name server of this machine answers.
  bare() { unshare --mount --net sh -c 'ip link set lo up && mount --bind empty /etc && exec "$@"' sh "$@"; }
  bare true || skip 'cannot mount'
  run -1 bare "$(type -P netwatch)" probe --json tcp://host.example:443
  jq -e '.outcome == "dns-refused" and (.message | startswith("read: /etc/resolv.conf: No such file"))
    and (.message | endswith("127.0.0.1 is asked for names"))' <<< "$output"
  run -1 bare "$(type -P netwatch)" doctor
  [[ $output == *'warn resolvers  127.0.0.1: read: /etc/resolv.conf: '*'-> write a line `nameserver ADDRESS`'* ]]
}

@test "where there is no interface at all, every command says so and none waits" {
  space_setup
  ip -n "$space" link del eth0
  ip -n "$space" link set lo down
  export NETWATCH_BASIC='tcp://192.0.2.1:443 dns://192.0.2.53'
  run -1 inside netwatch check
  [ "$output" = 'disconnected (no-link), offline' ]
  run -1 inside netwatch is online
  run -75 inside netwatch is metered
  run -75 inside netwatch run true
  [[ $output == *'the network is disconnected (no-link)'* ]]
  run -0 inside netwatch explain
  [[ $output == *'no interface that counts is up with a carrier'* ]]
  run -124 inside netwatch wait --timeout 10ms
  run -0 inside netwatch wait --for disconnected
  run -0 inside netwatch budget
  [ "${lines[0]}" = 'network   unknown' ]
  run -1 inside netwatch probe --json tcp://192.0.2.1:443
  jq -e '.outcome == "unreachable"' <<< "$output"
  run -1 inside netwatch doctor
  [[ $output == *'there is no way out now'* ]]
}
