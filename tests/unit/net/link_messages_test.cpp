// SPDX-License-Identifier: MIT
#include "libcore/net/link_messages.hpp"

#include <sys/socket.h>

#include <doctest/doctest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

using core::net::append_attribute;
using core::net::bytes_of;
using core::net::Family;
using core::net::NetlinkMessage;
using core::net::NetlinkMessages;
using core::net::RouteLeg;

namespace {

RouteLeg leg(Family family, std::uint32_t metric, std::string gateway) {
  return {.route = {.family = family, .gateway = std::move(gateway), .metric = metric}};
}

std::string default_route() {
  rtmsg route{};
  route.rtm_family = AF_INET;
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_type = RTN_UNICAST;
  std::string payload(bytes_of(route));
  append_attribute(payload, RTA_OIF, bytes_of(3));
  append_attribute(payload, RTA_GATEWAY, std::string_view("\x0A\x09\x00\x02", 4));
  return payload;
}

}  // namespace

TEST_CASE("messages that lie about their length end the list") {
  const auto whole = core::net::format_message({.type = RTM_NEWROUTE, .payload = default_route()});
  const auto both = whole + whole;
  NetlinkMessages two(both);
  CHECK(two.next());
  CHECK(two.next());
  CHECK_FALSE(two.next());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    NetlinkMessages cut(std::string_view(whole).substr(0, length));
    CHECK_FALSE(cut.next());
  }
  auto too_short = whole;
  too_short[0] = 4;  // less than its own header
  CHECK_FALSE(NetlinkMessages(too_short).next());
}

TEST_CASE("a link has a carrier as soon as its flags say so, unless it is held back") {
  const auto has_carrier = [](unsigned flags, unsigned char state) {
    ifinfomsg fixed{};
    fixed.ifi_flags = flags;
    std::string payload(bytes_of(fixed));
    append_attribute(payload, IFLA_OPERSTATE, bytes_of(state));
    return core::net::parse_link({.type = RTM_NEWLINK, .payload = payload})->has_carrier;
  };
  constexpr unsigned k_carrier = IFF_UP | IFF_LOWER_UP;
  for (const unsigned char state :
       {IF_OPER_UP, IF_OPER_UNKNOWN, IF_OPER_DOWN, IF_OPER_LOWERLAYERDOWN}) {
    CHECK(has_carrier(k_carrier, state));
    CHECK_FALSE(has_carrier(IFF_UP, state));
  }
  for (const unsigned char state : {IF_OPER_DORMANT, IF_OPER_TESTING, IF_OPER_NOTPRESENT})
    CHECK_FALSE(has_carrier(k_carrier, state));
}

TEST_CASE("a route that is cut off anywhere gives no wrong address") {
  const auto payload = default_route();
  const NetlinkMessage message{.type = RTM_NEWROUTE, .payload = payload};
  REQUIRE(core::net::parse_default_route(message).size() == 1);
  CHECK(core::net::parse_default_route(message)[0].route.gateway == "10.9.0.2");
  for (std::size_t length = 0; length < payload.size(); ++length) {
    const NetlinkMessage cut{.type = RTM_NEWROUTE,
                             .payload = std::string_view(payload).substr(0, length)};
    for (const auto& found : core::net::parse_default_route(cut))
      CHECK(found.route.gateway.empty());
  }
}

TEST_CASE("an address of a length that no family has is none") {
  ifaddrmsg fixed{};
  fixed.ifa_family = AF_INET6;
  std::string payload(bytes_of(fixed));
  append_attribute(payload, IFA_ADDRESS, "four");
  CHECK_FALSE(core::net::parse_address({.type = RTM_NEWADDR, .payload = payload}));
}

TEST_CASE("the best routes of a family are those of its lowest metric") {
  const auto best = core::net::best_routes({leg(Family::v6, 1024, "a"), leg(Family::v4, 600, "b"),
                                            leg(Family::v4, 100, "c"), leg(Family::v4, 100, "d")});
  REQUIRE(best.size() == 3);
  CHECK(best[0].gateway == "c");
  CHECK(best[1].gateway == "d");
  CHECK(best[2].gateway == "a");
}

TEST_CASE("a barrier hides the routes behind it, and not those before it") {
  auto barrier = leg(Family::v4, 100, "");
  barrier.is_barrier = true;
  CHECK(core::net::best_routes({barrier, leg(Family::v4, 600, "b")}).empty());
  CHECK(core::net::best_routes({barrier, leg(Family::v4, 50, "b")}).size() == 1);
  CHECK(core::net::best_routes({barrier, leg(Family::v6, 600, "b")}).size() == 1);
}
