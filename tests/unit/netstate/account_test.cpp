// SPDX-License-Identifier: MIT
#include "libcore/netstate/account.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace netstate = core::netstate;
using namespace std::chrono_literals;
using core::ByteCount;
using core::Time;
using core::config::BudgetConfig;
using netstate::Account;
using netstate::Answer;
using netstate::Day;
using netstate::Priority;
using netstate::Purpose;

namespace {

Day day(const char* text) {
  const auto time = core::parse_time(std::string(text) + "T00:00:00Z").value();
  return Day{std::chrono::floor<std::chrono::days>(time.time_since_epoch())};
}
Time at(const char* text) {
  return core::parse_time(text).value();
}
const std::string k_wlan = "wlan0/10.0.0.1";

Account spent(std::initializer_list<std::pair<const char*, std::uint64_t>> days) {
  Account account;
  for (const auto& [text, bytes] : days)
    account.networks[k_wlan][day(text)].add(Purpose::delivery, bytes);
  return account;
}

}  // namespace

TEST_CASE("a month of a budget begins on its day, and in a shorter month on the last") {
  struct Row {
    const char* today;
    int cycle_day;
    const char* begin;
    const char* next;
  };
  for (const auto& row : {Row{"2026-11-21", 1, "2026-11-01", "2026-12-01"},
                          Row{"2026-11-21", 21, "2026-11-21", "2026-12-21"},
                          Row{"2026-11-20", 21, "2026-10-21", "2026-11-21"},
                          Row{"2026-01-05", 10, "2025-12-10", "2026-01-10"},
                          Row{"2026-02-28", 31, "2026-02-28", "2026-03-31"},
                          Row{"2026-02-27", 31, "2026-01-31", "2026-02-28"},
                          Row{"2024-02-28", 31, "2024-01-31", "2024-02-29"},
                          Row{"2024-02-29", 30, "2024-02-29", "2024-03-30"},
                          Row{"2026-03-30", 31, "2026-02-28", "2026-03-31"},
                          Row{"2026-12-31", 31, "2026-12-31", "2027-01-31"}}) {
    CAPTURE(row.today);
    CAPTURE(row.cycle_day);
    CHECK(netstate::month_begin(day(row.today), row.cycle_day) == day(row.begin));
    CHECK(netstate::next_month_begin(day(row.today), row.cycle_day) == day(row.next));
  }
}

TEST_CASE("a day's limit sees that day, a month's all of its days") {
  const auto account = spent({{"2026-10-31", 1000}, {"2026-11-01", 100}, {"2026-11-21", 30}});
  const BudgetConfig limits{.daily = ByteCount{50}, .monthly = ByteCount{500}};
  const auto windows =
      netstate::windows(account, k_wlan, limits, day("2026-11-21"), at("2026-11-21T12:00:00Z"));

  REQUIRE(windows.size() == 2);
  CHECK(windows[0].spent == 30);
  CHECK(windows[0].left(Priority::normal) == 20);
  CHECK(windows[0].end == day("2026-11-22"));
  CHECK(windows[1].spent == 130);
  CHECK(windows[1].left(Priority::normal) == 370);
  CHECK(windows[1].end == day("2026-12-01"));
  const auto tomorrow =
      netstate::windows(account, k_wlan, limits, day("2026-11-22"), at("2026-11-22T00:00:00Z"));
  CHECK(tomorrow[0].spent == 0);
  CHECK(tomorrow[1].spent == 130);
}

TEST_CASE("networks have counts of their own") {
  auto account = spent({{"2026-11-21", 30}});
  const BudgetConfig limits{.daily = ByteCount{50}};
  const auto windows =
      netstate::windows(account, "eth0", limits, day("2026-11-21"), at("2026-11-21T12:00:00Z"));
  CHECK(windows[0].spent == 0);
}

TEST_CASE("another cycle day finds the days that it counts") {
  const auto account = spent({{"2026-11-10", 100}, {"2026-11-16", 10}});
  const auto begin = netstate::month_begin(day("2026-11-21"), 15);
  CHECK(netstate::spent_since(account, k_wlan, begin).total() == 10);
  CHECK(netstate::spent_since(account, k_wlan, day("2026-11-01")).total() == 110);
}

