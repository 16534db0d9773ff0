// SPDX-License-Identifier: MIT
#include "libcore/sys/directory_events.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/temp_dir.hpp"

using core::sys::DirectoryEvent;
using core::sys::DirectoryEvents;
using core::sys::Notice;

namespace {

constexpr Notice k_all =
    Notice::arrivals | Notice::departures | Notice::moves_away | Notice::attributes;

std::string word_of(Notice notice) {
  switch (notice) {
    case Notice::arrivals:
      return "+";
    case Notice::departures:
      return "-";
    case Notice::moves_away:
      return ">";
    case Notice::attributes:
      return "!";
    case Notice::folders:
      return "/";
    case Notice::none:
      break;
  }
  return "?";
}

std::vector<std::string> take(DirectoryEvents& events) {
  std::vector<std::string> told;
  REQUIRE(events
              .take([&](const DirectoryEvent& event) {
                const bool is_entry = event.kind == DirectoryEvent::Kind::entry;
                told.push_back(is_entry ? word_of(event.notice) + std::string(event.name) : "gone");
              })
              .has_value());
  return told;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("directory events say what happened to which name, in order") {
  const fakes::TempDir dir;
  auto events = DirectoryEvents::open();
  REQUIRE(events.is_open());
  REQUIRE(events.add(dir.path(), k_all).value() >= 0);
  CHECK(take(events) == Told{});

  fakes::write_text(dir / "a", "1");
  std::filesystem::rename(dir / "a", dir / "b");
  std::filesystem::permissions(dir / "b", std::filesystem::perms::owner_read);
  std::filesystem::remove(dir / "b");
  CHECK(take(events) == Told{"+a", ">a", "+b", "!b", "-b"});
  CHECK(take(events) == Told{});
}

TEST_CASE("directory events are only of the kinds that were asked for") {
  const fakes::TempDir dir;
  auto events = DirectoryEvents::open();
  REQUIRE(events.add(dir.path(), Notice::departures).value() >= 0);
  fakes::write_text(dir / "a", "1");
  std::filesystem::rename(dir / "a", dir / "b");
  std::filesystem::remove(dir / "b");
  CHECK(take(events) == Told{"-b"});
}

TEST_CASE("directories that are made are told, and files then only when they are written") {
  const fakes::TempDir dir;
  auto events = DirectoryEvents::open();
  const int first = events.add(dir.path(), Notice::folders).value();
  std::filesystem::create_directory(dir / "a");
  fakes::write_text(dir / "b", "1");
  CHECK(take(events) == Told{"/a"});
  // What is asked for later comes on top.
  CHECK(events.add(dir.path(), Notice::departures).value() == first);
  std::filesystem::create_directory(dir / "c");
  std::filesystem::remove(dir / "b");
  CHECK(take(events) == Told{"/c", "-b"});
}

TEST_CASE("a watched directory that is moved or removed is told") {
  const fakes::TempDir dir;
  for (const bool is_moved : {true, false}) {
    std::filesystem::create_directory(dir / "folder");
    auto events = DirectoryEvents::open();
    REQUIRE(events.add(dir / "folder", k_all).value() >= 0);
    if (is_moved) {
      std::filesystem::rename(dir / "folder", dir / "elsewhere");
    } else {
      std::filesystem::remove(dir / "folder");
    }
    const auto told = take(events);
    REQUIRE_FALSE(told.empty());
    CHECK(told.front() == "gone");
  }
  auto events = DirectoryEvents::open();
  CHECK(events.add(dir / "missing", k_all).error().code == core::Errc::not_found);
}
