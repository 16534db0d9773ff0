// SPDX-License-Identifier: MIT
#include "libcore/queue/index.hpp"

#include "libcore/db/sqlite.hpp"
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
