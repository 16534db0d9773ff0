#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# netwatch mode: what is set is seen at once, by whom and until when.
load ../common
load published

@test "mode is published at once, also before anybody has looked" {
  netwatch mode offline
  read -r state mode _ <"$OFFQ_DIR/network"
  [ "$state $mode" = 'unknown offline' ]
  netwatch is offline
  run netwatch is connected
  [ "$status" -eq 75 ]
  jq -e '.state == "unknown" and .mode == "offline" and .override.mode == "offline"' "$OFFQ_DIR/network.json"
}

@test "mode changes no state, and auto follows it again" {
  publish connected online 60 check
  netwatch mode offline --reason plane
  read -r state mode generation _ <"$OFFQ_DIR/network"
  [ "$state $mode $generation" = 'connected offline 8' ]
  netwatch is connected
  netwatch is offline
  netwatch mode auto
  netwatch is online
  read -r state mode generation _ <"$OFFQ_DIR/network"
  [ "$state $mode $generation" = 'connected online 9' ]
  [ ! -e "$OFFQ_DIR/netwatch/mode.json" ]
  [ "$(jq -s 'map(.generation) | join(" ")' "$OFFQ_DIR/netwatch/history.jsonl")" = '"8 9"' ]
}

@test "mode auto is offline where the network is limited" {
  publish limited offline 60 check no portal
  netwatch mode online
  netwatch mode auto
  read -r state mode _ <"$OFFQ_DIR/network"
  [ "$state $mode" = 'limited offline' ]
}

@test "mode is believed when a person has written it, be it ever so short" {
  publish connected online 60 check
  echo '{"mode":"offline"}' > "$OFFQ_DIR/netwatch/mode.json"
  fails 1 netwatch is online
  [[ $(netwatch mode) =~ ^'offline; set by unknown '(now|[0-9]+s' ago')'; the network is connected'$ ]]
  touch -d '2 hours ago' "$OFFQ_DIR/netwatch/mode.json"
  [ "$(netwatch mode)" = 'offline; set by unknown 2h ago; the network is connected' ]
}

@test "mode says who has set it, why, and until when" {
  publish connected online 60 check
  netwatch mode offline --for 2h --reason plane
  run netwatch mode
  [[ $output == "offline until "*" (in "*"): plane; set by $(id -un) ("*"; the network is connected" ]]
  netwatch mode --json | jq -e '.mode == "offline" and .set and .reason == "plane" and
    (.persist | not) and .state == "connected" and (.by | startswith("'"$(id -un)"'"))'
  netwatch mode auto
  [ "$(netwatch mode)" = 'online (auto: the network is connected)' ]
}

@test "mode ends at its time, and the state goes on as long as it was to" {
  publish connected online 60 check
  read -r _ _ _ _ before _ <"$OFFQ_DIR/network"
  netwatch mode offline --for 1h
  netwatch is offline
  read -r _ mode _ _ until _ <"$OFFQ_DIR/network"
  [ "$mode $until" = "offline $before" ]
  grep -qE ' auto=online until=[0-9]+$' "$OFFQ_DIR/network"
  netwatch mode offline --for 1s
  netwatch wait --for online --timeout 10s
  [ "$(netwatch mode)" = 'online (auto: the network is connected)' ]
  netwatch is connected
}

@test "mode that ends leaves nothing behind where settings cannot be read" {
  publish limited offline 60 check no portal
  mkdir -p "$XDG_CONFIG_HOME/offkit"
  echo 'network: [' >"$XDG_CONFIG_HOME/offkit/config.yaml"
  netwatch mode online --for 1h
  netwatch is online
  grep -qE ' v=1 until=[0-9]+$' "$OFFQ_DIR/network"
  rm "$OFFQ_DIR/netwatch/mode.json"
  [ "$(netwatch mode)" = 'unknown (auto: the network is limited)' ]
  fails 75 netwatch is online
  netwatch is limited
}

@test "mode that is taken away by hand is what it is by itself again" {
  publish limited offline 60 check no portal
  netwatch mode online
  rm "$OFFQ_DIR/netwatch/mode.json"
  netwatch is offline
}

@test "mode ends with the boot, unless it shall persist" {
  netwatch mode offline
  jq -e --arg boot "$(cat /proc/sys/kernel/random/boot_id)" '.boot == $boot' "$OFFQ_DIR/netwatch/mode.json"
  netwatch mode offline --persist
  jq -e 'has("boot") | not' "$OFFQ_DIR/netwatch/mode.json"
}

@test "mode refuses what is so already, and what cannot be" {
  publish disconnected offline 60 check no no-route
  netwatch mode offline
  fails 1 netwatch mode offline
  says "already in offline mode: set by $(id -un)"
  netwatch mode offline --for 1h
  fails 75 netwatch mode online
  says 'network is not available: disconnected (no-route)'
  netwatch mode online --force
  netwatch is online
  publish limited offline 60 check no portal
  netwatch mode auto
  netwatch mode online
  netwatch is online
}

@test "mode names what it replaces, and what is in its way" {
  publish connected online 60 check
  run -0 --separate-stderr netwatch mode offline --for 2h --reason plane
  [ -z "$stderr" ]
  fails 1 netwatch mode offline
  says "already in offline mode: set by $(id -un) ("
  says ', until '
  says ': plane'
  run -0 --separate-stderr netwatch mode offline --reason train
  [[ $stderr == *"replaced: offline, set by $(id -un) ("*", until "*"): plane" ]]
  run -0 --separate-stderr netwatch mode online --json
  jq -e '.mode == "online" and .replaced_mode == "offline" and .replaced_reason == "train" and
    (.replaced_by | startswith("'"$(id -un)"'")) and has("replaced_since") and
    (has("replaced_until") | not)' <<<"$output"
  run -0 --separate-stderr netwatch mode auto
  [ -z "$stderr" ] # who ends it knows what it was
  netwatch mode offline --quiet
  run -0 --separate-stderr netwatch mode online --quiet
  [ -z "$stderr" ]
}

@test "mode refuses what makes no sense" {
  fails 2 netwatch mode sideways
  fails 2 netwatch mode --for 1h
  fails 2 netwatch mode offline --for 1h --until +2h
  fails 2 netwatch mode offline --until 2020-01-01T00:00:00Z
  fails 2 netwatch mode auto --persist
}
