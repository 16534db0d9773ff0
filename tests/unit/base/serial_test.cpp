// SPDX-License-Identifier: MIT
#include "libcore/base/serial.hpp"

#include <random>
#include <set>

#include <doctest/doctest.h>

using core::Serial;
using core::SerialRange;
using core::SerialSet;

TEST_CASE("a serial number has one spelling") {
  const Serial serial{.series = 1795227900123, .number = 17};
  CHECK(serial.text() == "1795227900123-17");
  CHECK(Serial::parse("1795227900123-17") == serial);
  for (const char* text : {"", "-", "1-", "-1", "17", "0-1", "1-0", "01-1", "1-01", "1-1-1", "1- 1",
                           "+1-1", "1-1x", "1234567890123456789-1", "1-1234567890123456789"}) {
    CAPTURE(text);
    CHECK_FALSE(Serial::parse(text).has_value());
  }
}

TEST_CASE("ranges that touch are one") {
  SerialSet set;
  set.add({.series = 1, .first = 5, .last = 9});
  set.add({.series = 1, .first = 1, .last = 2});
  set.add(Serial{.series = 1, .number = 4});
  CHECK(set.text(1) == "1-2,4-9");
  CHECK(set.add(Serial{.series = 1, .number = 3}));
  CHECK_FALSE(set.add(Serial{.series = 1, .number = 3}));
  CHECK(set.text(1) == "1-9");
  CHECK(set.count() == 9);
  CHECK(set.text(2).empty());
}

TEST_CASE("what a set says can be read again, and nothing else") {
  SerialSet set;
  CHECK(set.parse_into(7, "1-2,4-9,11"));
  CHECK(set.text(7) == "1-2,4-9,11");
  for (const char* text : {"", ",", "1,", "1-", "2-1", "1--2", "a", "0"}) {
    CAPTURE(text);
    CHECK_FALSE(SerialSet().parse_into(7, text));
  }
}

TEST_CASE("a filled set begins at 1 in every series") {
  SerialSet set;
  set.add(Serial{.series = 1, .number = 3});
  set.add({.series = 2, .first = 2, .last = 2});
  const auto filled = set.filled();
  CHECK(filled.text(1) == "1-3");
  CHECK(filled.text(2) == "1-2");
  CHECK(filled.without(set).text(1) == "1-2");
}

TEST_CASE("sets of numbers agree with sets that list them") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    SerialSet sets[2];
    std::set<std::uint64_t> lists[2];
    for (int i = 0; i < 24; ++i) {
      const std::size_t which = random() % 2;
      const std::uint64_t first = 1 + random() % 60;
      const std::uint64_t last = first + random() % 6;
      sets[which].add({.series = 9, .first = first, .last = last});
      for (auto number = first; number <= last; ++number)
        lists[which].insert(number);
    }
    const auto left = sets[0].without(sets[1]);
    for (std::uint64_t number = 1; number < 70; ++number) {
      const Serial serial{.series = 9, .number = number};
      CHECK(sets[0].contains(serial) == lists[0].contains(number));
      CHECK(left.contains(serial) == (lists[0].contains(number) && !lists[1].contains(number)));
    }
    CHECK(sets[0].count() == lists[0].size());
  }
}
