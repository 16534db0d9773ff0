// SPDX-License-Identifier: MIT
#include "libcore/delivery/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using core::Duration;
using core::delivery::Backoff;
using core::delivery::backoff;

namespace {

struct Row {
  int attempts;
  Duration bound;
};

}  // namespace

TEST_CASE("the pause grows by its rule up to the cap") {
  for (const auto& row : std::vector<Row>{
           {-3, 1s},
           {0, 1s},
           {1, 1s},
           {2, 2s},
           {3, 4s},
           {12, 2048s},
           {13, 1h},
           {64, 1h},
           {std::numeric_limits<int>::max(), 1h},
       }) {
    CAPTURE(row.attempts);
    const Backoff rule{.base = 1s, .cap = 1h};
    CHECK(backoff(rule, row.attempts, 1.0) == row.bound);
    CHECK(backoff(rule, row.attempts, 0.5) == row.bound / 2);
    CHECK(backoff(rule, row.attempts, 0.0) == 0s);
  }
}

TEST_CASE("no number makes a pause negative or longer than the cap") {
  const auto longest = Duration::max();
  for (const auto base : {Duration{-5}, Duration{0}, Duration{1}, Duration{1h}, longest}) {
    for (const auto cap : {Duration{-5}, Duration{0}, Duration{7}, Duration{24h}}) {
      for (const double jitter : {-1.0, 0.3, 1.0, 99.0, std::nan("")}) {
        const auto pause = backoff({.base = base, .cap = cap}, 70, jitter);
        CHECK(pause >= 0s);
        CHECK(pause <= std::max(cap, Duration{0}));
      }
    }
  }
}

TEST_CASE("what waits on its own account waits as long again, within bounds") {
  using core::delivery::pause_after;
  CHECK(pause_after(-1h, 1h) == 1s);
  CHECK(pause_after(10ms, 1h) == 1s);
  CHECK(pause_after(7s, 1h) == 7s);
  CHECK(pause_after(24h, 1h) == 5min);
  CHECK(pause_after(24h, 2min) == 2min);
  CHECK(pause_after(10ms, 500ms) == 500ms);
  CHECK(pause_after(10ms, -1s) == 0s);
}
