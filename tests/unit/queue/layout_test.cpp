// SPDX-License-Identifier: MIT
#include "libcore/queue/layout.hpp"

#include <doctest/doctest.h>

using core::queue::FileName;

namespace {
const std::string k_stem = "01KAJ6Q0000000000000000000";
}

TEST_CASE("file names of operations are read and written alike") {
  for (const auto& name : {k_stem + ".json", k_stem + ".a3.json", k_stem + ".17.json",
                           k_stem + ".17.a12.json", k_stem + ".jsonl"}) {
    CAPTURE(name);
    const auto parsed = FileName::parse(name);
    REQUIRE(parsed.has_value());
    CHECK(parsed->text() == name);
  }
  CHECK(FileName::parse(k_stem + ".17.a12.json")->attempts == 12);
  CHECK(FileName::parse(k_stem + ".17.a12.json")->id().text() == k_stem + ".17");
}

TEST_CASE("other names are not names of operations") {
  for (const std::string& name : std::vector<std::string>{
           "", ".json", k_stem, k_stem + ".JSON", k_stem + ".a0.json", k_stem + ".a.json",
           k_stem + ".a03.json", k_stem + ".a3", k_stem + ".0.json", k_stem + ".3.jsonl",
           k_stem + ".a1.jsonl", k_stem + ".a1.a2.json", k_stem + ".json.json", "x.json",
           "../" + k_stem + ".json", k_stem + " .json", k_stem + ".a9999999999.json"}) {
    CAPTURE(name);
    CHECK_FALSE(FileName::parse(name).has_value());
  }
}

TEST_CASE("a temporary file knows what it will be called") {
  const std::string path = core::queue::temporary_path(k_stem + ".json", 4711);
  CHECK(path == "tmp/" + k_stem + ".json.4711");
  CHECK(core::queue::name_of_temporary(k_stem + ".json.4711") == k_stem + ".json");
  CHECK_FALSE(core::queue::name_of_temporary("plain").has_value());
  CHECK_FALSE(core::queue::name_of_temporary("a.b").has_value());
}
