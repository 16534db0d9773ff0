// SPDX-License-Identifier: MIT
#include "libcore/delivery/breaker.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "tests/fakes/temp_dir.hpp"

using namespace core::delivery;
using namespace std::chrono_literals;

namespace {
const core::Time k_now = core::parse_time("2026-11-21T02:25:00Z").value();
const Verdict k_offline{.kind = Class::offline, .message = "connection refused", .retry_at = {}};

Breakers open(const fakes::TempDir& dir, std::string& notice) {
  auto opened = Breakers::open(dir / "state.db", 100ms, notice);
  REQUIRE(opened.has_value());
  return *std::move(opened);
}
}  // namespace

TEST_CASE("a destination that keeps failing is held for longer, five minutes at most") {
  std::optional<Hold> hold;
  core::Duration last{0};
  for (int i = 0; i < 40; ++i) {
    hold = next_hold(hold, "http://x:80", k_offline, k_now, 1.0);
    CHECK(hold->until - k_now >= last);
    last = hold->until - k_now;
  }
  CHECK(next_hold({}, "http://x:80", k_offline, k_now, 1.0).until == k_now + 1s);
  CHECK(last == 5min);
}

TEST_CASE("a file of another version is made anew, not misread") {
  const fakes::TempDir dir;
  {
    auto database = core::db::Database::open(dir / "state.db", 100ms);
    REQUIRE(database->execute("CREATE TABLE holds(other INT)"));
    REQUIRE(database->execute("PRAGMA user_version=7"));
  }
  std::string notice;
  auto breakers = open(dir, notice);
  CHECK_FALSE(notice.empty());
  CHECK(breakers.set(next_hold({}, "http://x:80", k_offline, k_now, 1.0)));
}

TEST_CASE("who only looks at the file writes nothing") {
  const fakes::TempDir dir;
  std::string notice;
  static_cast<void>(open(dir, notice));
  const auto bytes = [&] {
    std::ifstream file(dir / "state.db", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string before = bytes();

  CHECK(open(dir, notice).all().empty());

  CHECK(bytes() == before);
}

TEST_CASE("jitter never makes a hold shorter than half of it") {
  CHECK(next_hold({}, "http://x:80", k_offline, k_now, 0.0).until == k_now + 500ms);
}

TEST_CASE("a server that names a time is left alone until then") {
  const Verdict throttled{.kind = Class::throttled, .message = "429", .retry_at = k_now + 2h};
  CHECK(next_hold({}, "http://x:80", throttled, k_now, 1.0).until == k_now + 2h);
}

TEST_CASE("a hold from the future is no hold: the clock was set back") {
  const Hold hold = next_hold({}, "http://x:80", k_offline, k_now, 1.0);
  CHECK(hold.is_active(k_now));
  CHECK_FALSE(hold.is_active(k_now + 2s));
  CHECK_FALSE(hold.is_active(k_now - 24h * 365));
}

TEST_CASE("holds are shared through the file, and forgotten when cleared") {
  const fakes::TempDir dir;
  std::string notice;
  auto one = open(dir, notice);
  REQUIRE(one.set(next_hold({}, "http://x:80", k_offline, k_now, 1.0)).has_value());

  CHECK(open(dir, notice).find("http://x:80")->reason == "connection refused");
  REQUIRE(one.clear("http://x:80").has_value());
  CHECK_FALSE(open(dir, notice).find("http://x:80").has_value());
  CHECK(notice.empty());
}

TEST_CASE("a damaged file begins anew and says so") {
  const fakes::TempDir dir;
  fakes::write_text(dir / "state.db", std::string(4096, 'x'));
  std::string notice;
  auto breakers = open(dir, notice);
  CHECK_FALSE(notice.empty());
  CHECK(breakers.set(next_hold({}, "http://x:80", k_offline, k_now, 1.0)).has_value());
}
