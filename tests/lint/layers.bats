#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who may include whom (libcore/LAYERS), and what has one owner only.
setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

check() {
  awk -f tests/lint/layers.awk libcore/LAYERS "$@"
}

@test "modules include what LAYERS allows, and effects have one owner" {
  mapfile -d '' files < <(find libcore tools -name '*.[ch]pp' -print0)
  run check "${files[@]}"
  [ -z "$output" ] || { echo "$output" >&2; return 1; }
}

# The check itself: each line below must be found in a file at this path.
@test "the check finds what it is there for" {
  local root=$BATS_TEST_TMPDIR
  offence() {
    rm -rf "$root/tree"
    mkdir -p "$root/tree/${1%/*}" "$root/tree/tests/lint" "$root/tree/libcore"
    cp tests/lint/layers.awk "$root/tree/tests/lint/"
    cp libcore/LAYERS "$root/tree/libcore/"
    printf '%s\n' "$2" >"$root/tree/$1"
    [ -n "$(cd "$root/tree" && check "$1")" ] || { echo "not found: $1: $2" >&2; return 1; }
  }
  offence libcore/base/x.cpp '#include "libcore/sys/clock.hpp"'
  offence libcore/queue/x.cpp '#include "libcore/cli/context.hpp"'
  offence libcore/cli/x.cpp '#include "tools/offq/tool.hpp"'
  offence libcore/nowhere/x.cpp '#include "libcore/base/text.hpp"'
  offence tools/offq/x.cpp '#include "tools/ckpt/tool.hpp"'
  offence tools/offq/x.cpp '#include "tool.hpp"'
  offence libcore/cli/help.cpp '#include <CLI/CLI.hpp>'
  offence libcore/queue/x.cpp '#include <nlohmann/json.hpp>'
  offence libcore/queue/x.cpp '#include <simdjson.h>'
  offence libcore/config/x.cpp '#include <yaml-cpp/yaml.h>'
  offence libcore/queue/x.cpp '#include <sqlite3.h>'
  offence tools/offq/x.cpp '#include <curl/curl.h>'
  offence libcore/queue/x.cpp '  std::cout << 1;'
  offence libcore/queue/x.cpp '  const char* home = std::getenv("HOME");'
  offence libcore/queue/x.cpp '  const auto now = time(nullptr);'
  offence libcore/queue/x.cpp '  const auto now = std::chrono::system_clock::now();'
  offence tools/offq/x.cpp '  const auto child = ::fork();'
}
