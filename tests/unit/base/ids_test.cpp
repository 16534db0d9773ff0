// SPDX-License-Identifier: MIT
#include "libcore/base/ids.hpp"

#include <doctest/doctest.h>

using core::OperationId;
using core::Time;
using core::Ulid;
using std::chrono::milliseconds;

TEST_CASE("a ulid survives its text, and text order is time order") {
  const Ulid early(Time{milliseconds{1'700'000'000'000}}, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9});
  const Ulid late(Time{milliseconds{1'700'000'000'001}}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0});

  CHECK(Ulid::parse(early.text()) == early);
  CHECK(early.text() < late.text());
  CHECK(early < late);
  CHECK(early.time() == Time{milliseconds{1'700'000'000'000}});
}

TEST_CASE("the successor of a ulid is the next one, across the random part's end") {
  const Ulid last(Time{milliseconds{1}}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 255});

  CHECK(last < last.successor());
  CHECK(last.successor().time() == Time{milliseconds{2}});
}

TEST_CASE("only a ulid, or a ulid and a line number, is an operation id") {
  const std::string stem(26, '0');
  CHECK(OperationId::parse(stem).has_value());
  CHECK(OperationId::parse(stem + ".17")->line == 17);
  CHECK(OperationId::parse(stem + ".17")->text() == stem + ".17");
  for (const auto& bad : std::vector<std::string>{
           std::string{}, stem + ".", stem + ".0", stem + ".01", stem + ".a", stem + "0",
           stem + "/..", std::string("../") + stem, std::string(26, 'U'), std::string(26, 'a'),
           std::string("8") + std::string(25, '0'), stem + ".123456789012345678901"}) {
    CAPTURE(bad);
    CHECK_FALSE(OperationId::parse(bad).has_value());
  }
}

TEST_CASE("an id fragment needs four characters of the id alphabet") {
  CHECK(*core::parse_id_fragment("01kx") == "01KX");
  CHECK_FALSE(core::parse_id_fragment("01k").has_value());
  CHECK_FALSE(core::parse_id_fragment("../x").has_value());
  CHECK_FALSE(core::parse_id_fragment("").has_value());
}