TEST_CASE("what is kept for the critical is not for others") {
  const auto account = spent({{"2026-11-21", 60}});
  const BudgetConfig limits{.daily = ByteCount{100}, .reserve = ByteCount{20}};
  const auto windows =
      netstate::windows(account, k_wlan, limits, day("2026-11-21"), at("2026-11-21T12:00:00Z"));
  struct Row {
    std::uint64_t size;
    Priority priority;
    Answer answer;
  };
  for (const auto& row :
       {Row{20, Priority::normal, Answer::yes}, Row{21, Priority::normal, Answer::later},
        Row{40, Priority::critical, Answer::yes}, Row{41, Priority::critical, Answer::later},
        Row{80, Priority::normal, Answer::later}, Row{81, Priority::normal, Answer::never},
        Row{100, Priority::critical, Answer::later}, Row{101, Priority::critical, Answer::never}}) {
    CAPTURE(row.size);
    CHECK(netstate::permission(windows, ByteCount{row.size}, row.priority, {}).answer ==
          row.answer);
  }
}

TEST_CASE("a summary goes where the whole does not") {
  const auto account = spent({{"2026-11-21", 60}});
  const BudgetConfig limits{.daily = ByteCount{100}};
  const auto windows =
      netstate::windows(account, k_wlan, limits, day("2026-11-21"), at("2026-11-21T12:00:00Z"));
  const auto answer = [&](std::uint64_t size, std::uint64_t summary) {
    return netstate::permission(windows, ByteCount{size}, Priority::normal, ByteCount{summary})
        .answer;
  };
  CHECK(answer(40, 5) == Answer::yes);
  CHECK(answer(41, 5) == Answer::summary);
  CHECK(answer(1000, 40) == Answer::summary);
  CHECK(answer(1000, 41) == Answer::later);
  CHECK(answer(1000, 101) == Answer::never);
}

TEST_CASE("who must wait is told of the limit that is in the way for longest") {
  const auto account = spent({{"2026-11-02", 95}, {"2026-11-21", 5}});
  const BudgetConfig limits{.daily = ByteCount{10}, .monthly = ByteCount{100}};
  const auto windows =
      netstate::windows(account, k_wlan, limits, day("2026-11-21"), at("2026-11-21T12:00:00Z"));
  const auto permission = netstate::permission(windows, ByteCount{8}, Priority::normal, {});
  CHECK(permission.answer == Answer::later);
  CHECK(permission.window->limit == netstate::Limit::monthly);
  const auto never = netstate::permission(windows, ByteCount{11}, Priority::normal, {});
  CHECK(never.answer == Answer::never);
  CHECK(never.window->limit == netstate::Limit::daily);
}

TEST_CASE("without a limit everything may be sent") {
  const auto huge = ByteCount{std::numeric_limits<std::uint64_t>::max()};
  CHECK(netstate::permission({}, huge, Priority::normal, {}).answer == Answer::yes);
}

TEST_CASE("a reservation is nobody else's until its time") {
  Account account;
  account.reservations.push_back({.id = "A",
                                  .network = k_wlan,
                                  .bytes = 70,
                                  .since = at("2026-11-21T12:00:00Z"),
                                  .until = at("2026-11-21T12:05:00Z")});
  const BudgetConfig limits{.daily = ByteCount{100}};
  const auto left = [&](const char* now) {
    return netstate::windows(account, k_wlan, limits, day("2026-11-21"), at(now))[0].left(
        Priority::normal);
  };
  CHECK(left("2026-11-21T12:04:59Z") == 30);
  CHECK(left("2026-11-21T12:05:00Z") == 100);

  netstate::settle(account, day("2026-11-22"), at("2026-11-22T12:04:59Z"));
  CHECK(account.reservations.size() == 1);
  netstate::settle(account, day("2026-11-22"), at("2026-11-22T12:05:00Z"));
  CHECK(account.reservations.empty());
}

TEST_CASE("a clock that is set back loses no byte, and blocks nobody for years") {
  auto account = spent({{"2026-11-20", 5}, {"2026-11-21", 10}, {"2036-01-01", 7}});
  netstate::settle(account, day("2026-11-20"), at("2026-11-20T23:59:00Z"));
  CHECK(netstate::spent_since(account, k_wlan, day("2026-11-20")).total() == 22);
  netstate::settle(account, day("2026-11-21"), at("2026-11-21T00:01:00Z"));
  CHECK(netstate::spent_since(account, k_wlan, day("2026-11-21")).total() == 0);
  CHECK(netstate::spent_since(account, k_wlan, day("2026-11-01")).total() == 22);
}

TEST_CASE("days of long ago are forgotten, and networks with them") {
  auto account = spent({{"2026-09-20", 5}, {"2026-09-19", 5}});
  account.networks["old"][day("2026-01-01")].add(Purpose::probe, 1);
  netstate::settle(account, day("2026-11-21"), at("2026-11-21T00:00:00Z"));
  CHECK(account.networks.size() == 1);
  CHECK(account.networks[k_wlan].size() == 1);
}

