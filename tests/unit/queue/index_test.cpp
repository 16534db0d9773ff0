// SPDX-License-Identifier: MIT
#include "libcore/queue/index.hpp"

#include "libcore/db/sqlite.hpp"
#include "libcore/queue/index_due.hpp"
#include "libcore/queue/index_list.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::draft_of;
using fakes::QueueFixture;

namespace {

// How SQLite would run it, one step a line.
std::string plan_of(const QueueFixture& queue, const std::string& sql) {
  auto database = core::db::Database::open(queue.dir / "index.db", std::chrono::seconds{1});
  REQUIRE(database.has_value());
  auto rows = database->prepare("EXPLAIN QUERY PLAN " + sql);
  REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().message));
  std::string plan;
  while (rows->step().value())
    plan += std::string(rows->text(3)) + "\n";
  return plan;
}

}  // namespace

TEST_CASE("operations of one state are found by an index, in the order of their ids") {
  QueueFixture queue;
  queue.open();
  for (const State state : k_states) {
    const std::string plan = plan_of(queue, rows_of({.states = {state}, .limit = 20}).sql);
    CHECK_MESSAGE(plan == "SEARCH ops USING INDEX ops_state (state=?)\n", plan);
    const std::string backwards =
        plan_of(queue, rows_of({.states = {state}, .direction = Direction::descending}).sql);
    CHECK_MESSAGE(backwards == plan, backwards);
    const std::string counting = plan_of(queue, count_of({.states = {state}}).sql);
    CHECK_MESSAGE(counting == "SEARCH ops USING COVERING INDEX ops_state (state=?)\n", counting);
  }
}

TEST_CASE("operations of several states are found by an index") {
  QueueFixture queue;
  queue.open();
  const Query query{.states = {State::failed, State::synced}, .types = {"api_call"}};
  CHECK(plan_of(queue, rows_of(query).sql).find("ops_state (state=?)") != std::string::npos);
  CHECK(plan_of(queue, count_of(query).sql).find("ops_state (state=?)") != std::string::npos);
}

TEST_CASE("all operations are listed in the order of the table, without sorting") {
  QueueFixture queue;
  queue.open();
  CHECK(plan_of(queue, rows_of({.limit = 20}).sql) == "SCAN ops\n");
}

TEST_CASE("a list of one state has the operations of that state") {
  QueueFixture queue;
  std::vector<core::OperationId> ids;
  for (int i = 0; i < 4; ++i)
    ids.push_back(queue.enqueue());
  queue.open();
  REQUIRE(queue.settle(ids[1], event::Delivered{}).has_value());
  REQUIRE(queue.settle(ids[2], event::Refused{}).has_value());
  std::vector<core::OperationId> pending;
  const Query query{.states = {State::pending}, .direction = Direction::descending};
  REQUIRE(queue.index
              ->select(query,
                       [&](const Entry& entry) -> core::Result<> {
                         pending.push_back(entry.id);
                         return {};
                       })
              .has_value());
  CHECK(pending == std::vector{ids[3], ids[0]});
  CHECK(queue.index->count({.states = {State::failed, State::synced}}).value() == 2);
}

TEST_CASE("what waits for its time is not read to find what is due, nor what is due next") {
  QueueFixture queue;
  queue.open();
  const auto page = [&](DuePart part) {
    return plan_of(queue, due_page_sql({}, DueOrder::best_first, part, 16));
  };
  const std::string untimed = page(DuePart::untimed);
  CHECK_MESSAGE(untimed.starts_with("SEARCH ops USING INDEX ops_due (target=? AND <expr>=?"),
                untimed);
  CHECK_MESSAGE(untimed.find("TEMP B-TREE") == std::string::npos, untimed);
  const std::string few = page(DuePart::few_timed);
  CHECK_MESSAGE(few.find("SCAN ops") == std::string::npos, few);
  CHECK_MESSAGE(few.find("ops_start (boot=? AND not_before<?)") != std::string::npos, few);
  CHECK_MESSAGE(few.find("ops_retry (retry<?)") != std::string::npos, few);
  const std::string next = plan_of(queue, next_due_sql());
  CHECK_MESSAGE(next.find("ops_retry (retry>? AND retry<?)") != std::string::npos, next);
  CHECK_MESSAGE(next.find("ops_start (boot=? AND not_before>?)") != std::string::npos, next);
  CHECK_MESSAGE(next.find("SCAN ops") == std::string::npos, next);
  CHECK_MESSAGE(next.find("TEMP B-TREE") == std::string::npos, next);
}

TEST_CASE("a page of what is due has operations with and without a time in one order") {
  // Few enough to be looked up by their times, and too many.
  for (const int many : {3, 1500}) {
    CAPTURE(many);
    QueueFixture queue;
    std::vector<core::codec::Envelope> drafts;
    for (int i = 0; i < 2 * many; ++i) {
      auto draft = draft_of();
      if (i % 2 == 0) draft.not_before = queue.clock.now() - std::chrono::hours{1};
      drafts.push_back(draft);
      draft.not_before = queue.clock.now() + std::chrono::hours{1};
      drafts.push_back(draft);
    }
    const auto ids = queue.enqueue_batch(drafts);
    queue.open();
    DueQuery query;
    query.now = {.wall = queue.clock.now(), .since_boot = queue.clock.since_boot()};
    std::vector<core::OperationId> due;
    std::optional<PageEnd> end;
    do {
      const auto page = queue.index->due_page(query, "http://127.0.0.1:9", DueOrder::best_first,
                                              static_cast<std::uint64_t>(many), end);
      REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().message));
      for (const auto& entry : *page)
        due.push_back(entry.id);
    } while (end);
    std::vector<core::OperationId> expected;
    for (std::size_t i = 0; i < ids.size(); i += 2)
      expected.push_back(ids[i]);
    CHECK(due == expected);
    query.ignore_times = true;
    CHECK(queue.index->due_page(query, "http://127.0.0.1:9", DueOrder::best_first, 10'000, end)
              .value()
              .size() == ids.size());
  }
}

TEST_CASE("an operation with a backoff and a start is due next at the later of the two") {
  QueueFixture queue;
  auto draft = draft_of();
  draft.not_before = queue.clock.now() + std::chrono::minutes{10};
  const auto id = queue.enqueue(draft);
  const std::string path = "pending/" + id.text() + ".json";
  const auto next_due = [&] {
    queue.open_without_index();
    const auto due = queue.index->next_due_time(
        {.wall = queue.clock.now(), .since_boot = queue.clock.since_boot()});
    REQUIRE(due.has_value());
    return due->value_or(core::Time{});
  };
  CHECK(next_due() == *draft.not_before);
  for (const auto span : {std::chrono::minutes{5}, std::chrono::minutes{20}}) {
    const auto retry = queue.clock.now() + span;
    REQUIRE(queue.files.set_modified(path, retry).has_value());
    CHECK(next_due() == std::max(retry, *draft.not_before));
  }
  // Further ahead than any backoff: not believed.
  REQUIRE(queue.files.set_modified(path, queue.clock.now() + std::chrono::hours{48}).has_value());
  CHECK(next_due() == *draft.not_before);
}
