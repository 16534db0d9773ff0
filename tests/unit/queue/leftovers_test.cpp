// SPDX-License-Identifier: MIT
// What must not be left behind, and what must not be touched.

#include "libcore/queue/journal.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/queue/settle.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::draft_of;
using fakes::Fault;
using fakes::QueueFixture;

TEST_CASE("a batch whose lines are all deleted is removed, whichever folder it is in") {
  for (const bool delivered : {false, true}) {
    CAPTURE(delivered);
    QueueFixture queue;
    const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
    queue.open();
    REQUIRE(queue.settle(ids[1], event::Refused{}).has_value());
    if (delivered) REQUIRE(queue.settle(ids[0], event::Delivered{}).has_value());
    if (delivered) REQUIRE(queue.settle(ids[2], event::Delivered{}).has_value());
    REQUIRE(queue.settle(ids[0], event::DeleteRequested{}).has_value());
    CHECK(queue.names_in(delivered ? "synced" : "pending").size() == 1);
    REQUIRE(queue.settle(ids[2], event::DeleteRequested{}).has_value());
    CHECK(queue.names_in("synced").empty());
    CHECK(queue.names_in("pending").empty());
    CHECK(queue.names_in("failed").size() == 1);
    queue.open_without_index();
    CHECK(queue.states().size() == 1);
    REQUIRE(queue.settle(ids[1], event::DeleteRequested{}).has_value());
    CHECK(queue.states().empty());
  }
}

TEST_CASE("deleting survives a crash at every effect") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
    const auto kept = queue.enqueue();
    queue.open();
    queue.files.arm(n, Fault::crash);
    [[maybe_unused]] const auto first = queue.settle(ids[0], event::DeleteRequested{});
    [[maybe_unused]] const auto second = queue.settle(ids[1], event::DeleteRequested{});
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    queue.open_without_index();
    const auto states = queue.states();
    CHECK(states.contains(kept.text()));
    for (const auto& id : ids) {
      const auto lines = receipt_lines_of(queue.files, id);
      REQUIRE(lines.has_value());
      CHECK(states.contains(id.text()) == lines->empty());
    }
    if (!struck) break;
  }
}

TEST_CASE("the file of a writer that dies after it was seen alive is dealt with") {
  QueueFixture queue;
  const std::string path = "tmp/01KAJ6Q0000000000000000000.json.98";
  fakes::write_text(queue.dir / path, R"({"v":1,"id":"01K)");
  {
    const auto held = queue.files.lock(path, core::sys::Wait::no);
    queue.open();
    CHECK(queue.names_in("tmp").size() == 1);
  }
  CHECK(queue.open().dropped == 1);
}

TEST_CASE("recovery without effects shows what is there and changes nothing") {
  QueueFixture queue;
  queue.enqueue();
  const auto ids = queue.enqueue_batch({draft_of("1", "k"), draft_of("2", "k")});
  fakes::write_text(queue.dir / "pending/by-hand.json", R"({"type":"note","payload":1})");
  fakes::write_text(queue.dir / "tmp/01KAJ6Q0000000000000000000.json.98", "{");
  queue.clock.advance(std::chrono::seconds{1});
  auto index = Index::open(":memory:", std::chrono::seconds{1});
  REQUIRE(index.has_value());
  queue.files.arm(0, Fault::crash);
  const auto seen = recover(queue.files, *index, queue.clock, Effects::none);
  CHECK_MESSAGE(seen.has_value(), (seen ? "" : seen.error().message));
  CHECK(!queue.files.has_struck());
  CHECK(seen->ignored.size() == 1);
  CHECK(index->count({}).value() == 1 + ids.size());
}

TEST_CASE("a move that is completed late was settled when its receipt says") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  core::codec::Receipt receipt;
  receipt.id = id;
  receipt.type = "api_call";
  receipt.outcome = core::codec::Outcome::synced;
  receipt.at = queue.clock.now();
  receipt.attempts = 1;
  REQUIRE(append_receipts(queue.files, {&receipt, 1}, receipt.at).has_value());
  queue.clock.advance(std::chrono::hours{48});
  queue.open();
  CHECK(queue.entry(id).settled_at == receipt.at);
  queue.open_without_index();
  CHECK(queue.entry(id).settled_at == receipt.at);
}

TEST_CASE("the next due time counts operations that wait on the boot clock") {
  QueueFixture queue;
  queue.clock.set_synchronised(false);
  auto draft = draft_of();
  draft.not_before = queue.clock.now() + std::chrono::hours{2};
  draft.created_at = queue.clock.now();
  draft.boot =
      core::codec::BootStamp{.boot_id = queue.clock.boot_id(), .at = queue.clock.since_boot()};
  queue.enqueue(draft);
  queue.open();
  const auto due = queue.index->next_due_time(
      {.wall = queue.clock.now(), .since_boot = queue.clock.since_boot()});
  REQUIRE(due.has_value());
  REQUIRE(due->has_value());
  CHECK(**due == *draft.not_before);
}
