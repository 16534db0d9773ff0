#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line of offq as a process shows it: streams, exit codes, helpers, terminals.
load ../common

@test "help goes to stdout and names every command" {
  run --separate-stderr offq --help
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  for command in enqueue send sync wait receive list show status stats retry cancel delete clear \
    prune fsck config help; do
    [[ $output == *$'\n'"  $command "* ]]
  done
}

@test "no command at all is a usage error, with help on stderr" {
  fails 2 offq
  says 'Usage:'
}

@test "help COMMAND works without the helper that has its code" {
  OFFKIT_LIBEXEC=/nowhere run --separate-stderr offq help sync
  [ "$status" -eq 0 ]
  [[ $output == *'--concurrency N'* ]]
}

@test "a missing helper is named and exits 69" {
  OFFKIT_LIBEXEC=/nowhere fails 69 offq sync
  says "/nowhere/offq-sync"
}

@test "a helper gets the very same arguments" {
  mkdir libexec
  printf '#!/bin/sh\nfor word; do printf "<%%s>" "$word"; done\n' >libexec/offq-store
  chmod +x libexec/offq-store
  OFFKIT_LIBEXEC=$PWD/libexec run offq -C 'a b' list --type '' -- -x
  [ "$output" = '<-C><a b><list><--type><><--><-x>' ]
}

@test "an unknown command or option exits 2 and says what was meant" {
  fails 2 offq lsit
  says "offq: unknown command 'lsit': did you mean 'list'?"
  fails 2 offq enqueue --methd PUT
  says "offq: unknown option '--methd' for 'enqueue': did you mean '--method'?"
  says "try 'offq enqueue --help'"
}

@test "bodies exclude each other" {
  fails 2 offq enqueue http://localhost/ -d '{}' --json '{}'
  says 'options exclude each other: --data and --json'
}

@test "a reader that goes away is no error" {
  run --separate-stderr bash -c 'set -o pipefail; offq --generate bash | true; echo "${PIPESTATUS[0]}"'
  [ "$output" = 0 ]
  [ -z "$stderr" ]
}

@test "a full disk behind stdout is an error" {
  [ -w /dev/full ] || skip 'no /dev/full'
  run --separate-stderr bash -c 'offq --help >/dev/full'
  [ "$status" -eq 73 ]
  [[ $stderr == *'standard output'* ]]
}

@test "colour is for terminals, unless asked for" {
  [[ $(offq --help) != *$'\e['* ]]
  [[ $(offq --color always --help) == *$'\e['* ]]
  [[ $(script -qec 'offq --help' /dev/null) == *$'\e[1m'* ]]
  [[ $(NO_COLOR=1 script -qec 'offq --help' /dev/null) != *$'\e[1m'* ]]
}

@test "the version is the first line of nothing else" {
  run offq --version
  [[ $output =~ ^offq\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

# documents COMMAND CODE: its help says what the code means.
documents() { offq help "$1" | sed '1,/^Exit codes/d' | grep -qE "^ +$2 "; }

@test "every command of a helper says that the helper may be missing, and HOME not set" {
  for command in send sync wait list show status stats retry cancel delete clear prune fsck; do
    OFFKIT_LIBEXEC=/nowhere fails 69 offq "$command"
    documents "$command" 69
    documents "$command" 78
  done
  documents receive 69
  documents fsck 66
  documents fsck 75
  unset OFFQ_DIR XDG_STATE_HOME HOME
  fails 78 offq list
}

@test "an empty --dir is refused" {
  fails 2 offq -C '' list
  says '--dir is empty'
  fails 2 offq list --dir=
  says '--dir is empty'
}
