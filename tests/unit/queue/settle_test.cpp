// SPDX-License-Identifier: MIT
// queue::Settler, when somebody else has moved what it is to settle.

#include "libcore/queue/settle.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/queue_fixture.hpp"

using core::queue::State;
namespace event = core::queue::event;
namespace fs = std::filesystem;

namespace {

// What a process makes of an answer to an operation as it once read it.
void settle_as_read(fakes::QueueFixture& queue, const core::queue::Entry& read,
                    const core::queue::Event& event) {
  const auto step = core::queue::transition(core::queue::position_of(read), event);
  REQUIRE(step.has_value());
  std::vector<core::queue::Settlement> group{{.entry = read, .transition = *step, .receipt = {}}};
  REQUIRE(core::queue::Settler(queue.files, *queue.index, queue.clock).settle(group).has_value());
}

core::queue::Event tried_in_vain(const fakes::QueueFixture& queue) {
  return event::TriedInVain{.again_at = queue.clock.now()};
}

}  // namespace

TEST_CASE("what was given up while its request was under way is charged nothing") {
  // As an enqueue does that replaces an older operation: it knows of no index.
  enum class Index { has_seen_it, has_not_seen_it };
  for (const auto index : {Index::has_seen_it, Index::has_not_seen_it}) {
    CAPTURE(static_cast<int>(index));
    fakes::QueueFixture queue;
    const auto id = queue.enqueue();
    queue.open();
    const auto read = queue.entry(id);
    fs::rename(queue.dir / ("pending/" + id.text() + ".json"),
               queue.dir / ("failed/" + id.text() + ".json"));
    if (index == Index::has_seen_it) queue.open();

    settle_as_read(queue, read, tried_in_vain(queue));
    queue.open();
    CHECK(queue.states().at(id.text()) == State::failed);
    CHECK(queue.entry(id).place.file.text() == id.text() + ".json");
    queue.enqueue();  // so that recovery looks at the folders again
    queue.open();
    CHECK(queue.states().at(id.text()) == State::failed);
  }
}

TEST_CASE("an attempt that another process has charged already is known by its new name") {
  fakes::QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  const auto read = queue.entry(id);
  fs::rename(queue.dir / ("pending/" + id.text() + ".json"),
             queue.dir / ("pending/" + id.text() + ".a1.json"));

  settle_as_read(queue, read, tried_in_vain(queue));
  CHECK(queue.entry(id).attempts == 1);
  queue.open();
  CHECK(queue.states().at(id.text()) == State::pending);
}

TEST_CASE("of two files of one operation the other one counts when the first has gone") {
  // As recovery sees it that lists a folder before a file is moved, and the next one after that.
  enum class Noticed { by_recovery, by_settling };
  for (const auto noticed : {Noticed::by_recovery, Noticed::by_settling}) {
    CAPTURE(static_cast<int>(noticed));
    fakes::QueueFixture queue;
    const auto id = queue.enqueue();
    const std::string name = id.text() + ".json";
    queue.open();
    const auto read = queue.entry(id);
    fs::copy_file(queue.dir / ("pending/" + name), queue.dir / ("failed/" + name));
    queue.open();
    CHECK(queue.states().at(id.text()) == State::pending);

    fs::remove(queue.dir / ("pending/" + name));
    if (noticed == Noticed::by_settling) settle_as_read(queue, read, tried_in_vain(queue));
    queue.open();
    REQUIRE(queue.states().contains(id.text()));
    CHECK(queue.states().at(id.text()) == State::failed);
  }
}

TEST_CASE("what was given up while it ran does not wait for its turn again") {
  enum class Index { has_seen_it, has_not_seen_it };
  for (const auto index : {Index::has_seen_it, Index::has_not_seen_it}) {
    CAPTURE(static_cast<int>(index));
    fakes::QueueFixture queue;
    const auto id = queue.enqueue();
    const std::string name = id.text() + ".json";
    queue.open();
    const auto read = queue.entry(id);
    fs::rename(queue.dir / ("pending/" + name), queue.dir / ("failed/" + name));
    if (index == Index::has_seen_it) queue.open();

    settle_as_read(queue, read, event::Postponed{.again_at = queue.clock.now()});
    queue.open();
    CHECK(queue.states().at(id.text()) == State::failed);
  }
}
