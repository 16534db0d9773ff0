#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the README tells a newcomer to type.
load common

@test "the quickstart tells its story, twice in a row, and leaves nothing behind" {
  mkdir tmp
  for _ in 1 2; do
    TMPDIR=$BATS_TEST_TMPDIR/tmp run -0 "$OFFKIT_SOURCE/examples/quickstart.sh"
    [[ $output == *'connection refused'* && $output == *'(exit status 75)'* ]]
    [[ $output == *'All as promised'* ]]
  done
  [ -z "$(ls -A tmp)" ]
}
