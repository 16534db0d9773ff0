# SPDX-License-Identifier: MIT
# Servers and waiting for tests of whole programs: load after common.bash. Each server listens on a
# free port; stop_servers, to be called by teardown, kills every one that was started here.

SERVERS=()

# wait_until SECONDS COMMAND...: until COMMAND succeeds; fails when it does not within SECONDS.
wait_until() {
  local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift
  until "$@"; do
    if ((${EPOCHREALTIME/./} > deadline)); then
      printf 'not within the time: %s\n' "$*" >&2
      return 1
    fi
    sleep 0.02
  done
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
  wait_until 20 announced_or_gone "$1" "$2" || return
  url=$(sed -n 's/^listening on //p;/^listening on /q' "$1")
  [[ $url == http://* ]] || { cat "$1" >&2 && return 1; }
}
announced_or_gone() { grep -q '^listening on ' "$1" || ! kill -0 "$2" 2> /dev/null; }

# start_receiver [ARG...]: offq receive into inbox/; sets $receiver and $url, the log is receive.log.
start_receiver() {
  spawn receive.log offq receive --dir inbox --listen 127.0.0.1:0 "$@"
  receiver=$spawned
  announces receive.log "$receiver"
}

# start_receiver_at PORT [ARG...]: the same on a port that a server had before. An outgoing connection
# of another test may have been given that port meanwhile: tried again until it is free.
start_receiver_at() {
  local port=$1 try
  shift
  for try in {1..50}; do
    if start_receiver --listen "127.0.0.1:$port" "$@" 2> taken.log; then return; fi
    sleep 0.2
  done
  echo "port $port was not free again after $try tries" >&2
  cat taken.log >&2
  return 1
}

# start_faulty MODE: see faulty_server.cpp; sets $faulty and $url, the log is MODE.log.
start_faulty() {
  spawn "$1.log" "$OFFKIT_BUILD/tests/faulty_server" "$1"
  faulty=$spawned
  announces "$1.log" "$faulty"
}

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

# A port of 127.0.0.1 on which nobody listens now: taken from a server that has ended since.
closed_port() {
  local url
  start_faulty good
  stop "$faulty"
  echo "${url##*:}"
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
