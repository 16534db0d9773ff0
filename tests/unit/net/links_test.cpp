// SPDX-License-Identifier: MIT
#include "libcore/net/links.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include <poll.h>
#include <sys/socket.h>

#include <doctest/doctest.h>

#include "libcore/sys/wait.hpp"
#include "tests/fakes/net_namespace.hpp"

using core::net::Family;
using core::net::Links;
using core::net::LinkSnapshot;
using fakes::in_own_network;
using fakes::shell;
using namespace std::chrono_literals;

namespace {

Links opened() {
  auto links = Links::open();
  REQUIRE_MESSAGE(links.has_value(), (links ? "" : links.error().message));
  return *std::move(links);
}

LinkSnapshot snapshot_of(const Links& links) {
  auto snapshot = links.read();
  REQUIRE_MESSAGE(snapshot.has_value(), (snapshot ? "" : snapshot.error().message));
  return *std::move(snapshot);
}

const core::net::Link& link_named(const LinkSnapshot& snapshot, const std::string& name) {
  const auto found = std::ranges::find(snapshot.links, name, &core::net::Link::name);
  REQUIRE_MESSAGE(found != snapshot.links.end(), name);
  return *found;
}

bool is_global(const LinkSnapshot& snapshot, const std::string& text) {
  const auto found = std::ranges::find(snapshot.addresses, text, &core::net::Address::text);
  REQUIRE_MESSAGE(found != snapshot.addresses.end(), text);
  return found->is_global;
}

// Reads again at each event until it is so.
template <typename Condition>
bool becomes_true(Links& links, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    if (condition(snapshot_of(links))) return true;
    if (core::sys::wait_for(links.fd(), POLLIN, 20s).value() == core::sys::Ready::no) return false;
    REQUIRE(links.drain().value());
  }
  return false;
}

// How many messages the kernel has dropped for all netlink sockets of this namespace.
int dropped_messages() {
  std::ifstream table("/proc/thread-self/net/netlink");
  std::string line;
  std::getline(table, line);
  int sum = 0;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string word;
    for (int column = 0; column < 9; ++column)
      words >> word;  // sk Eth Pid Groups Rmem Wmem Dump Locks Drops
    sum += std::stoi(word);
  }
  return sum;
}

}  // namespace

TEST_CASE("links, addresses and the default route are as they were set") {
  in_own_network([] {
    const auto links = opened();
    fakes::add_way_out();
    const auto snapshot = snapshot_of(links);
    const auto& loopback = link_named(snapshot, "lo");
    CHECK(loopback.is_loopback);
    const auto& link = link_named(snapshot, "v0");
    CHECK(link.kind == "veth");
    CHECK(link.is_up);
    CHECK_FALSE(link.is_loopback);
    CHECK(link.master == 0);
    CHECK(is_global(snapshot, "10.9.0.1"));
    CHECK_FALSE(is_global(snapshot, "127.0.0.1"));
    REQUIRE(snapshot.routes.size() == 1);
    CHECK(snapshot.routes[0].link == link.index);
    CHECK(snapshot.routes[0].family == Family::v4);
    CHECK(snapshot.routes[0].gateway == "10.9.0.2");
    CHECK(snapshot.link(link.index)->name == "v0");
    CHECK(snapshot.link(9999) == nullptr);
  });
}

TEST_CASE("a port of a bridge says whose it is") {
  in_own_network([] {
    const auto links = opened();
    fakes::add_way_out();
    shell("ip link add b0 type bridge && ip link set v1 master b0");
    const auto snapshot = snapshot_of(links);
    CHECK(link_named(snapshot, "v1").master == link_named(snapshot, "b0").index);
    CHECK(link_named(snapshot, "b0").kind == "bridge");
  });
}

TEST_CASE("setting a link down takes its IPv4 default route, which no event says") {
  in_own_network([] {
    auto links = opened();
    fakes::add_way_out();
    REQUIRE(links.drain().value());
    CHECK_FALSE(links.drain().value());
    shell("ip link set v0 down");
    CHECK(becomes_true(links, [](const LinkSnapshot& now) {
      return now.routes.empty() && !link_named(now, "v0").is_up;
    }));
  });
}

TEST_CASE("a lost carrier is seen although the route stays") {
  in_own_network([] {
    auto links = opened();
    fakes::add_way_out();
    CHECK(becomes_true(links, [](const auto& now) { return link_named(now, "v0").has_carrier; }));
    CHECK(core::net::has_carrier("v0"));
    shell("ip link set v1 down");
    CHECK_FALSE(core::net::has_carrier("v0"));
    CHECK(becomes_true(links, [](const LinkSnapshot& now) {
      return !link_named(now, "v0").has_carrier && link_named(now, "v0").is_up &&
             now.routes.size() == 1;
    }));
  });
}

TEST_CASE("there is no carrier where there is no interface") {
  CHECK_FALSE(core::net::has_carrier("nothing0"));
  CHECK_FALSE(core::net::has_carrier(""));
  CHECK_FALSE(core::net::has_carrier("../net/lo"));
}

TEST_CASE("an address that is removed is seen, and takes the route along") {
  in_own_network([] {
    auto links = opened();
    fakes::add_way_out();
    CHECK(is_global(snapshot_of(links), "10.9.0.1"));
    shell("ip addr del 10.9.0.1/24 dev v0");
    CHECK(becomes_true(links, [](const LinkSnapshot& now) {
      return std::ranges::none_of(now.addresses,
                                  [](const auto& a) { return a.text == "10.9.0.1"; });
    }));
    CHECK(snapshot_of(links).routes.empty());
  });
}

