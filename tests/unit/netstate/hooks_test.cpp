// SPDX-License-Identifier: MIT
#include "libcore/netstate/hooks.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "tests/fakes/fake_children.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/faulty_files.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace netstate = core::netstate;
namespace path = core::queue::path;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using netstate::Mode;
using netstate::Published;
using Texts = std::vector<std::string>;

namespace {

Published line_of(std::uint64_t generation, Mode mode) {
  return {
      .state = mode == Mode::online ? netstate::State::connected : netstate::State::disconnected,
      .mode = mode,
      .generation = generation,
      .interface = "eth0"};
}

class World {
 public:
  World() {
    fs::create_directory(dir / "hooks");
    REQUIRE(files.make_directory(path::k_netwatch).has_value());
    for (const auto* name : {"on-online", "on-offline", "on-change"})
      add_hook(name);
  }
  void add_hook(const std::string& name, fs::perms mode = fs::perms::owner_all) {
    fakes::write_text(dir / ("hooks/" + name), "#!/bin/sh\n");
    fs::permissions(dir / ("hooks/" + name), mode);
  }
  void remove_hook(const std::string& name) { fs::remove(dir / ("hooks/" + name)); }
  // A process of its own, as after a crash of the one before.
  netstate::Hooks process() {
    return netstate::Hooks(
        {.files = faulty,
         .children = children,
         .wakes = wakes,
         .clock = clock,
         .warn = [this](const std::string& text) { warnings.push_back(text); },
         .pass_on = [this](const std::string& text) { printed.push_back(text); }});
  }
  // Lets each hook end at once.
  void settle(netstate::Hooks& hooks) {
    while (!hooks.is_idle()) {
      for (auto& [id, ended] : children.running)
        ended = core::sys::Ended{};
      hooks.tend();
    }
  }
  // "on-online 42" for each that was started.
  [[nodiscard]] Texts started() const {
    Texts texts;
    for (const auto& command : children.started) {
      texts.push_back(fs::path(command.program).filename().string() + " " +
                      variable(command, "NETWORK_GENERATION"));
    }
    return texts;
  }
  static std::string variable(const core::sys::Command& command, const std::string& name) {
    for (const auto& [known, value] : command.variables) {
      if (known == name) return value;
    }
    return "-";
  }

  fakes::TempDir dir;
  fakes::FakeClock clock;
  fakes::FakeChildren children;
  core::sys::RealFiles files = core::sys::RealFiles::at(dir.path()).value();
  fakes::FaultyFiles faulty{files};
  core::sys::PollSet wakes = core::sys::PollSet::create().value();
  Texts warnings;
  Texts printed;
};

}  // namespace

TEST_CASE("hooks are told of the mode, then of the generation, one after the other") {
  World world;
  auto hooks = world.process();
  hooks.tell(line_of(4, Mode::online), 5min);
  CHECK(world.started() == Texts{"on-online 4"});
  world.children.end(1);
  hooks.tend();
  CHECK(world.started() == Texts{"on-online 4", "on-change 4"});
  world.children.end(2);
  hooks.tend();

  CHECK(hooks.is_idle());
  CHECK(world.children.started.size() == 2);
  const auto& command = world.children.started.front();
  CHECK(World::variable(command, "NETWORK_EVENT") == "on-online");
  CHECK(World::variable(command, "NETWORK_STATE") == "connected");
  CHECK(World::variable(command, "OFFQ_DIR") == world.dir.path());
  CHECK(command.directory == world.dir.path());
  CHECK(command.input.find(R"("generation":4,"state":"connected")") != std::string::npos);
}

TEST_CASE("hooks are not told twice of the same, also by another process") {
  World world;
  auto hooks = world.process();
  hooks.tell(line_of(4, Mode::online), 5min);
  world.settle(hooks);
  hooks.tell(line_of(4, Mode::online), 5min);
  auto other = world.process();
  other.tell(line_of(4, Mode::online), 5min);
  CHECK(other.is_idle());
  CHECK(world.children.started.size() == 2);

  other.tell(line_of(5, Mode::online), 5min);
  world.settle(other);
  CHECK(world.started() == Texts{"on-online 4", "on-change 4", "on-change 5"});
}

TEST_CASE("what comes and goes while a hook runs is never told") {
  World world;
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 5min);
  hooks.tell(line_of(2, Mode::offline), 5min);
  hooks.tell(line_of(3, Mode::online), 5min);
  hooks.tell(line_of(4, Mode::online), 5min);
  world.settle(hooks);
  CHECK(world.started() == Texts{"on-online 1", "on-change 4"});
}

TEST_CASE("a hook that a dead process was running is told again of what holds then") {
  World world;
  {
    auto killed = world.process();
    killed.tell(line_of(1, Mode::online), 5min);
    world.settle(killed);
    killed.tell(line_of(2, Mode::offline), 5min);
  }
  auto hooks = world.process();
  hooks.tell(line_of(3, Mode::online), 5min);
  world.settle(hooks);
  // Online had been told; offline may have been, too.
  CHECK(world.started() ==
        Texts{"on-online 1", "on-change 1", "on-offline 2", "on-online 3", "on-change 3"});
}

TEST_CASE("when the machine starts anew nothing has been told") {
  World world;
  auto before = world.process();
  before.tell(line_of(1, Mode::online), 5min);
  world.settle(before);
  world.clock.reboot("boot-2");
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 5min);
  world.settle(hooks);
  CHECK(world.children.started.size() == 4);
}

