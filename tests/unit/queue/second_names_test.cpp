// SPDX-License-Identifier: MIT
#include "libcore/queue/second_names.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::draft_of;
using fakes::QueueFixture;
using Names = std::vector<std::string>;

namespace {

// What btrfs leaves of a rename: both names.
void give_second_name(QueueFixture& queue, const std::string& name, const std::string& other) {
  std::filesystem::create_hard_link(queue.dir / name, queue.dir / other);
}

Recovered open_after_power_cut(QueueFixture& queue) {
  queue.clock.reboot("boot-2");
  return queue.open();
}

}  // namespace

TEST_CASE("a power cut while a file moves leaves it where its last receipt says alone") {
  struct Row {
    std::vector<Event> events;
    State wanted;
    State left;
  };
  const Event cancelled = event::GivenUp{.reason = core::codec::Reason::cancelled};
  const std::vector<Row> rows{
      {.events = {event::Delivered{}}, .wanted = State::synced, .left = State::pending},
      {.events = {cancelled}, .wanted = State::failed, .left = State::pending},
      {.events = {cancelled, event::RetryRequested{}},
       .wanted = State::pending,
       .left = State::failed},
  };
  for (const auto& [events, wanted, left] : rows) {
    CAPTURE(core::name_of(wanted));
    QueueFixture queue;
    const auto id = queue.enqueue();
    queue.open();
    for (const auto& event : events)
      REQUIRE(queue.settle(id, event).has_value());
    const std::string name = id.text() + ".json";
    give_second_name(queue, path_in(wanted, name), path_in(left, name));

    CHECK(open_after_power_cut(queue).completed == 1);

    CHECK(queue.names_in(folder(left)).empty());
    CHECK(queue.names_in(folder(wanted)) == Names{name});
    CHECK(queue.entry(id).state() == wanted);
  }
}

TEST_CASE("a power cut while an attempt is charged leaves the name that counts it") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const std::string name = id.text() + ".json";
  const std::string charged = id.text() + ".a1.json";
  give_second_name(queue, "pending/" + name, "pending/" + charged);

  open_after_power_cut(queue);

  CHECK(queue.names_in("pending") == Names{charged});
}

TEST_CASE("a power cut while a batch moves leaves it in synced/ alone") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  for (const auto& id : ids)
    REQUIRE(queue.settle(id, event::Delivered{}).has_value());
  const std::string name = ids.at(0).stem.text() + ".jsonl";
  give_second_name(queue, "synced/" + name, "pending/" + name);

  open_after_power_cut(queue);

  CHECK(queue.names_in("pending").empty());
  CHECK(queue.names_in("synced") == Names{name});
}

TEST_CASE("a file of two names stays where it is while the machine runs, and copies always do") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(id, event::Delivered{}).has_value());
  const std::string name = id.text() + ".json";
  give_second_name(queue, "synced/" + name, "pending/" + name);

  queue.open();
  CHECK(queue.names_in("pending") == Names{name});

  std::filesystem::remove(queue.dir / ("pending/" + name));
  std::filesystem::copy_file(queue.dir / ("synced/" + name), queue.dir / ("pending/" + name));
  open_after_power_cut(queue);
  CHECK(queue.names_in("pending") == Names{name});
}
