// SPDX-License-Identifier: MIT
#include "libcore/delivery/hooks.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/fake_children.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/queue_fixture.hpp"
#include "tests/fakes/temp_dir.hpp"

using core::codec::Outcome;
using core::delivery::Hooks;
using core::queue::Settlement;
using core::queue::State;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

namespace {

class World {
 public:
  World() {
    fs::create_directory(dir / "hooks");
    write_hook("on-synced");
    write_hook("on-failed");
  }

  void write_hook(const std::string& name, fs::perms mode = fs::perms::owner_all) {
    fakes::write_text(dir / ("hooks/" + name), "#!/bin/sh\n");
    fs::permissions(dir / ("hooks/" + name), mode);
  }

  static Settlement settlement(int number, std::optional<Outcome> outcome) {
    Settlement settlement{.entry = {}, .transition = {}, .receipt = {}};
    settlement.entry.id.stem = core::Ulid::parse("01M7XYQP6V5Q4ZJ8WZ5N1V7C2M").value();
    settlement.entry.id.line = static_cast<std::uint32_t>(number);
    settlement.entry.type = "note";
    settlement.transition.receipt = outcome;
    settlement.receipt.id = settlement.entry.id;
    settlement.receipt.type = "note";
    settlement.receipt.outcome = outcome.value_or(Outcome::attempted);
    return settlement;
  }
  void settle(int number, std::optional<Outcome> outcome = Outcome::synced) {
    const std::vector<Settlement> group{settlement(number, outcome)};
    hooks.settled(group, 30s);
  }

  fakes::TempDir dir;
  fakes::FakeClock clock;
  fakes::FakeChildren children;
  core::sys::PollSet wakes = core::sys::PollSet::create().value();
  Texts warnings;
  Texts printed;
  Hooks hooks{{.queue_directory = dir.path(),
               .children = children,
               .wakes = wakes,
               .clock = clock,
               .warn = [this](const std::string& text) { warnings.push_back(text); },
               .pass_on = [this](const std::string& text) { printed.push_back(text); }}};
};

}  // namespace

TEST_CASE("a hook is told the receipt of its outcome, and which operation it is") {
  World world;
  world.settle(1, Outcome::synced);
  world.settle(2, Outcome::failed);
  world.settle(3, Outcome::attempted);
  world.settle(4, std::nullopt);

  REQUIRE(world.children.started.size() == 2);
  const auto& first = world.children.started[0];
  CHECK(first.program == world.dir / "hooks/on-synced");
  CHECK(first.directory == world.dir.path());
  CHECK(first.input.starts_with(R"({"id":"01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.1","type":"note",)"));
  CHECK(first.input.ends_with("}\n"));
  const std::vector<std::pair<std::string, std::string>> variables{
      {"OFFQ_ID", "01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.1"},
      {"OFFQ_TYPE", "note"},
      {"OFFQ_DIR", world.dir.path()},
      {"OFFQ_OUTCOME", "synced"}};
  CHECK(first.variables == variables);
  CHECK(world.children.started[1].program == world.dir / "hooks/on-failed");
}

TEST_CASE("four hooks run at once, the others wait for them") {
  World world;
  for (int i = 1; i <= 6; ++i)
    world.settle(i);
  CHECK(world.children.started.size() == 4);
  world.children.end(2);
  world.hooks.tend();
  CHECK(world.children.started.size() == 5);
  for (const int id : {1, 3, 4, 5})
    world.children.end(static_cast<core::sys::Children::Id>(id));
  world.hooks.tend();
  CHECK_FALSE(world.hooks.is_idle());
  world.children.end(6);
  world.hooks.tend();
  CHECK(world.hooks.is_idle());
  CHECK(world.warnings.empty());
}

TEST_CASE("two hooks never run for one operation, and do not hold up those of others") {
  World world;
  world.settle(1, Outcome::failed);
  world.settle(1, Outcome::synced);
  world.settle(2, Outcome::synced);
  REQUIRE(world.children.started.size() == 2);
  CHECK(world.children.started[1].variables[0].second == "01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.2");
  world.children.end(1);
  world.hooks.tend();
  REQUIRE(world.children.started.size() == 3);
  CHECK(world.children.started[2].program == world.dir / "hooks/on-synced");
}

TEST_CASE("what a hook prints is passed on when it has ended, and not without limit") {
  World world;
  world.settle(1);
  CHECK(world.children.started[0].output == world.children.started[0].errors);
  world.children.print(1, "said");
  world.hooks.tend();
  CHECK(world.printed.empty());
  for (int i = 0; i < 20; ++i) {
    world.children.print(1, std::string(4096, 'x'));
    world.hooks.tend();
  }
  world.children.end(1);
  world.hooks.tend();
  REQUIRE(world.printed.size() == 1);
  CHECK(world.printed[0] ==
        "said" + std::string(16380, 'x') + "\n[65540 more bytes are left out]\n");
}

