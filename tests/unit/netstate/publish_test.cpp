// SPDX-License-Identifier: MIT
#include "libcore/netstate/publish.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "libcore/netstate/mode_texts.hpp"
#include "libcore/queue/layout.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace netstate = core::netstate;
namespace path = core::queue::path;
using namespace std::chrono_literals;
using netstate::Published;

namespace {

struct World {
  fakes::TempDir directory;
  fakes::FakeClock clock;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();
  netstate::Publisher publisher{files, clock};
  std::optional<netstate::State> previous;

  netstate::Publisher::Describe describe = [this](const Published& line, auto before) {
    previous = before;
    const auto text = "{\"generation\":" + std::to_string(line.generation) + "}\n";
    return netstate::Texts{.document = text, .history = text};
  };
  [[nodiscard]] Published found(netstate::State state = netstate::State::connected) const {
    return {.state = state,
            .mode = netstate::Mode::online,
            .since = clock.now(),
            .valid_until = clock.now() + 2min,
            .interface = "eth0",
            .reason = netstate::Reason::ok,
            .by = netstate::Author::daemon};
  }
  Published publish(const Published& line) { return publisher.publish(line, describe).value(); }
  [[nodiscard]] std::string text(const char* name) const {
    return fakes::read_text(directory / name);
  }
};

}  // namespace

TEST_CASE("a generation ends when something changes, and not when only its time does") {
  World world;
  CHECK(world.publish(world.found()).generation == 1);
  world.clock.advance(1min);
  const auto later = world.publish(world.found());
  CHECK(later.generation == 1);
  CHECK(later.valid_until == world.clock.now() + 2min);
  CHECK(later.since == world.clock.now() - 1min);

  const auto lost = world.publish(world.found(netstate::State::disconnected));
  CHECK(lost.generation == 2);
  CHECK(lost.since == world.clock.now());
  CHECK(world.previous == netstate::State::connected);
  CHECK(world.text(path::k_network) == netstate::format_published(lost));
  CHECK(world.text(path::k_network_document) == "{\"generation\":2}\n");
  CHECK(world.text(path::k_netwatch_history) == "{\"generation\":1}\n{\"generation\":2}\n");
}

TEST_CASE("generations go on from what another process has published") {
  World world;
  world.publish(world.found());
  netstate::Publisher other(world.files, world.clock);
  CHECK(other.publish(world.found(netstate::State::limited), world.describe)->generation == 2);
  CHECK(world.publish(world.found()).generation == 3);
}

TEST_CASE("a generation that was told in the document alone is not given twice") {
  World world;
  world.publish(world.found());
  fakes::write_text(world.directory / path::k_network_document, "{\"generation\":7}\n");
  CHECK(world.publish(world.found()).generation == 1);
  fakes::write_text(world.directory / path::k_network_document, "{\"generation\":7}\n");
  CHECK(world.publish(world.found(netstate::State::limited)).generation == 8);
}

TEST_CASE("a torn line is written over") {
  World world;
  world.publish(world.found());
  fakes::write_text(world.directory / path::k_network, "");
  CHECK(world.publish(world.found()).generation == 2);
}

TEST_CASE("a state that was unknown for long begins anew") {
  World world;
  world.publish(world.found());
  world.clock.advance(4h);
  CHECK(world.publish(world.found()).since == world.clock.now());
}

TEST_CASE("what cannot be written leaves the line as it was") {
  World world;
  const auto first = world.publish(world.found());
  std::filesystem::create_directory(world.directory / "netwatch/network.new");

  CHECK_FALSE(world.publisher.publish(world.found(netstate::State::limited), world.describe));
  CHECK(world.text(path::k_network) == netstate::format_published(first));

  std::filesystem::remove(world.directory / "netwatch/network.new");
  CHECK(world.publish(world.found(netstate::State::limited)).generation == 2);
}

TEST_CASE("another mode is another generation, of the same age and for as long") {
  World world;
  world.publish(world.found());
  const auto modified = world.files.status(path::k_network).value()->modified;
  const auto until = world.clock.now() + 1min;
  const auto line = world.publisher
                        .publish_mode({.mode = netstate::Mode::offline,
                                       .by_itself = netstate::Mode::online,
                                       .until = until},
                                      world.describe)
                        .value();
  CHECK(line.generation == 2);
  CHECK(line.state == netstate::State::connected);
  CHECK(line.valid_until == world.clock.now() + 2min);
  CHECK(line.mode_by_itself == netstate::Mode::online);
  CHECK(line.mode_until == until);
  CHECK(world.files.status(path::k_network).value()->modified == modified);
}

TEST_CASE("a mode can be published before anybody has looked") {
  World world;
  const auto line =
      world.publisher.publish_mode({.mode = netstate::Mode::offline}, world.describe).value();
  CHECK(world.text(path::k_network).starts_with("unknown offline 1 "));
  CHECK(line.valid_until > world.clock.now());
}

TEST_CASE("the history becomes the old one at a megabyte") {
  World world;
  world.publish(world.found());
  const std::string big((1U << 20U) - 10, 'x');
  fakes::write_text(world.directory / path::k_netwatch_history, big + "\n");
  world.publish(world.found(netstate::State::limited));
  CHECK(world.text(path::k_netwatch_history) == "{\"generation\":2}\n");
  CHECK(world.text(path::k_netwatch_history_old) == big + "\n");
}

TEST_CASE("a change of the mode keeps the evidence") {
  World world;
  auto line = world.found();
  line.generation = 3;
  const std::string before =
      R"({"v":1,"at":"x","generation":2,"state":"connected","previous":"limited","note":"a \"b\"",)"
      R"("families":{"v4":"ok"},"flapping":true,"ladder":{"v4":{"link":"yes"}},"bytes":831})";
  const auto texts = netstate::mode_texts(
      before, line,
      netstate::Override{.mode = netstate::Mode::online, .since = world.clock.now(), .by = "anna"},
      world.clock.now());
  CHECK(texts.document.find(R"("generation":3,"state":"connected","mode":"online")") !=
        std::string::npos);
  CHECK(texts.document.find(R"("previous":"limited")") != std::string::npos);
  CHECK(texts.document.find(R"("note":"a \"b\"")") != std::string::npos);
  CHECK(texts.document.ends_with(R"("ladder":{"v4":{"link":"yes"}},"bytes":831})"
                                 "\n"));
  CHECK(texts.history.find("ladder") == std::string::npos);
  CHECK(texts.history.find(R"("override":{"mode":"online",)") != std::string::npos);
}
