# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What a sync that stays costs while there is nothing to do, and how soon it sends what is new.

wakes_of() { # PID: how often its threads have gone to sleep
  awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }' /proc/"$1"/task/*/status
}
cpu_of() { # PID: in clock ticks
  awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

# come_to_rest PID: what was delivered last is still settled and told when the sender has its answer.
come_to_rest() {
  local before=
  until [[ $before == "$(wakes_of "$1")" ]]; do
    before=$(wakes_of "$1")
    sleep 2
  done
}

# The times at which requests came, less those at which their operations were enqueued, which the
# first ten letters of an id tell; both in milliseconds.
watch_delays() {
  awk 'BEGIN { letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" }
       { time = 0
         for (i = 1; i <= 10; ++i) time = time * 32 + index(letters, substr($2, i, 1)) - 1
         printf "%.0f\n", $1 * 1000 - time }' nginx/times | sort -n
}

row_watch() {
  local pid wakes cpu id delays
  if ! offq help sync | grep -q -e --watch; then
    missing watch "\`sync --watch\`, idle" -
    missing watch "\`sync --watch\`, from enqueue to the request" -
    return
  fi
  start_nginx
  fresh_queue watched "$SERVER/timed"
  say "sync --watch: idle for $idle_seconds s"
  offq -C watched sync --watch >watch.log 2>&1 &
  pid=$!
  servers+=("$pid")
  id=$(offq -C watched enqueue "$SERVER/timed" -d 1)
  offq -C watched wait --timeout 20s "$id" >/dev/null || die "sync --watch: $(cat watch.log)"
  come_to_rest "$pid"
  wakes=$(wakes_of "$pid") cpu=$(cpu_of "$pid")
  sleep "$idle_seconds"
  wakes=$(($(wakes_of "$pid") - wakes)) cpu=$(($(cpu_of "$pid") - cpu))
  wakes=$(calc '%.1f' "$wakes * 60 / $idle_seconds")
  bar watch "\`sync --watch\`, idle: wakes per minute" "$wakes" - \
    "CPU $(calc '%.3f' "$cpu * 100 / $(getconf CLK_TCK) / $idle_seconds") %, memory $(
      awk '/^VmRSS/ { printf "%.1f MiB", $2 / 1024 }' "/proc/$pid/status"
    )" - '≤ 2' "$(verdict "$wakes <= 2")"
  : >nginx/times
  for ((i = 0; i < runs_queued; ++i)); do
    id=$(offq -C watched enqueue "$SERVER/timed" -d 1)
    offq -C watched wait --timeout 20s "$id" >/dev/null
  done
  mapfile -t delays < <(watch_delays)
  bar watch "\`sync --watch\`, from enqueue to the request" "${delays[$((${#delays[@]} / 2))]} ms" \
    "${delays[0]}–${delays[-1]} ms" - - - -
  kill "$pid"
  wait "$pid" || true
}