TEST_CASE("two processes never run hooks at once") {
  World world;
  auto first = world.process();
  auto second = world.process();
  first.tell(line_of(1, Mode::online), 5min);
  second.tell(line_of(2, Mode::online), 5min);
  CHECK(second.waits_for_others());
  CHECK_FALSE(second.is_idle());
  CHECK(world.children.started.size() == 1);

  world.settle(first);
  second.tend();
  world.settle(second);
  CHECK(world.started() == Texts{"on-online 1", "on-change 1", "on-change 2"});
}

TEST_CASE("a hook that takes too long is ended, and counts as told") {
  World world;
  world.remove_hook("on-change");
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 5min);
  CHECK(hooks.deadline() == world.clock.since_boot() + 5min);
  world.clock.advance(5min);
  hooks.tend();
  CHECK(world.children.signals == Texts{"terminate 1"});
  world.clock.advance(2s);
  hooks.tend();
  CHECK(world.children.signals == Texts{"terminate 1", "kill 1"});
  world.children.end(1, {.status = 0, .signal = 9});
  hooks.tend();

  CHECK(hooks.is_idle());
  CHECK(world.warnings == Texts{"hook on-online: ended after 5m: it took too long"});
  const auto log = fakes::read_text(world.dir / path::k_netwatch_hook_log);
  const auto run = netstate::parse_hook_run(log).value();
  CHECK(run.is_late);
  CHECK(run.ended.signal == 9);
  CHECK(run.elapsed == 302s);
}

TEST_CASE("a hook that is given up counts as not told") {
  World world;
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 5min);
  hooks.give_up();
  CHECK(world.children.signals == Texts{"terminate 1"});
  world.settle(hooks);
  CHECK(world.children.started.size() == 1);

  auto next = world.process();
  next.tell(line_of(1, Mode::online), 5min);
  CHECK(world.started() == Texts{"on-online 1", "on-online 1"});
}

TEST_CASE("where there is no hook, or one that must not be run, that counts as told") {
  World world;
  world.remove_hook("on-online");
  world.add_hook("on-change", fs::perms::owner_all | fs::perms::others_write);
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 5min);
  hooks.tell(line_of(2, Mode::online), 5min);
  CHECK(hooks.is_idle());
  CHECK(world.children.started.empty());
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings[0].ends_with("on-change: others may write to it"));

  world.add_hook("on-online");
  hooks.tell(line_of(3, Mode::online), 5min);
  CHECK(world.children.started.empty());
}

TEST_CASE("a hook is given the document of its generation, or what is known of it") {
  World world;
  fakes::write_text(world.dir / path::k_network_document, R"({"generation":1,"note":"mine"})");
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 5min);
  world.settle(hooks);
  hooks.tell(line_of(2, Mode::online), 5min);
  CHECK(world.children.started[0].input == R"({"generation":1,"note":"mine"})");
  CHECK(world.children.started[2].input.find("mine") == std::string::npos);
  CHECK(world.children.started[2].input.find(R"("generation":2)") != std::string::npos);
}

TEST_CASE("whatever effect a process dies at, what holds is told by the next one") {
  for (std::uint64_t effect = 0;; ++effect) {
    CAPTURE(effect);
    World world;
    {
      auto first = world.process();
      first.tell(line_of(1, Mode::offline), 5min);
      world.settle(first);
      world.children.started.clear();
      world.children.running.clear();
    }
    world.faulty.arm(effect, fakes::Fault::crash);
    {
      auto killed = world.process();
      killed.tell(line_of(2, Mode::online), 5min);
      world.settle(killed);
    }
    const bool has_struck = world.faulty.has_struck();
    world.faulty.disarm();
    auto next = world.process();
    next.tell(line_of(2, Mode::online), 5min);
    world.settle(next);

    const auto journal =
        netstate::parse_hook_journal(fakes::read_text(world.dir / path::k_netwatch_hooks)).value();
    CHECK(journal.mode == Mode::online);
    CHECK(journal.generation == 2);
    CHECK_FALSE(journal.running);
    const auto started = world.started();
    CHECK(std::count(started.begin(), started.end(), "on-online 2") >= 1);
    CHECK(std::count(started.begin(), started.end(), "on-change 2") >= 1);
    if (!has_struck) {
      CHECK(started.size() == 2);
      break;
    }
  }
}

TEST_CASE("the journal of hooks and its lines are read as they were written") {
  netstate::HookJournal journal{.boot = "b", .mode = Mode::online, .generation = 7, .running = {}};
  CHECK(netstate::parse_hook_journal(netstate::format_hook_journal(journal)) == journal);
  journal.begin(netstate::HookEvent::on_change);
  journal.running->process = {.number = 12, .started = 345};
  CHECK(netstate::parse_hook_journal(netstate::format_hook_journal(journal)) == journal);
  CHECK_FALSE(netstate::parse_hook_journal("{").has_value());
  CHECK_FALSE(netstate::parse_hook_run("{}").has_value());
}

TEST_CASE("what a hook prints is passed on when it has ended, and not without limit") {
  World world;
  auto hooks = world.process();
  hooks.tell(line_of(1, Mode::online), 30s);
  REQUIRE(world.started() == Texts{"on-online 1"});
  for (int i = 0; i < 10; ++i) {
    world.children.print(1, std::string(4096, 'x'));
    hooks.tend();
  }
  CHECK(world.printed.empty());
  world.children.end(1);
  hooks.tend();
  CHECK(world.printed == Texts{std::string(16384, 'x') + "\n[24576 more bytes are left out]\n"});
}
