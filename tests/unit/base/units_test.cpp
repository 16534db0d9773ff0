// SPDX-License-Identifier: MIT
#include "libcore/base/units.hpp"

#include <doctest/doctest.h>

#include "libcore/base/text.hpp"
#include "libcore/base/time.hpp"

using namespace std::chrono_literals;

TEST_CASE("times are read in any offset and written in UTC") {
  const auto time = core::parse_time("2026-11-21T02:25:00.123456+01:30");
  REQUIRE(time.has_value());
  CHECK(core::format_time(*time) == "2026-11-21T00:55:00.123456Z");
  CHECK(core::format_second(*time) == "2026-11-21T00:55:00Z");
  CHECK(core::format_day(*time) == "2026-11-21");
  for (const auto* bad : {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
                          "2026-11-21T02:25:00", "2026-11-21T02:25:00Zjunk", "tomorrow"}) {
    CAPTURE(bad);
    CHECK_FALSE(core::parse_time(bad).has_value());
  }
}

TEST_CASE("durations have one number and one unit") {
  CHECK(*core::parse_duration("500ms") == 500ms);
  CHECK(*core::parse_duration("1.5h") == 90min);
  CHECK(*core::parse_duration("7d") == 168h);
  CHECK(*core::parse_duration("0") == 0s);
  for (const auto* bad :
       {"", "5", "m", "5 m", "5mm", "-5m", "1e3s", "99999999999999999d", "1.2.3s"}) {
    CAPTURE(bad);
    CHECK_FALSE(core::parse_duration(bad).has_value());
  }
  CHECK(core::format_duration(450ms) == "450ms");
  CHECK(core::format_duration(90s) == "1.5m");
  CHECK(core::format_duration(25h) == "1d");
}

TEST_CASE("a span is rounded, and what makes a whole next unit is told in that") {
  CHECK(core::format_duration(0s) == "0ms");
  CHECK(core::format_duration(999'600us) == "1s");
  CHECK(core::format_duration(1'960ms) == "2s");
  CHECK(core::format_duration(9'940ms) == "9.9s");
  CHECK(core::format_duration(9'960ms) == "10s");
  CHECK(core::format_duration(57min) == "57m");
  CHECK(core::format_duration(2h - 1s) == "2h");
  CHECK(core::format_duration(24h - 1s) == "1d");
  CHECK(core::format_duration(400 * 24h) == "400d");
  CHECK(core::format_duration(-90s) == "-1.5m");
  CHECK(core::format_duration(core::Duration::max()).ends_with("d"));
}

TEST_CASE("a point in time may be given as a span from now") {
  const core::Time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  CHECK(*core::parse_when("+30m", now) == now + 30min);
  CHECK(*core::parse_when("7d", now) == now + 168h);
  CHECK(*core::parse_when("2026-11-21T01:00:00Z", now) == now + 1h);
  CHECK_FALSE(core::parse_when("soon", now).has_value());
}

TEST_CASE("whatever is taken for a time can be written and read again") {
  const core::Time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  for (const auto* text : {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
                           "9999-12-31T23:59:59+10:00", "2912000d"}) {
    CAPTURE(text);
    const auto time = core::parse_when(text, now);
    REQUIRE(time.has_value());
    CHECK(core::parse_time(core::format_time(*time)) == *time);
  }
  for (const auto* text : {"9999-12-31T23:59:59-10:00", "9999-12-31T23:59:60Z",
                           "0000-01-01T00:00:00+00:01", "2913000d", "9999999d", "999999w"}) {
    CAPTURE(text);
    const auto time = core::parse_when(text, now);
    REQUIRE_FALSE(time.has_value());
    CHECK(time.error().code == core::Errc::usage);
    CHECK(time.error().message.find("its year is not one of 0000 to 9999") != std::string::npos);
  }
  CHECK_FALSE(core::has_four_digit_year(now + 24h * 2'913'000));
}

TEST_CASE("sizes know decimal and binary units") {
  CHECK(core::parse_size("512")->value == 512);
  CHECK(core::parse_size("10KB")->value == 10'000);
  CHECK(core::parse_size("4MiB")->value == 4'194'304);
  CHECK(core::parse_size("1.5 GB")->value == 1'500'000'000);
  for (const auto* bad : {"", "KB", "1XB", "-1", "1.1.1"}) {
    CAPTURE(bad);
    CHECK_FALSE(core::parse_size(bad).has_value());
  }
  CHECK(core::format_size({512}) == "512 B");
  CHECK(core::format_size({1234}) == "1.2 kB");
}

TEST_CASE("a slip of the hand finds its word, a different word does not") {
  constexpr std::array<std::string_view, 3> words{"enqueue", "list", "sync"};
  CHECK(core::nearest("enqeue", words) == "enqueue");
  CHECK(core::nearest("lsit", words) == "list");
  CHECK_FALSE(core::nearest("frobnicate", words).has_value());
  CHECK_FALSE(core::nearest(std::string(50'000'000, 'x'), words).has_value());
  CHECK(core::nearest("ensueue", words) == "enqueue");
  CHECK(core::nearest("nequeeu", words) == "enqueue");
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
  CHECK(core::is_valid_utf8("aä€😀"));
  for (const auto* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"}) {
    CHECK_FALSE(core::is_valid_utf8(bad));
  }
  CHECK(core::printable("a\n\x1b", 10) == "a\\x0a\\x1b");
}

TEST_CASE("what is printable commands no terminal") {
  CHECK(core::printable("é\xc2\x9b"
                        "31m\x7f€") == "é\\xc2\\x9b31m\\x7f€");
  CHECK(core::printable("a\xe2\x80\xae"
                        "b\xe2\x81\xa9…") == "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa9…");
  CHECK(core::printable("é\xff") == "\\xc3\\xa9\\xff");
  CHECK(core::printable("ééé", 3) == "éé…");
}

TEST_CASE("a rate is bytes, or bits where it says bps") {
  CHECK(core::parse_rate("50KB/s")->value == 50'000);
  CHECK(core::parse_rate("50KB")->value == 50'000);
  CHECK(core::parse_rate("4KiB/s")->value == 4096);
  CHECK(core::parse_rate("50kbps")->value == 6250);
  CHECK(core::parse_rate("2Mbps")->value == 250'000);
  CHECK(core::parse_rate("9bps")->value == 2);
  for (const auto* bad : {"", "fast", "50kBps", "50kibps", "-1KB/s", "50KB/h", "bps", "/s"}) {
    CAPTURE(bad);
    CHECK_FALSE(core::parse_rate(bad).has_value());
  }
}

TEST_CASE("beside another size, one has as many digits as tell them apart") {
  const auto beside = [](std::uint64_t size, std::uint64_t other) {
    return core::format_size(core::ByteCount{size}, core::ByteCount{other});
  };
  CHECK(beside(95'000'000, 100'000'000) == "95 MB");
  CHECK(beside(99'990'000, 100'000'000) == "99.99 MB");
  CHECK(beside(99'999'999, 100'000'000) == "99.999999 MB");
  CHECK(beside(100'000'000, 100'000'000) == "100 MB");
  CHECK(beside(1'000'001, 1'000'000) == "1.000001 MB");
  CHECK(beside(831, 832) == "831 B");
}
