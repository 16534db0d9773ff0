#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What can be said about the sources without running them. layers.bats looks at the includes.
bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || return
}

# The files whose names match, without those of a build; NUL-terminated.
sources() { # FIND-EXPRESSION...
  find . \( -path ./.git -o -path ./build \) -prune -o -type f \( "$@" \) -print0
}

# The scripts without a suffix or with one, by their first line.
scripts() {
  sources -perm -u+x -o -name '*.sh' -o -name '*.bash' |
    xargs -0 awk 'FNR == 1 { if (/^#!.*[\/ ](ba|da)?sh( |$)/ || FILENAME ~ /[.](sh|bash)$/)
                               printf "%s%c", FILENAME, 0
                             nextfile }'
}

@test "clang-format leaves the C++ sources as they are" {
  sources -name '*.cpp' -o -name '*.hpp' |
    xargs -0 --no-run-if-empty clang-format-19 --dry-run -Werror
}

@test "shellcheck has nothing to say about the scripts" {
  scripts | xargs -0 --no-run-if-empty shellcheck --external-sources --source-path=SCRIPTDIR
}

@test "shellcheck has no warnings about the bats files" {
  # Each test runs in a subshell of its own, which is what SC2030 and SC2031 are about; bats and the
  # files that a test loads set variables that shellcheck does not see (SC2154).
  sources -name '*.bats' | xargs -0 --no-run-if-empty shellcheck --external-sources \
    --source-path=SCRIPTDIR --severity=warning --exclude=SC2030,SC2031,SC2154
}

@test "codespell finds no misspelt word" {
  codespell --skip './build,./.git' --ignore-words tests/lint/words --ignore-regex '\b0[0-7][0-9A-Z]{24}\b'
}

@test "mandoc has no warnings about the manual pages" {
  sources -path './man/*.[1-8]' | xargs -0 --no-run-if-empty mandoc -T lint -W warning
}

@test "a manual page refers to pages that are there" {
  local page missing=()
  while read -r page; do
    [[ -e man/$page ]] || missing+=("$page")
  done < <(sed -nE 's/^\.Xr (offq|offq-[a-z]+|offkit) ([1-8]).*/\1.\2/p' man/*.[1-8] | sort -u)
  printf '%s\n' "${missing[@]}"
  ((${#missing[@]} == 0))
}

@test "every source says its licence in its first three lines" {
  local file missing=()
  while IFS= read -r -d '' file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || missing+=("$file")
  done < <(
    sources -name '*.cpp' -o -name '*.hpp' -o -name '*.bats'
    scripts
  )
  printf '%s\n' "${missing[@]}"
  ((${#missing[@]} == 0))
}

@test "no test sleeps: what it waits for tells it" {
  run ! grep -rnE '^[^#/]*\b(sleep [0-9.$"]|read [^|;]*-t |u?sleep(_for|_until)?\()' tests
}

@test "the scripts that people run are executable" {
  local file
  for file in .ci/run tests/run.sh examples/*.sh cmake/*.sh; do
    [[ -x $file ]] || { echo "$file" && false; }
  done
}
