// SPDX-License-Identifier: MIT
#include "libcore/netstate/news.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace netstate = core::netstate;
namespace path = core::queue::path;

namespace {

struct World {
  fakes::TempDir directory;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();
  World() { REQUIRE(files.make_directory(path::k_netwatch).has_value()); }

  netstate::News news() const {
    const std::vector<std::string> settings{directory / "config.yaml", "/nowhere/at/all/c.yaml"};
    return netstate::News::of(directory.path(), settings).value();
  }
  void put(const std::string& name) {
    fakes::write_text(directory / "new", "x");
    std::filesystem::rename(directory / "new", directory / name);
  }
};

}  // namespace

TEST_CASE("news are told by name, and once") {
  World world;
  auto news = world.news();
  CHECK_FALSE(news.is_blind());
  world.put(path::k_network);
  world.put(path::k_netwatch_reports);
  const auto first = news.take().value();
  CHECK(first.line);
  CHECK(first.reports);
  CHECK_FALSE(first.mode);
  CHECK_FALSE(first.settings);
  CHECK_FALSE(news.take().value().line);

  world.put(path::k_netwatch_mode);
  std::filesystem::remove(world.directory / path::k_netwatch_mode);
  world.put("config.yaml");
  const auto second = news.take().value();
  CHECK(second.mode);
  CHECK(second.settings);
  CHECK_FALSE(second.line);
}

TEST_CASE("settings are news although their directory is made later") {
  World world;
  const std::vector<std::string> settings{world.directory / "home/.config/offkit/config.yaml"};
  auto news = netstate::News::of(world.directory.path(), settings).value();
  std::filesystem::create_directories(world.directory / "home/.config/offkit");
  CHECK_FALSE(news.take().value().settings);
  world.put("home/.config/offkit/config.yaml");
  CHECK(news.take().value().settings);
}

TEST_CASE("who lets go of a lock is news") {
  World world;
  auto news = world.news();
  auto lock = world.files.lock(path::k_netwatch_lock, core::sys::Wait::no).value();
  CHECK_FALSE(news.take().value().released);
  lock.reset();
  CHECK(news.take().value().released);
}

TEST_CASE("a directory that goes away is news") {
  World world;
  auto news = world.news();
  std::filesystem::remove_all(world.directory / path::k_netwatch);
  CHECK(news.take().value().is_gone);
}