TEST_CASE("a hook that takes too long is asked to end, then killed") {
  World world;
  CHECK_FALSE(world.hooks.deadline());
  world.settle(1);
  CHECK(world.hooks.deadline() == world.clock.since_boot() + 30s);
  world.clock.advance(29s);
  world.hooks.tend();
  CHECK(world.children.signals.empty());
  world.clock.advance(1s);
  world.hooks.tend();
  CHECK(world.children.signals == Texts{"terminate 1"});
  world.clock.advance(2s);
  world.hooks.tend();
  CHECK(world.children.signals == Texts{"terminate 1", "kill 1"});
  world.children.end(1, {.status = 0, .signal = 9});
  world.hooks.tend();
  CHECK(world.hooks.is_idle());
  CHECK(world.warnings ==
        Texts{"hook on-synced: 01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.1: it takes too long, and is ended"});
}

TEST_CASE("what goes wrong with a hook is a warning") {
  World world;
  world.settle(1);
  world.settle(2);
  world.children.end(1, {.status = 3, .signal = 0});
  world.children.end(2, {.status = 0, .signal = 11});
  world.hooks.tend();
  CHECK(world.warnings ==
        Texts{"hook on-synced: 01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.1: exit status 3",
              "hook on-synced: 01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.2: killed by signal 11"});
}

TEST_CASE("a hook that others may write to, or that cannot be run, is refused with one warning") {
  World world;
  world.write_hook("on-synced", fs::perms::owner_all | fs::perms::others_write);
  world.write_hook("on-failed", fs::perms::owner_read);
  world.settle(1, Outcome::synced);
  world.settle(2, Outcome::synced);
  world.settle(3, Outcome::failed);
  CHECK(world.children.started.empty());
  REQUIRE(world.warnings.size() == 2);
  CHECK(world.warnings[0].find("others may write to it") != std::string::npos);
  CHECK(world.warnings[1].find("not executable") != std::string::npos);
}

TEST_CASE("a hook may be a symbolic link, and no hook is no trouble") {
  World world;
  fs::rename(world.dir / "hooks/on-synced", world.dir / "mine");
  fs::create_symlink(world.dir / "mine", world.dir / "hooks/on-synced");
  fs::remove(world.dir / "hooks/on-failed");
  world.settle(1, Outcome::synced);
  world.settle(2, Outcome::failed);
  CHECK(world.children.started.size() == 1);
  CHECK(world.warnings.empty());
}

TEST_CASE("giving up ends the hooks that run and starts no more") {
  World world;
  for (int i = 1; i <= 5; ++i)
    world.settle(i);
  world.hooks.give_up();
  CHECK(world.children.signals.size() == 4);
  for (const int id : {1, 2, 3, 4})
    world.children.end(static_cast<core::sys::Children::Id>(id), {.status = 0, .signal = 15});
  world.hooks.tend();
  CHECK(world.hooks.is_idle());
  CHECK(world.children.started.size() == 4);
  CHECK(world.warnings.empty());
}

TEST_CASE("receipts of 16 MiB may wait for hooks, and what is not run is told once, then counted") {
  World world;
  auto settlement = World::settlement(1, Outcome::synced);
  settlement.receipt.error_class = "rejected";
  settlement.receipt.error_message = std::string(1 << 20, 'x');
  const std::vector<Settlement> group(30, settlement);
  world.hooks.settled(group, 30s);
  const std::string what = "too many outcomes wait for hooks: not run";
  CHECK(world.warnings == Texts{"hook on-synced: 01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.1: " + what});
  std::size_t run = 0;
  while (!world.hooks.is_idle()) {
    world.children.end(++run);
    world.hooks.tend();
  }
  CHECK(run >= 14);
  CHECK(run <= 17);
  REQUIRE(world.warnings.size() == 2);
  CHECK(world.warnings[1] ==
        "hook on-synced: " + what + ": " + std::to_string(30 - run - 1) + " more times");
  // The next time it is news.
  world.hooks.settled(group, 30s);
  CHECK(world.warnings.size() == 3);
}

TEST_CASE("what goes wrong again and again is told once, and how often, also while hooks run on") {
  World world;
  std::vector<Settlement> group;
  for (int i = 1; i <= 9; ++i)
    group.push_back(World::settlement(i, Outcome::synced));
  world.hooks.settled(group, 10min);
  for (core::sys::Children::Id id = 1; id <= 5; ++id) {
    world.children.end(id, {.status = 3, .signal = 0});
    world.hooks.tend();
  }
  CHECK(world.warnings == Texts{"hook on-synced: 01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.1: exit status 3"});
  world.clock.advance(1min);
  world.children.end(6, {.status = 3, .signal = 0});
  world.hooks.tend();
  REQUIRE(world.warnings.size() >= 2);
  CHECK(world.warnings.back() == "hook on-synced: exit status 3: 5 more times");
}

TEST_CASE("a hook that is a link to nothing is refused with one warning") {
  World world;
  fs::remove(world.dir / "hooks/on-synced");
  fs::create_symlink(world.dir / "gone", world.dir / "hooks/on-synced");
  world.settle(1);
  world.settle(2);
  CHECK(world.children.started.empty());
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings[0].find("a symbolic link to nothing") != std::string::npos);
}
