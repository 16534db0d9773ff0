# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# How long one durable operation takes, and what of it nobody could save.

row_enqueue() {
  fresh_queue one "$NOWHERE"
  fresh_database one.db
  mkdir -p floor/tmp floor/new
  measure 'enqueue of one operation' "$runs_short" \
    --- 'offq enqueue' offq -C one enqueue "$NOWHERE" -d "$payload" \
    --- - bash -c idle_nq \
    --- 'nq true' nq true \
    --- 'tsp true' tsp true \
    --- 'sqlite3 insert' sqlite3 one.db "$sql_insert" \
    --- 'dd with fsync' dd if=/dev/zero of=dd.file bs=200 count=1 conv=fsync status=none \
    --- 'offq --version' offq --version \
    --- 'true' /bin/true \
    --- 'empty static program' empty_program \
    --- 'write, fsync, rename, fsync' durable_write floor
  note 'sqlite3 is its shell, WAL and synchronous=FULL. Only offq, sqlite3, dd and the last one are' \
    'durable: nq and tsp sync nothing. The last two are static programs of a few lines: what a' \
    'process costs, and what a process costs that makes one new file durable in the way that offq' \
    'does; nothing durable is faster here.'
  if command -v strace >/dev/null; then
    printf '\nThe system calls of one enqueue that reach for the disk:\n\n```\n' >>details
    strace -f -T -e trace=fsync,fdatasync,syncfs,linkat,renameat,renameat2,rename \
      offq -C one enqueue "$NOWHERE" -d 1 2>&1 >/dev/null | grep '(' |
      sed "s|$work|DIR|g" >>details || true
    printf '```\n' >>details
  fi
  local ratio reference
  ratio=$(calc '%.2f' "${median[offq enqueue]} / ${median[nq true]}")
  bar enqueue "\`offq enqueue\`, one durable operation" "$(ms "${median[offq enqueue]}") ms" \
    "$(range 'offq enqueue') ms" "\`nq true\` (not durable) $(ms "${median[nq true]}") ms" \
    "$ratio" '≤ 1.0' "$(verdict "$ratio <= 1.0")"
  for reference in 'write, fsync, rename, fsync' 'empty static program'; do
    bar enqueue 'the same' "$(ms "${median[offq enqueue]}") ms" "$(range 'offq enqueue') ms" \
      "$reference $(ms "${median[$reference]}") ms" \
      "$(calc '%.2f' "${median[offq enqueue]} / ${median[$reference]}")" - -
  done
}
