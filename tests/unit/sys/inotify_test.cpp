// SPDX-License-Identifier: MIT
#include "libcore/sys/inotify.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/temp_dir.hpp"

using core::sys::Watch;

namespace {
constexpr core::Duration k_long{std::chrono::seconds{30}};
constexpr core::Duration k_none{0};
}  // namespace

TEST_CASE("a watch sees what came, changed, moved and went since it was set") {
  const fakes::TempDir dir;
  const std::vector<std::string> directories{dir.path()};
  auto watch = Watch::on(directories);
  REQUIRE(watch.has_value());
  CHECK(watch->wait(k_none).value() == false);

  fakes::write_text(dir / "a", "1");
  CHECK(watch->wait(k_long).value());
  CHECK(watch->wait(k_none).value() == false);
  fakes::write_text(dir / "a", "2");
  CHECK(watch->wait(k_long).value());
  std::filesystem::rename(dir / "a", dir / "b");
  CHECK(watch->wait(k_long).value());
  std::filesystem::remove(dir / "b");
  CHECK(watch->wait(k_long).value());
  CHECK(watch->wait(k_none).value() == false);
}

TEST_CASE("a directory that is missing cannot be watched") {
  const fakes::TempDir dir;
  const std::vector<std::string> directories{dir / "missing"};
  CHECK(!Watch::on(directories).has_value());
}
