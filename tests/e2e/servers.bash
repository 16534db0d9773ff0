# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034  # tests read port, receiver and faulty
# Servers and waiting for tests of whole programs: load after common.bash. Each server listens on a
# free port; stop_servers, to be called by teardown, kills every one that was started here.

SERVERS=()

# wait_for_lines FILE COUNT PATTERN [PID]: until COUNT lines of FILE match; fails when they do not
# within 20 seconds, or when PID has ended. The kernel tells tail when the file has grown.
wait_for_lines() {
  local found
  found=$(timeout 20 tail -n +1 -f ${4:+"--pid=$4"} "$1" | grep -c -m "$2" -E -e "$3")
  ((found == $2)) && return
  printf '%s: %s lines of %s match: %s\n' "$1" "$found" "$2" "$3" >&2
  cat "$1" >&2
  return 1
}

# spawn LOG COMMAND...: in the background, with both outputs in LOG; sets $spawned.
spawn() {
  local log=$1
  shift
  : > "$log" # here, not in the background: what a program before it said is gone now
  "$@" >> "$log" 2>&1 3>&- < /dev/null &
  spawned=$!
  SERVERS+=("$spawned")
}

# announces LOG PID: LOG says where the server listens; sets $url. Fails when it has ended.
announces() {
  wait_for_lines "$1" 1 '^listening on http:' "$2" || return
  url=$(sed -n 's/^listening on //p;/^listening on /q' "$1")
}

# start_receiver [ARG...]: offq receive into inbox/; sets $receiver and $url, the log is receive.log.
start_receiver() {
  spawn receive.log offq receive --dir inbox --listen 127.0.0.1:0 "$@"
  receiver=$spawned
  announces receive.log "$receiver"
}

# start_faulty MODE [PORT]: see faulty_server.cpp; sets $faulty and $url, the log is MODE.log.
start_faulty() {
  spawn "$1.log" "$OFFKIT_BUILD/tests/faulty_server" "$@"
  faulty=$spawned
  announces "$1.log" "$faulty"
}

# hold_port: sets $port to one of 127.0.0.1 on which nobody listens, and $url. No connection of
# another test can get it, and servers may come and go there: start_receiver_at, start_faulty MODE PORT.
hold_port() {
  spawn absent.log "$OFFKIT_BUILD/tests/faulty_server" absent
  wait_for_lines absent.log 1 '^holding ' "$spawned" || return
  url=$(sed 's/^holding //' absent.log)
  port=${url##*:}
}

# start_receiver_at PORT [ARG...]: on a port that is held.
start_receiver_at() { start_receiver --listen "127.0.0.1:$1" "${@:2}"; }

# requests_of MODE: how many requests it has got.
requests_of() { grep -c '^[A-Z][A-Z]* /' "$1.log"; }

# stop PID [SIGNAL]: ends a program that was started here, and waits for it.
stop() {
  kill "-${2:-KILL}" "$1" 2> /dev/null || true
  wait "$1" 2> /dev/null || true
}

stop_servers() {
  local pid
  for pid in "${SERVERS[@]}"; do stop "$pid"; done
  SERVERS=()
}

# state_of ID: pending, synced, failed, or none: the folder of the operation's own file.
state_of() {
  local folder found=none
  for folder in pending synced failed; do
    compgen -G "$OFFQ_DIR/$folder/$1*.json" > /dev/null && found=$folder
  done
  echo "$found"
}

# attempts_of ID: charged so far, from the name of its file.
attempts_of() {
  local file
  file=$(compgen -G "$OFFQ_DIR/*/$1*.json" | head -n 1)
  [[ $file =~ \.a([0-9]+)\.json$ ]] && echo "${BASH_REMATCH[1]}" || echo 0
}

# last_receipt ID: one line of JSON.
last_receipt() {
  cat "$OFFQ_DIR"/receipts/*.jsonl 2> /dev/null | jq -c --arg id "$1" 'select(.id == $id)' | tail -n 1
}

# received_keys: the idempotency keys in the inbox, sorted, once for each time they were stored.
received_keys() { jq -r '.key // empty' inbox/inbox.jsonl | sort; }
