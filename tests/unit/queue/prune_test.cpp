// SPDX-License-Identifier: MIT
#include "libcore/queue/prune.hpp"

#include "libcore/db/sqlite.hpp"
#include "libcore/queue/blobs.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/keys.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::draft_of;
using fakes::Fault;
using fakes::QueueFixture;

namespace {

constexpr core::Duration k_day{std::chrono::hours{24}};

Pruned prune_now(QueueFixture& queue, Removal removal = Removal::done) {
  const auto pruned =
      prune(queue.files, *queue.index, queue.clock, queue.clock.now() - k_day, removal);
  REQUIRE_MESSAGE(pruned.has_value(), (pruned ? "" : pruned.error().message));
  return *pruned;
}

std::int64_t count_rows(const QueueFixture& queue, const char* table) {
  auto database = core::db::Database::open(queue.dir / "index.db", std::chrono::seconds{1});
  REQUIRE(database.has_value());
  auto rows = database->prepare(std::string("SELECT count(*) FROM ") + table);
  REQUIRE(rows.has_value());
  REQUIRE(rows->step().has_value());
  return rows->integer(0);
}

}  // namespace

TEST_CASE("prune removes old deliveries and leaves young, pending, failed and awaited ones") {
  QueueFixture queue;
  const auto old = queue.enqueue();
  const auto awaited = queue.enqueue();
  const auto failed = queue.enqueue();
  auto draft = draft_of();
  draft.after = {awaited};
  const auto waiting = queue.enqueue(draft);
  queue.open();
  for (const auto& id : {old, awaited})
    REQUIRE(queue.settle(id, event::Delivered{}).has_value());
  REQUIRE(queue.settle(failed, event::Refused{}).has_value());
  queue.clock.advance(2 * k_day);
  const auto young = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(young, event::Delivered{}).has_value());

  CHECK(prune_now(queue, Removal::planned).operations == 1);
  CHECK(queue.states().size() == 5);
  CHECK(prune_now(queue).operations == 1);
  CHECK(!queue.states().contains(old.text()));
  queue.open_without_index();
  CHECK(queue.states().size() == 4);
  CHECK(queue.states().at(waiting.text()) == State::pending);
}

TEST_CASE("prune removes a batch only when all of its lines are old") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  REQUIRE(queue.settle(ids[0], event::Delivered{}).has_value());
  queue.clock.advance(2 * k_day);
  CHECK(prune_now(queue).operations == 0);
  REQUIRE(queue.settle(ids[1], event::Delivered{}).has_value());
  CHECK(prune_now(queue).operations == 0);
  CHECK(queue.names_in("synced").size() == 1);
  queue.clock.advance(2 * k_day);
  const auto pruned = prune_now(queue);
  CHECK(pruned.operations == 2);
  CHECK(pruned.files == 1);
  queue.open_without_index();
  CHECK(queue.states().empty());
}

TEST_CASE("a day of receipts stays while a file or a batch has one of its operations") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  REQUIRE(queue.settle(ids[0], event::DeleteRequested{}).has_value());
  queue.clock.advance(3 * k_day);
  const auto other = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(other, event::Delivered{}).has_value());
  CHECK(queue.names_in("receipts").size() == 2);
  CHECK(prune_now(queue).receipt_days == 0);
  queue.open_without_index();
  CHECK(!queue.states().contains(ids[0].text()));

  REQUIRE(queue.settle(ids[1], event::DeleteRequested{}).has_value());
  CHECK(prune_now(queue).receipt_days == 1);
  CHECK(queue.names_in("receipts").size() == 1);
}

TEST_CASE("prune removes old bodies that nothing names") {
  QueueFixture queue;
  core::codec::BlobRef refs[2];
  for (int i = 0; i < 2; ++i) {
    const auto blob = store_blob(queue.files, queue.clock, queue.random, i == 0 ? "named" : "not");
    REQUIRE(blob.has_value());
    refs[i] = *blob;
  }
  auto draft = draft_of();
  draft.payload.reset();
  draft.blob = refs[0];
  queue.enqueue(draft);
  queue.open();
  // Files get the system's time, which the test's clock does not know.
  for (const auto& ref : refs) {
    REQUIRE(queue.files.set_modified("blobs/" + ref.sha256, queue.clock.now()).has_value());
  }
  CHECK(prune_now(queue).blobs == 0);
  queue.clock.advance(2 * k_youngest_orphan);
  CHECK(prune_now(queue).blobs == 1);
  CHECK(queue.names_in("blobs") == std::vector{refs[0].sha256});
}

