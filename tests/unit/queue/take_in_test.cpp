// SPDX-License-Identifier: MIT
// queue::take_in: what recovery does, for named files alone.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/queue/recovery.hpp"
#include "libcore/queue/usage.hpp"
#include "tests/fakes/queue_fixture.hpp"

using core::queue::State;
using fakes::draft_of;
namespace fs = std::filesystem;

namespace {

core::queue::TakenIn take_in(fakes::QueueFixture& queue, const std::vector<std::string>& names) {
  auto taken = core::queue::take_in(queue.files, *queue.index, queue.clock, names);
  REQUIRE_MESSAGE(taken.has_value(), (taken ? "" : taken.error().message));
  return *std::move(taken);
}

std::string name_of(const core::OperationId& id) {
  return id.text() + ".json";
}

// What the index says is what recovery would make of the directory.
void check_as_recovered(fakes::QueueFixture& queue) {
  const auto taken = queue.states();
  queue.open_without_index();
  CHECK(queue.states() == taken);
}

}  // namespace

TEST_CASE("a new file is taken in by name, once, whatever else is there") {
  fakes::QueueFixture queue;
  const auto before = queue.enqueue();
  queue.open();
  const auto unnamed = queue.enqueue();
  const auto named = queue.enqueue();

  CHECK(take_in(queue, {name_of(named)}).is_news);
  CHECK_FALSE(take_in(queue, {name_of(named), name_of(before)}).is_news);
  CHECK(queue.states().contains(named.text()));
  CHECK_FALSE(queue.states().contains(unnamed.text()));
  CHECK_FALSE(take_in(queue, {"01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.json", "nothing"}).is_news);
  CHECK(take_in(queue, {name_of(unnamed)}).is_news);
  check_as_recovered(queue);
}

TEST_CASE("a batch is taken in with all its lines") {
  fakes::QueueFixture queue;
  queue.open();
  const auto ids = queue.enqueue_batch({draft_of(), draft_of(), draft_of()});
  CHECK(take_in(queue, {ids[0].stem.text() + ".jsonl"}).is_news);
  CHECK(queue.states().size() == 3);
  check_as_recovered(queue);
}

TEST_CASE("a file that a person removed is forgotten by name") {
  fakes::QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  fs::remove(queue.dir / ("pending/" + name_of(id)));
  CHECK(take_in(queue, {name_of(id)}).is_news);
  CHECK(queue.states().empty());
}

TEST_CASE("a hand-written file is adopted when it is named, and rubbish goes to failed/") {
  fakes::QueueFixture queue;
  queue.open();
  fakes::write_text(queue.dir / "pending/mine.json",
                    R"({"type":"note","request":{"method":"POST","url":"http://127.0.0.1:9/"}})");
  fakes::write_text(queue.dir / "pending/rubbish.json", "{");
  const auto taken = take_in(queue, {"mine.json", "rubbish.json"});
  CHECK(taken.recovered.adopted == 1);
  CHECK(taken.recovered.quarantined == 1);
  CHECK(queue.states().size() == 2);
  check_as_recovered(queue);
}

TEST_CASE("a newer operation of a key replaces the older one when it is taken in") {
  fakes::QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "colour"));
  const auto other = queue.enqueue(draft_of("1", "size"));
  queue.open();
  const auto newer = queue.enqueue(draft_of("2", "colour"));
  take_in(queue, {name_of(newer)});
  CHECK(queue.entry(older).reason == core::codec::Reason::replaced);
  CHECK(queue.entry(newer).state() == State::pending);
  CHECK(queue.entry(other).state() == State::pending);
  check_as_recovered(queue);
}

TEST_CASE("what a person moves back from failed/ is pending again when it is named") {
  fakes::QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(id, core::queue::event::Refused{.reason = core::codec::Reason::rejected})
              .has_value());
  const auto name = queue.entry(id).place.file.text();
  fs::rename(queue.dir / ("failed/" + name), queue.dir / ("pending/" + name));
  CHECK(take_in(queue, {name}).is_news);
  CHECK(queue.entry(id).state() == State::pending);
  check_as_recovered(queue);
}

TEST_CASE("what was delivered and is moved back by hand goes to synced/ again") {
  fakes::QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(id, core::queue::event::Delivered{}).has_value());
  fs::rename(queue.dir / ("synced/" + name_of(id)), queue.dir / ("pending/" + name_of(id)));
  take_in(queue, {name_of(id)});
  CHECK(queue.entry(id).state() == State::synced);
  CHECK(fs::exists(queue.dir / ("synced/" + name_of(id))));
}

TEST_CASE("taking in may crash at each step: recovery finishes it") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    fakes::QueueFixture queue;
    const auto older = queue.enqueue(draft_of("1", "colour"));
    queue.open();
    const auto newer = queue.enqueue(draft_of("2", "colour"));
    fakes::write_text(queue.dir / "pending/rubbish.json", "{");
    queue.files.arm(n, fakes::Fault::crash);
    const std::vector<std::string> names{name_of(newer), "rubbish.json"};
    const auto taken = core::queue::take_in(queue.files, *queue.index, queue.clock, names);
    const bool has_struck = queue.files.has_struck();
    queue.files.disarm();
    queue.open();
    CHECK(queue.states().size() == 3);
    CHECK(queue.entry(older).state() == State::failed);
    CHECK(queue.entry(newer).state() == State::pending);
    if (!has_struck) {
      CHECK(taken.has_value());
      break;
    }
  }
}

TEST_CASE("what comes and goes by name is counted as pending, also when no enqueue wrote it") {
  fakes::QueueFixture queue;
  queue.enqueue();
  queue.open();
  const auto counted = [&queue] {
    const auto usage = core::queue::load_usage(queue.files);
    REQUIRE((usage && *usage));
    return (*usage)->ops;
  };
  fakes::write_text(queue.dir / "pending/mine.json",
                    R"({"type":"note","request":{"method":"POST","url":"http://a.test/"}})");
  take_in(queue, {"mine.json"});
  CHECK(counted() == 2);
  fakes::write_text(queue.dir / "pending/bad.json", "nonsense");
  take_in(queue, {"bad.json"});
  CHECK(counted() == 2);
}
