#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is generated from the command tables is committed, current, and works in real shells.
load common

programs=(offq netwatch)

same() {
  "$1" --generate "$2" | diff -u "$OFFKIT_SOURCE/$3" -
}

@test "the manual page and the completions are current (else: cmake --build build --target docs)" {
  local program
  for program in "${programs[@]}"; do
    same "$program" man "man/$program.1"
    same "$program" bash "completions/bash/$program"
    same "$program" zsh "completions/zsh/_$program"
    same "$program" fish "completions/fish/$program.fish"
  done
  same offq settings man/offkit.conf.5
}

@test "every shell reads its completions" {
  local program
  for program in "${programs[@]}"; do
    bash -n "$OFFKIT_SOURCE/completions/bash/$program"
    if command -v zsh >/dev/null; then zsh -n "$OFFKIT_SOURCE/completions/zsh/_$program"; fi
    if command -v fish >/dev/null; then fish -n "$OFFKIT_SOURCE/completions/fish/$program.fish"; fi
    if command -v shellcheck >/dev/null; then
      shellcheck -s bash "$OFFKIT_SOURCE/completions/bash/$program"
    fi
  done
}

# complete_line WORD...: what bash offers for the last word.
complete_line() {
  bash --norc -c '
    source "$1"; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _offq 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' - "$OFFKIT_SOURCE/completions/bash/offq" "$@"
}

@test "bash completes commands, options, choices, files and ids" {
  [ "$(complete_line offq enq)" = enqueue ]
  [ "$(complete_line offq -C dir lis)" = list ]
  [ "$(complete_line offq list --lim)" = --limit ]
  [ "$(complete_line offq list --state pen)" = pending ]
  [ "$(complete_line offq list --state = pen)" = pending ]
  [ "$(complete_line offq clear sy)" = synced ]
  [ "$(complete_line offq help fs)" = fsck ]
  touch payload.json
  [ "$(complete_line offq enqueue -T pay)" = payload.json ]
  [ -z "$(complete_line offq list --limit '')" ]

  mkdir -p bin
  printf '#!/bin/sh\n[ "$*" = "-C q list --ids" ] && printf "01AAAA\\n01BBBB\\n"\n' >bin/offq
  chmod +x bin/offq
  [ "$(PATH=$PWD/bin:$PATH complete_line offq -C q show 01B)" = 01BBBB ]
}

@test "fish completes commands and options" {
  command -v fish >/dev/null || skip 'fish is not installed'
  offered() {
    fish --no-config -c "source '$OFFKIT_SOURCE/completions/fish/offq.fish'; complete -C '$1'" |
      cut -f1
  }
  [ "$(offered 'offq enq')" = enqueue ]
  [ "$(offered 'offq -C d list --lim')" = --limit ]
  [ "$(offered 'offq list --state pen')" = pending ]
}