TEST_CASE("counts stay at the largest number") {
  auto account = spent({{"2026-11-21", std::numeric_limits<std::uint64_t>::max()}});
  account.networks[k_wlan][day("2026-11-21")].add(Purpose::probe, 5);
  account.networks[k_wlan][day("2026-11-20")].add(Purpose::probe, 5);
  const BudgetConfig limits{.monthly = ByteCount{100}};
  const auto windows =
      netstate::windows(account, k_wlan, limits, day("2026-11-21"), at("2026-11-21T12:00:00Z"));
  CHECK(windows[0].spent == std::numeric_limits<std::uint64_t>::max());
  CHECK(windows[0].left(Priority::critical) == 0);
}

TEST_CASE("turns at a rate come one after the other, a second's worth ahead") {
  netstate::Pace pace;
  const auto turn = [&](std::uint64_t bytes, core::Duration now,
                        std::optional<core::Duration> longest = {}) {
    return netstate::take_turn(pace, ByteCount{bytes}, ByteCount{1000}, "b", now, longest);
  };
  CHECK(turn(500, 10s) == 0ms);
  CHECK(turn(500, 10s) == 0ms);
  CHECK(turn(500, 10s) == 0ms);
  CHECK(turn(500, 10s) == 500ms);
  CHECK(turn(500, 10s, 900ms) == std::nullopt);
  CHECK(turn(500, 10s, 1s) == 1s);
  CHECK(turn(500, 20s) == 0ms);
  // In another boot nothing of this counts.
  CHECK(netstate::take_turn(pace, ByteCount{1}, ByteCount{1}, "c", 1s, {}) == 0ms);
}

TEST_CASE("no size is too large to wait for") {
  netstate::Pace pace;
  const ByteCount huge{std::numeric_limits<std::uint64_t>::max()};
  CHECK(netstate::take_turn(pace, huge, ByteCount{1}, "b", 1s, {}) == 0ms);
  CHECK(netstate::take_turn(pace, huge, ByteCount{1}, "b", 1s, {}) > std::chrono::years{90});
  CHECK(netstate::take_turn(pace, huge, ByteCount{1}, "b", 1s, {}) < std::chrono::years{110});
}

TEST_CASE("an account reads back as it was written") {
  auto account = spent({{"2026-11-20", 5}, {"2026-11-21", 1ULL << 60U}});
  account.networks["a \"b\"\n"][day("2026-11-21")].add(Purpose::probe, 280);
  account.reservations.push_back({.id = "01K",
                                  .network = k_wlan,
                                  .bytes = 7,
                                  .priority = Priority::critical,
                                  .since = at("2026-11-21T12:00:00Z"),
                                  .until = at("2026-11-21T12:05:00Z")});
  account.pace = {.boot = "b", .free_at = 123s};

  const auto text = netstate::format_account(account);
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(netstate::parse_account(text).value() == account);
  CHECK(netstate::parse_account(netstate::format_account({})).value() == Account{});
}

TEST_CASE("what a person may write is read for what it says") {
  const auto account = netstate::parse_account(
      R"({"v":1,"networks":[{"name":"a","days":[{"day":"2026-11-20","probe":0},)"
      R"({"day":"2026-11-21","probe":1}]},{"name":"a","days":[{"day":"2026-11-21","probe":2}]}],)"
      R"("pace":{"boot":"b","free_at_us":18446744073709551615}})");
  REQUIRE(account);
  CHECK(account->networks.at("a").size() == 1);
  CHECK(netstate::spent_since(*account, "a", day("2026-11-01")).total() == 3);
  CHECK(netstate::parse_account(netstate::format_account(*account)).value() == *account);
}

TEST_CASE("what is no account is refused") {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"v":"x"})", R"({"v":1,"networks":{}})",
        R"({"v":1,"networks":[{"days":[]}]})", R"({"v":1,"networks":[{"name":"a","days":[{}]}]})",
        R"({"v":1,"networks":[{"name":"a","days":[{"day":"2026-13-01"}]}]})",
        R"({"v":1,"networks":[{"name":"a","days":[{"day":"2026-11-01","probe":-1}]}]})",
        R"({"v":1,"reservations":[{"id":"a"}]})", R"({"v":1,"pace":{"boot":"b"}})",
        R"({"v":1,"reservations":[3]})"}) {
    CAPTURE(text);
    const auto account = netstate::parse_account(text);
    REQUIRE(!account);
    CHECK(account.error().code == core::Errc::corrupt);
  }
  CHECK(netstate::parse_account(R"({"v":2})").error().code == core::Errc::config);
}
