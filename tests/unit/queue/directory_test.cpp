// SPDX-License-Identifier: MIT
#include "libcore/queue/directory.hpp"

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/faulty_files.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace core::queue;

TEST_CASE("a directory that is no queue is left as it is unless a queue is asked for") {
  const fakes::TempDir dir;
  const fakes::FakeClock clock;
  fakes::FakeRandom random;
  const auto opened = open_directory(dir.path(), Create::no, clock, random);
  REQUIRE(!opened.has_value());
  CHECK(opened.error().code == core::Errc::not_found);
  CHECK(std::filesystem::is_empty(dir.path()));
  CHECK(open_directory(dir.path(), Create::yes, clock, random).has_value());
  CHECK(open_directory(dir.path(), Create::no, clock, random).has_value());
}

TEST_CASE("a queue that fails to be made at any effect leaves nothing half written") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    const fakes::TempDir dir;
    const fakes::FakeClock clock;
    fakes::FakeRandom random;
    auto real = core::sys::RealFiles::at(dir.path());
    REQUIRE(real.has_value());
    fakes::FaultyFiles files(*real);
    files.arm(n, fakes::Fault::error);
    const auto prepared = prepare(files, clock, random);
    const auto temporary = dir / path::k_temporary;
    CHECK((!std::filesystem::exists(temporary) || std::filesystem::is_empty(temporary)));
    if (!files.has_struck()) break;
    files.disarm();
    CHECK(prepare(files, clock, random).has_value());
    CHECK(std::filesystem::exists(dir / path::k_description));
  }
}

TEST_CASE("a queue that lost its description is a queue all the same") {
  const fakes::TempDir dir;
  const fakes::FakeClock clock;
  fakes::FakeRandom random;
  std::filesystem::create_directory(dir / "pending");
  CHECK(open_directory(dir.path(), Create::no, clock, random).has_value());
  CHECK(std::filesystem::exists(dir / path::k_description));
}

TEST_CASE("a disk that has no room for a reserve is told, other trouble with it is not") {
  const fakes::TempDir dir;
  auto real = core::sys::RealFiles::at(dir.path());
  REQUIRE(real.has_value());
  fakes::FaultyFiles files(*real);
  files.arm(0, fakes::Fault::full);
  const auto required = require_reserve(files);
  REQUIRE(!required.has_value());
  CHECK(required.error().code == core::Errc::full);
  files.arm(0, fakes::Fault::error);
  CHECK(require_reserve(files).has_value());

  files.disarm();
  CHECK(require_reserve(files).has_value());
  CHECK(std::filesystem::file_size(dir / path::k_reserve) > 0);
  files.arm(0, fakes::Fault::full);
  CHECK(require_reserve(files).has_value());  // it is there
}
