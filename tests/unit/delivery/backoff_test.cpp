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
using core::delivery::Growth;

namespace {

struct Row {
  Growth growth;
  int attempts;
  Duration bound;
};

}  // namespace

TEST_CASE("the pause grows by its rule up to the cap") {
  for (const auto& row : std::vector<Row>{
           {Growth::constant, 1, 1s},
           {Growth::constant, 1000, 1s},
           {Growth::linear, 1, 1s},
           {Growth::linear, 2, 2s},
           {Growth::linear, 7, 7s},
           {Growth::linear, 3600, 1h},
           {Growth::linear, 3601, 1h},
           {Growth::linear, std::numeric_limits<int>::max(), 1h},
           {Growth::exponential, -3, 1s},
           {Growth::exponential, 0, 1s},
           {Growth::exponential, 1, 1s},
           {Growth::exponential, 2, 2s},
           {Growth::exponential, 3, 4s},
           {Growth::exponential, 12, 2048s},
           {Growth::exponential, 13, 1h},
           {Growth::exponential, 64, 1h},
           {Growth::exponential, std::numeric_limits<int>::max(), 1h},
       }) {
    CAPTURE(static_cast<int>(row.growth));
    CAPTURE(row.attempts);
    const Backoff rule{.growth = row.growth, .base = 1s, .cap = 1h};
    CHECK(backoff(rule, row.attempts, 1.0) == row.bound);
    CHECK(backoff(rule, row.attempts, 0.5) == row.bound / 2);
    CHECK(backoff(rule, row.attempts, 0.0) == 0s);
  }
}

TEST_CASE("no number makes a pause negative or longer than the cap") {
  const auto longest = Duration::max();
  for (const auto base : {Duration{-5}, Duration{0}, Duration{1}, Duration{1h}, longest}) {
    for (const auto cap : {Duration{-5}, Duration{0}, Duration{7}, Duration{24h}}) {
      for (const auto growth : {Growth::constant, Growth::linear, Growth::exponential}) {
        for (const double jitter : {-1.0, 0.3, 1.0, 99.0, std::nan("")}) {
          const auto pause = backoff({.growth = growth, .base = base, .cap = cap}, 70, jitter);
          CHECK(pause >= 0s);
          CHECK(pause <= std::max(cap, Duration{0}));
        }
      }
    }
  }
}
