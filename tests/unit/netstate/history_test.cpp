// SPDX-License-Identifier: MIT
#include "libcore/netstate/history.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "libcore/netstate/document.hpp"

namespace netstate = core::netstate;
using core::Time;
using netstate::HistoryEntry;
using netstate::State;
using netstate::Uptime;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr Time k_begin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

HistoryEntry entry(core::Duration after, std::optional<State> state) {
  HistoryEntry entry;
  entry.at = k_begin + after;
  entry.state = state;
  return entry;
}

}  // namespace

TEST_CASE("a line of the history is read as it was written") {
  netstate::Document document;
  document.at = k_begin;
  document.line.generation = 7;
  document.line.state = State::limited;
  document.line.reason = netstate::Reason::portal;
  document.line.interface = "wlan0";
  const auto text = netstate::format_document(document).history;

  const auto history = netstate::parse_history("", text + "{\"torn\":\n{}\n\n" + text);

  REQUIRE(history.entries.size() == 2);
  CHECK(history.unreadable == 2);
  CHECK(history.entries[0].at == k_begin);
  CHECK(history.entries[0].generation == 7);
  CHECK(history.entries[0].state == State::limited);
  CHECK(history.entries[0].reason == netstate::Reason::portal);
  CHECK(history.entries[0].interface == "wlan0");
  CHECK(history.entries[0].text + "\n" == text);
}

TEST_CASE("the old file comes first") {
  const auto line = [](int generation) {
    return R"({"at":"2026-01-02T00:00:00Z","generation":)" + std::to_string(generation) + "}\n";
  };
  const auto history = netstate::parse_history(line(1) + line(2), line(3));
  REQUIRE(history.entries.size() == 3);
  CHECK(history.entries[2].generation == 3);
}

TEST_CASE("the time in each state adds up to the span") {
  const std::vector<HistoryEntry> entries{
      entry(hours{0}, State::connected),     entry(hours{6}, State::disconnected),
      entry(hours{7}, State::limited),       entry(hours{8}, State::connected),
      entry(hours{20}, State::connected),    entry(hours{21}, State::disconnected),
      entry(minutes{1290}, State::connected)};
  const Uptime uptime =
      netstate::uptime_of(entries, k_begin - hours{48}, k_begin + hours{24}, k_begin + hours{23});
  CHECK(uptime.from == k_begin);
  CHECK(uptime.of(State::connected) == hours{20} + minutes{30});
  CHECK(uptime.of(State::limited) == hours{1});
  CHECK(uptime.of(State::disconnected) == minutes{90});
  CHECK(uptime.unknown == hours{1});
  CHECK(uptime.outages == 2);
  CHECK(uptime.longest_outage == hours{2});
  CHECK(uptime.longest_began == k_begin + hours{6});
  CHECK(uptime.share(State::connected).value() == doctest::Approx(20.5 / 23));
}

TEST_CASE("only what is within the span counts") {
  const std::vector<HistoryEntry> entries{entry(hours{0}, State::disconnected),
                                          entry(hours{2}, State::connected)};
  const Uptime uptime =
      netstate::uptime_of(entries, k_begin + hours{1}, k_begin + hours{3}, k_begin + hours{30});
  CHECK(uptime.from == k_begin + hours{1});
  CHECK(uptime.of(State::disconnected) == hours{1});
  CHECK(uptime.of(State::connected) == hours{1});
  CHECK(uptime.unknown == core::Duration{});
  CHECK(uptime.longest_outage == hours{1});
}

TEST_CASE("where nothing is known, nothing is said") {
  const Uptime uptime = netstate::uptime_of({}, k_begin, k_begin + hours{1}, k_begin);
  CHECK(uptime.unknown == hours{1});
  CHECK(uptime.outages == 0);
  CHECK_FALSE(uptime.share(State::connected));

  const std::vector<HistoryEntry> entries{entry(hours{0}, std::nullopt)};
  const Uptime unknown =
      netstate::uptime_of(entries, k_begin, k_begin + hours{1}, k_begin + hours{1});
  CHECK(unknown.unknown == hours{1});
}

TEST_CASE("a clock that was set back counts nothing twice") {
  const std::vector<HistoryEntry> entries{entry(hours{2}, State::connected),
                                          entry(hours{1}, State::disconnected),
                                          entry(hours{3}, State::connected)};
  const Uptime uptime =
      netstate::uptime_of(entries, k_begin, k_begin + hours{4}, k_begin + hours{4});
  CHECK(uptime.of(State::connected) + uptime.of(State::disconnected) + uptime.unknown <=
        uptime.to - uptime.from);
}