TEST_CASE("addresses that nothing outside can be asked from are not global") {
  in_own_network([] {
    auto links = opened();
    fakes::add_way_out();
    shell(
        "ip addr add 169.254.7.7/16 dev v0\n"
        "ip addr add 2001:db8::1/64 dev v0 nodad\n"
        "ip addr add 2001:db8::2/64 dev v0 nodad preferred_lft 0\n"
        "ip addr add fe80::7/64 dev v0 nodad\n"
        "ip link set v0 addrgenmode none\n");
    const auto snapshot = snapshot_of(links);
    CHECK_FALSE(is_global(snapshot, "169.254.7.7"));
    CHECK_FALSE(is_global(snapshot, "fe80::7"));
    CHECK(is_global(snapshot, "2001:db8::1"));
    CHECK_FALSE(is_global(snapshot, "2001:db8::2"));  // deprecated
    shell("ip addr add 2001:db8::3/64 dev v0");
    CHECK_FALSE(is_global(snapshot_of(links), "2001:db8::3"));  // tentative
    CHECK(becomes_true(links, [](const auto& now) { return is_global(now, "2001:db8::3"); }));
  });
}

TEST_CASE("of several default routes the lowest metric counts, in each family") {
  in_own_network([] {
    const auto links = opened();
    fakes::add_way_out();
    shell(
        "ip addr add 2001:db8::1/64 dev v0 nodad\n"
        "ip route add default via 10.9.0.3 metric 100\n"
        "ip -6 route add default via 2001:db8::9 metric 50\n"
        "ip -6 route add default via 2001:db8::8 metric 60\n"
        "ip route add default via 10.9.0.4 table 77\n"
        "ip route add 10.10.0.0/16 via 10.9.0.5\n");
    const auto routes = snapshot_of(links).routes;
    REQUIRE(routes.size() == 2);
    CHECK(routes[0].gateway == "10.9.0.2");
    CHECK(routes[1].gateway == "2001:db8::9");
    CHECK(routes[1].family == Family::v6);
    CHECK(routes[1].metric == 50);
  });
}

TEST_CASE("each leg of a multipath route is a way") {
  in_own_network([] {
    const auto links = opened();
    fakes::add_way_out();
    shell(
        "ip link add w0 type veth peer name w1\n"
        "ip addr add 10.8.0.1/24 dev w0\n"
        "ip link set w0 up && ip link set w1 up\n"
        "ip route replace default nexthop via 10.9.0.2 nexthop via 10.8.0.2\n");
    const auto snapshot = snapshot_of(links);
    REQUIRE(snapshot.routes.size() == 2);
    CHECK(snapshot.routes[0].gateway == "10.9.0.2");
    CHECK(snapshot.routes[1].link == link_named(snapshot, "w0").index);
  });
}

TEST_CASE("a default route that leads nowhere is none, and hides those behind it") {
  in_own_network([] {
    const auto links = opened();
    fakes::add_way_out();
    for (const std::string type : {"unreachable", "blackhole", "prohibit"}) {
      shell("ip route add " + type + " default metric 9 && ip route del default via 10.9.0.2");
      CHECK_MESSAGE(snapshot_of(links).routes.empty(), type);
      shell("ip route del " + type + " default && ip route add default via 10.9.0.2 metric 10");
      CHECK(snapshot_of(links).routes.size() == 1);
      shell("ip route add " + type + " default metric 9");
      CHECK_MESSAGE(snapshot_of(links).routes.empty(), type);
      shell("ip route del " + type +
            " default && ip route del default\n"
            "ip route add default via 10.9.0.2");
    }
  });
}

TEST_CASE("a route over an interface needs no gateway, and may have one of the other family") {
  in_own_network([] {
    const auto links = opened();
    fakes::add_way_out();
    shell("ip route replace default dev v0");
    CHECK(snapshot_of(links).routes.at(0).gateway.empty());
    shell("ip route del default && ip route add default via inet6 fe80::9 dev v0");
    CHECK(snapshot_of(links).routes.at(0).gateway == "fe80::9");
  });
}

TEST_CASE("events that were lost are still events") {
  in_own_network([] {
    auto links = opened();
    fakes::add_way_out();
    REQUIRE(links.drain().value());
    const int smallest = 1;
    REQUIRE(::setsockopt(links.fd(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest) == 0);
    shell("for i in $(seq 30); do ip route add 10.77.$i.0/24 via 10.9.0.2; done");
    CHECK(dropped_messages() > 0);
    CHECK(links.drain().value());
    CHECK_FALSE(links.drain().value());
    shell("ip route del default");
    CHECK(links.drain().value());
  });
}

TEST_CASE("hundreds of interfaces are read whole") {
  in_own_network([] {
    const auto links = opened();
    shell(
        "seq 300 | sed 's/.*/link add a& type veth peer name b&/' | ip -batch -\n"
        "seq 300 | sed 's/.*/addr add 10.1.0.1\\/24 dev a&/' | ip -batch -\n");
    const auto snapshot = snapshot_of(links);
    CHECK(snapshot.links.size() == 601);
    CHECK(std::ranges::count(snapshot.addresses, "10.1.0.1", &core::net::Address::text) == 300);
  });
}
