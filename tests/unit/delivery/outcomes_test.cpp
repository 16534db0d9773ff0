// SPDX-License-Identifier: MIT
#include "libcore/delivery/outcomes.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/queue_fixture.hpp"

using core::delivery::Outcomes;
using core::queue::State;

namespace {

constexpr std::size_t k_group = 256;  // so many are due at once

// A store over files that can fail, and its pending operations.
struct Pending {
  explicit Pending(int lines) {
    queue.enqueue_batch(
        std::vector<core::codec::Envelope>(static_cast<std::size_t>(lines), fakes::draft_of()));
    auto over_real = std::make_unique<fakes::FaultyFiles>(real);
    files = over_real.get();
    store = std::make_unique<core::queue::Store>(
        core::queue::Store::open(std::move(over_real), queue.clock).value());
    REQUIRE(store->index().select({}, [&](const core::queue::Entry& entry) {
      entries.push_back(entry);
      return core::Result<>{};
    }));
  }

  void keep(Outcomes& outcomes, std::size_t from) {
    for (std::size_t i = from; i < from + k_group; ++i) {
      const auto step = core::queue::transition(core::queue::position_of(entries[i]),
                                                core::queue::event::Delivered{});
      outcomes.keep({.entry = entries[i], .transition = step.value(), .receipt = {}});
    }
  }
  std::uint64_t count(State state) { return store->index().count({.states = {state}}).value(); }

  fakes::QueueFixture queue;
  core::sys::RealFiles real = core::sys::RealFiles::at(queue.dir.path()).value();
  fakes::FaultyFiles* files = nullptr;
  std::unique_ptr<core::queue::Store> store;
  std::vector<core::queue::Entry> entries;
};

// Until the other thread is done; it has nothing to wait for but the disk.
std::size_t settle_beside(Outcomes& outcomes) {
  std::size_t settled = 0;
  while (!outcomes.empty()) {
    REQUIRE(outcomes.settle_due().has_value());
    settled += outcomes.take_settled().size();
  }
  return settled;
}

}  // namespace

TEST_CASE("a group is settled beside, and told once it is durable") {
  Pending pending(600);
  Outcomes outcomes(*pending.store, pending.queue.clock);
  pending.keep(outcomes, 0);

  CHECK(settle_beside(outcomes) == k_group);

  CHECK(pending.count(State::synced) == k_group);
  CHECK(outcomes.take_settled().empty());
}

TEST_CASE(
    "a group that cannot be settled beside is an error, and every operation stays somewhere") {
  Pending pending(600);
  Outcomes outcomes(*pending.store, pending.queue.clock);
  pending.keep(outcomes, 0);
  CHECK(settle_beside(outcomes) == k_group);
  pending.files->arm(0, fakes::Fault::error);
  pending.keep(outcomes, k_group);
  REQUIRE(outcomes.settle_due().has_value());  // only begun

  const auto settled = outcomes.settle_all();

  REQUIRE_FALSE(settled.has_value());
  CHECK(settled.error().code == core::Errc::io);
  CHECK(outcomes.take_settled().empty());
  CHECK(outcomes.empty());
  pending.files->disarm();
  REQUIRE(pending.store->refresh());
  CHECK(pending.count(State::synced) == k_group);
  CHECK(pending.count(State::pending) == 600 - k_group);
}

TEST_CASE("what was settled beside is told although the rest cannot be") {
  Pending pending(600);
  Outcomes outcomes(*pending.store, pending.queue.clock);
  pending.keep(outcomes, 0);
  REQUIRE(outcomes.settle_all().has_value());
  pending.keep(outcomes, k_group);
  pending.files->arm(0, fakes::Fault::error);

  CHECK_FALSE(outcomes.settle_all().has_value());

  CHECK(outcomes.take_settled().size() == k_group);
}
