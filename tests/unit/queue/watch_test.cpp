// SPDX-License-Identifier: MIT
#include "libcore/queue/watch.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "tests/fakes/queue_fixture.hpp"

using core::queue::Changes;
using core::queue::Watch;
using Names = std::set<std::string>;
namespace fs = std::filesystem;

namespace {

Watch watch(const fakes::QueueFixture& queue, const std::vector<std::string>& settings = {}) {
  auto watch = Watch::on(queue.dir.path(), settings);
  REQUIRE(watch.has_value());
  REQUIRE_FALSE(watch->is_blind());
  return *std::move(watch);
}

Changes take(Watch& watch) {
  auto changes = watch.take();
  REQUIRE_MESSAGE(changes.has_value(), (changes ? "" : changes.error().message));
  return *std::move(changes);
}

bool is_any(const Changes& changes) {
  return !changes.pending.empty() || changes.elsewhere || changes.network || changes.settings ||
         changes.index_is_gone || changes.anything;
}

}  // namespace

TEST_CASE("a watch names what is enqueued, written by hand, touched and removed") {
  fakes::QueueFixture queue;
  auto changes = watch(queue);
  CHECK_FALSE(is_any(take(changes)));

  const auto id = queue.enqueue().text() + ".json";
  CHECK(take(changes).pending == Names{id});
  fakes::write_text(queue.dir / "pending/x.json", "{}");
  // As touch(1) does: of the time of writing alone the kernel tells as of a write.
  REQUIRE(::utimensat(AT_FDCWD, (queue.dir / ("pending/" + id)).c_str(), nullptr, 0) == 0);
  CHECK(take(changes).pending == Names{id, "x.json"});
  fs::remove(queue.dir / "pending/x.json");
  CHECK(take(changes).pending == Names{"x.json"});
  CHECK_FALSE(is_any(take(changes)));
}

TEST_CASE("what a sync moves out of pending/ to synced/ wakes nobody") {
  fakes::QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  auto changes = watch(queue);
  REQUIRE(queue.settle(id, core::queue::event::Delivered{}).has_value());
  CHECK_FALSE(is_any(take(changes)));
}

TEST_CASE("a watch tells of the network, of settings anywhere, and of what others do in failed/") {
  fakes::QueueFixture queue;
  const fakes::TempDir home;
  auto changes = watch(queue, {queue.dir / "config.yaml", home / "config.yaml", "/missing/x.yaml"});

  fakes::write_text(queue.dir / "network.7", "connected online");
  CHECK_FALSE(is_any(take(changes)));
  fs::rename(queue.dir / "network.7", queue.dir / "network");
  CHECK(take(changes).network);
  for (const auto& settings : {queue.dir / "config.yaml", home / "config.yaml"}) {
    fakes::write_text(settings, "sync: {}\n");
    CHECK(take(changes).settings);
    fs::remove(settings);
    CHECK(take(changes).settings);
  }
  fakes::write_text(home / "other.yaml", "");
  CHECK_FALSE(is_any(take(changes)));
  fakes::write_text(queue.dir / "failed/x.json", "{}");
  CHECK(take(changes).elsewhere);
}

TEST_CASE("a folder that was replaced is watched again, and everything is to be looked at") {
  fakes::QueueFixture queue;
  auto changes = watch(queue);
  fs::rename(queue.dir / "pending", queue.dir / "pending.old");
  CHECK(take(changes).anything);  // still missing
  fs::create_directory(queue.dir / "pending");
  CHECK(take(changes).anything);
  fakes::write_text(queue.dir / "pending/x.json", "{}");
  CHECK(take(changes).pending == Names{"x.json"});
}

TEST_CASE("a queue that is moved or removed cannot be watched any more") {
  fakes::QueueFixture queue;
  auto changes = watch(queue);
  fs::rename(queue.dir.path(), queue.dir.path() + ".moved");
  const auto taken = changes.take();
  fs::rename(queue.dir.path() + ".moved", queue.dir.path());
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == core::Errc::not_found);
}

TEST_CASE("an index that was deleted is told, and one that was used is not") {
  fakes::QueueFixture queue;
  auto changes = watch(queue);
  fakes::write_text(queue.dir / "index.db", "");
  CHECK_FALSE(is_any(take(changes)));
  fs::remove(queue.dir / "index.db");
  CHECK(take(changes).index_is_gone);
}

TEST_CASE("the end of a lock of syncs is told, and a look whether there is one is not") {
  fakes::QueueFixture queue;
  auto changes = watch(queue);
  {
    const auto lock = queue.files.lock(core::queue::path::k_lock, core::sys::Wait::no);
    REQUIRE(lock.has_value());
    CHECK(queue.files.is_being_written(core::queue::path::k_lock).value());
    CHECK_FALSE(take(changes).lock);
  }
  CHECK(take(changes).lock);
  CHECK_FALSE(queue.files.is_being_written(core::queue::path::k_lock).value());
  CHECK_FALSE(take(changes).lock);
}

TEST_CASE("a folder that is missing makes no watch blind") {
  fakes::QueueFixture queue;
  auto changes = watch(queue);
  fs::rename(queue.dir / "pending", queue.dir / "pending.old");
  CHECK(take(changes).anything);
  CHECK_FALSE(changes.is_blind());
}

TEST_CASE("more names than anybody wants to look at one by one are a look at everything") {
  Changes changes;
  Changes more;
  for (int i = 0; i <= 50'000; ++i)
    more.pending.insert(std::to_string(i));
  changes.add(std::move(more));
  CHECK(changes.anything);
  CHECK(changes.pending.empty());
}
