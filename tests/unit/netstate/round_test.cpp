// SPDX-License-Identifier: MIT
#include "libcore/netstate/round.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace net = core::net;
namespace netstate = core::netstate;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::vector<net::ProbeTarget> endpoints(const std::string& kinds) {
  std::vector<net::ProbeTarget> targets;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto kind = kinds[i] == 't'   ? net::ProbeKind::tcp
                      : kinds[i] == 'd' ? net::ProbeKind::dns
                                        : net::ProbeKind::http;
    targets.push_back(
        {.name = std::string(1, static_cast<char>('a' + i)), .kind = kind, .host = {}});
  }
  return targets;
}

std::string names(const netstate::Round& round, const std::string& kinds) {
  std::string names;
  for (const auto& target : netstate::targets_of(round, endpoints(kinds)))
    names += target.name;
  return names;
}

}  // namespace

TEST_CASE("a round asks three endpoints, and each begins with the next") {
  CHECK(names({.number = 0}, "tdh") == "abc");
  CHECK(names({.number = 1}, "tdh") == "bca");
  CHECK(names({.number = 3}, "tdh") == "abc");
  CHECK(names({.number = 0}, "tdhth") == "abc");
  CHECK(names({.number = 3}, "tdhth") == "dea");
  CHECK(names({.number = 7}, "t") == "a");
  CHECK(names({.number = 7}, "").empty());
}

TEST_CASE("a round that confirms asks each twice") {
  CHECK(names({.number = 1, .tries = 2}, "tdh") == "bcabca");
}

TEST_CASE("a round about families asks six") {
  CHECK(names({.number = 1, .stop = net::StopAt::all}, "ttttttt") == "bcdefg");
}

TEST_CASE("where bytes cost money connections are made, or else names asked for") {
  CHECK(names({.number = 0, .tcp_only = true}, "hdtt") == "cd");
  CHECK(names({.number = 0, .tcp_only = true}, "hdh") == "b");
  CHECK(names({.number = 0, .tcp_only = true}, "hh") == "ab");
}

TEST_CASE("the deadlines of a round go before longer ones") {
  const netstate::Round round{.stagger = milliseconds{50}, .patience = milliseconds{700}};
  net::ProbeLimits own;
  own.whole = seconds{5};
  const auto limits = netstate::limits_of(round, own);
  CHECK(limits.stagger == milliseconds{50});
  CHECK(limits.whole == milliseconds{700});
  CHECK(limits.connect == milliseconds{700});
  CHECK(limits.dns_try == milliseconds{700});
  own.whole = milliseconds{100};
  CHECK(netstate::limits_of(round, own).whole == milliseconds{100});
}
