// SPDX-License-Identifier: MIT
#include "libcore/queue/transition.hpp"

#include <doctest/doctest.h>

using core::codec::Outcome;
using core::codec::Reason;
using namespace core::queue;

namespace {
const core::Time k_later{std::chrono::hours{1}};
}

TEST_CASE("a delivery settles an operation wherever it is") {
  for (const State state : k_states) {
    const auto step = transition({.state = state, .attempts = 1}, event::Delivered{});
    REQUIRE(step.has_value());
    CHECK(step->to == State::synced);
    CHECK(step->receipt == Outcome::synced);
    CHECK(step->attempts == 2);
  }
}

TEST_CASE("being postponed charges nothing, and leaves a receipt and a time") {
  const auto step =
      transition({.attempts = 3, .max_attempts = 4}, event::Postponed{.again_at = k_later});
  REQUIRE(step.has_value());
  CHECK(step->to == State::pending);
  CHECK(step->attempts == 3);
  CHECK(step->receipt == Outcome::attempted);
  CHECK(step->again_at == k_later);
  CHECK_FALSE(transition({.state = State::failed}, event::Postponed{.again_at = k_later})
                  ->receipt.has_value());
}

TEST_CASE("being held charges nothing and leaves no receipt") {
  const auto step = transition({.attempts = 3, .max_attempts = 4}, event::Held{});
  REQUIRE(step.has_value());
  CHECK(step->to == State::pending);
  CHECK(step->attempts == 3);
  CHECK_FALSE(step->receipt.has_value());
}

TEST_CASE("the last of max_attempts exhausts an operation, the ones before are retried") {
  for (int attempts = 0; attempts < 4; ++attempts) {
    const auto step =
        transition({.attempts = attempts, .max_attempts = 4}, event::TriedInVain{k_later});
    REQUIRE(step.has_value());
    CHECK(step->attempts == attempts + 1);
    if (attempts < 3) {
      CHECK(step->to == State::pending);
      CHECK(step->receipt == Outcome::attempted);
      CHECK(step->again_at == k_later);
    } else {
      CHECK(step->to == State::failed);
      CHECK(step->reason == Reason::exhausted);
    }
  }
}

TEST_CASE("an operation that a person moved back after its last attempt gets one more") {
  const auto step = transition({.attempts = 4, .max_attempts = 4}, event::TriedInVain{k_later});
  CHECK(step->to == State::failed);
  CHECK(step->attempts == 5);
}

TEST_CASE("what was cancelled under way stays cancelled unless it was delivered") {
  const auto failed =
      transition({.state = State::failed, .attempts = 1}, event::TriedInVain{k_later});
  CHECK(failed->to == State::failed);
  CHECK(failed->attempts == 1);
  CHECK_FALSE(failed->receipt.has_value());
}

TEST_CASE("events that make no sense in a state are refused") {
  CHECK_FALSE(transition({.state = State::pending}, event::RetryRequested{}).has_value());
  CHECK_FALSE(transition({.state = State::synced}, event::RetryRequested{}).has_value());
  CHECK_FALSE(transition({.state = State::synced}, event::GivenUp{}).has_value());
  CHECK_FALSE(transition({.state = State::failed}, event::GivenUp{}).has_value());
}

TEST_CASE("a retry starts again from no attempts") {
  const auto step = transition({.state = State::failed, .attempts = 4}, event::RetryRequested{});
  CHECK(step->to == State::pending);
  CHECK(step->attempts == 0);
  CHECK(step->receipt == Outcome::retried);
}