TEST_CASE("prune removes the pointers of keys whose operation is gone, and no others") {
  QueueFixture queue;
  const auto old = queue.enqueue(draft_of("1", "old"));
  const auto failed = queue.enqueue(draft_of("2", "failed"));
  const auto lines = queue.enqueue_batch({draft_of("3", "line"), draft_of("4")});
  queue.enqueue(draft_of("5", "pending"));
  queue.open();
  REQUIRE(queue.settle(old, event::Delivered{}).has_value());
  REQUIRE(queue.settle(lines[0], event::Delivered{}).has_value());
  REQUIRE(queue.settle(failed, event::Refused{}).has_value());
  queue.clock.advance(2 * k_day);
  CHECK(prune_now(queue, Removal::planned).keys == 1);
  CHECK(queue.names_in("keys").size() == 4 + 1);  // and the lock

  CHECK(prune_now(queue).keys == 1);
  CHECK(queue.names_in("keys").size() == 3 + 1);
  CHECK(find_key_holder(queue.files, "api_call", "pending").value().has_value());
  REQUIRE(queue.settle(failed, event::RetryRequested{}).has_value());
  CHECK(find_key_holder(queue.files, "api_call", "failed").value().has_value());
}

TEST_CASE("prune leaves the pointer of a key of which an older operation is failed") {
  QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "led"));
  const auto newer = queue.enqueue(draft_of("2", "led"));
  queue.open();
  REQUIRE(queue.settle(newer, event::Delivered{}).has_value());
  REQUIRE(queue.states().at(older.text()) == State::failed);
  queue.clock.advance(2 * k_day);
  CHECK(prune_now(queue).keys == 0);
  CHECK(!queue.states().contains(newer.text()));
  CHECK(newest_of_key(queue.files, "api_call", "led").value() == newer);
}

TEST_CASE("prune leaves pointers alone while somebody enqueues with a key") {
  QueueFixture queue;
  const auto old = queue.enqueue(draft_of("1", "old"));
  queue.open();
  REQUIRE(queue.settle(old, event::Delivered{}).has_value());
  queue.clock.advance(2 * k_day);
  {
    const auto held = queue.files.lock("keys/lock", core::sys::Wait::no);
    REQUIRE(held.has_value());
    CHECK(prune_now(queue).keys == 0);
  }
  CHECK(prune_now(queue).keys == 1);
}

TEST_CASE("prune forgets in the index what it removes, and nothing else") {
  QueueFixture queue;
  auto draft = draft_of("2");
  draft.after = {queue.enqueue()};
  const auto old = queue.enqueue();
  const auto batch = queue.enqueue_batch({draft, draft_of("3")});
  queue.open();
  for (const auto& id : {draft.after[0], old, batch[0], batch[1]})
    REQUIRE(queue.settle(id, event::Delivered{}).has_value());
  queue.clock.advance(3 * k_day);
  const auto young = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(young, event::Delivered{}).has_value());
  queue.open();
  CHECK(queue.index->last_receipt(old).value().has_value());

  CHECK(prune_now(queue).receipt_days == 1);
  for (const auto& id : {draft.after[0], old, batch[0], batch[1]})
    CHECK(!queue.index->last_receipt(id).value().has_value());
  CHECK(queue.index->last_receipt(young).value().has_value());
  for (const char* table : {"ops", "receipts"}) {
    CAPTURE(table);
    CHECK(count_rows(queue, table) == 1);
  }
  CHECK(count_rows(queue, "deps") == 0);
}

TEST_CASE("prune survives an error and a crash at every effect") {
  for (const Fault fault : {Fault::error, Fault::crash}) {
    for (std::uint64_t n = 0;; ++n) {
      CAPTURE(n);
      QueueFixture queue;
      const auto batch = queue.enqueue_batch({draft_of("1"), draft_of("2")});
      const auto old = queue.enqueue();
      const auto kept = queue.enqueue();
      queue.open();
      for (const auto& id : {batch[0], batch[1], old})
        REQUIRE(queue.settle(id, event::Delivered{}).has_value());
      queue.clock.advance(3 * k_day);
      const auto young = queue.enqueue();
      queue.open();
      REQUIRE(queue.settle(young, event::Delivered{}).has_value());
      queue.files.arm(n, fault);
      [[maybe_unused]] const auto pruned =
          prune(queue.files, *queue.index, queue.clock, queue.clock.now() - k_day, Removal::done);
      const bool struck = queue.files.has_struck();
      queue.files.disarm();
      queue.open();
      prune_now(queue);
      const auto states = queue.states();
      CHECK(states == std::map<std::string, State>{{kept.text(), State::pending},
                                                   {young.text(), State::synced}});
      queue.open_without_index();
      CHECK(queue.states() == states);
      if (!struck) break;
    }
  }
}
