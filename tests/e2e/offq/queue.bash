# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Queues for tests of the commands that open one.

# add ARG...: enqueues something small and prints its id.
add() { offq enqueue https://api.example.com/v1/x -d '{"n":1.10}' "$@"; }

# by_hand NAME TEXT: a file that a person drops into pending/.
by_hand() {
  mkdir -p "$OFFQ_DIR/pending"
  chmod 700 "$OFFQ_DIR" "$OFFQ_DIR/pending"
  printf '%s' "$2" > "$OFFQ_DIR/pending/$1"
}

state() { offq list "$1" --json | jq -r .state; }
count() { offq list --ids "$@" | wc -l; }
names() { ls -A "$OFFQ_DIR/$1"; }

# nothing_queued: neither an operation nor a part of one, or no queue at all.
nothing_queued() {
  [[ ! -e $OFFQ_DIR ]] && return
  local found
  found=$(cd "$OFFQ_DIR" && find . -path './pending/*' -o -path './tmp/*' -o -path './blobs/*')
  [[ -z $found ]] || { echo "left behind: $found" >&2; return 1; }
}

# deliver ID [DAY]: what a sync leaves when it is killed between the receipt and the move.
deliver() {
  local day=${2-$(date -u +%F)}
  jq -cn --arg id "$1" --arg at "${day}T00:00:00.000000Z" '{id: $id, type: "api_call",
    outcome: "synced", at: $at, attempts: 1, http: {status: 200, body: "thanks"}}' \
    >> "$OFFQ_DIR/receipts/$day.jsonl"
}

# as_nobody COMMAND...: without root's rights, for what root may always do.
as_nobody() {
  if [[ $(id -u) -eq 0 ]]; then
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
  else
    "$@"
  fi
}
