# Checks the includes of libcore/ and tools/ against libcore/LAYERS. Input: LAYERS, then every
# source file with its path from the root as FILENAME. Prints one line per offence.

FNR == 1 {
  file = FILENAME
  sub(/^\.\//, "", file)
  split(file, part, "/")
  from = part[1] == "libcore" ? part[2] : part[1]
}

file == "libcore/LAYERS" {
  if ($0 !~ /^[a-z]+:/) next
  module = substr($1, 1, length($1) - 1)
  known[module] = 1
  for (i = 2; i <= NF; i++) allowed[module, $i] = 1
  next
}

/^#include "/ {
  split($0, quoted, "\"")
  count = split(quoted[2], to, "/")
  if (part[1] == "libcore") {
    if (!known[from]) complain("module not in LAYERS: " from)
    else if (to[1] != "libcore") complain("libcore includes " quoted[2])
    else if (to[2] != from && !allowed[from, to[2]]) complain(from " must not include " to[2])
  } else if (to[1] == "tools" && to[2] != part[2]) {
    complain("a tool includes another tool: " quoted[2])
  } else if (to[1] != "tools" && to[1] != "libcore") {
    complain("not from the root: " quoted[2])
  }
}

# Third-party headers stay behind one door each.
/^#include <CLI\// && file !~ /^libcore\/cli\/parse\.cpp$/                  { complain("CLI11 belongs to cli/parse.cpp") }
/^#include <(nlohmann\/|simdjson|yaml-cpp\/)/ && file !~ /^libcore\/codec\// { complain("belongs to codec/: " $2) }
/^#include <sqlite3/ && file !~ /^libcore\/db\//                            { complain("belongs to db/: " $2) }
/^#include <(curl\/|httplib|systemd\/)/ && file !~ /^libcore\/net\//         { complain("belongs to net/: " $2) }

# Effects that must stay replaceable have one owner each.
/^[ \t]*\/\// { next }
/std::cout|std::cerr|printf\(/ && !/snprintf/                       { complain("output goes through cli::Output") }
/[^a-z_](secure_)?getenv\(/ && file != "libcore/sys/environment.cpp" { complain("environment belongs to sys/environment.cpp") }
/[^a-z_.>]time\((nullptr|NULL|0|&)|system_clock::now|clock_gettime\(/ && file != "libcore/sys/clock.cpp" { complain("time belongs to sys/clock.cpp") }
/[^a-z_]v?fork\(|posix_spawnp?\(/ && file !~ /^libcore\/sys\//       { complain("processes belong to sys/") }

function complain(what) {
  print file ":" FNR ": " what
}
