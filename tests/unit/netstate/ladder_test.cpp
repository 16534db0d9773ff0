// SPDX-License-Identifier: MIT
#include "libcore/netstate/ladder.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace netstate = core::netstate;
using core::net::Address;
using core::net::DefaultRoute;
using core::net::Family;
using core::net::Link;
using core::net::LinkSnapshot;
using netstate::Ladder;
using netstate::Seen;

namespace {

// --- pictures in few words ---

Link link(int index, std::string name) {
  return {.index = index, .name = std::move(name), .kind = {}, .is_up = true, .has_carrier = true};
}
Link without_carrier(Link link) {
  link.has_carrier = false;
  return link;
}
Link is_down(Link link) {
  link.is_up = false;
  return without_carrier(std::move(link));
}
Link port_of(int master, Link link) {
  link.master = master;
  return link;
}
Link loopback() {
  auto lo = link(1, "lo");
  lo.is_loopback = true;
  return lo;
}
Address v4(int link, std::string text = "192.0.2.2") {
  return {
      .link = link, .family = Family::v4, .text = std::move(text), .prefix = 24, .is_global = true};
}
Address v6(int link) {
  return {
      .link = link, .family = Family::v6, .text = "2001:db8::2", .prefix = 64, .is_global = true};
}
Address local(Address address) {
  address.is_global = false;
  return address;
}
DefaultRoute v4_via(int link, std::string gateway = "192.0.2.1") {
  return {.link = link, .family = Family::v4, .gateway = std::move(gateway)};
}
DefaultRoute v6_via(int link) {
  return {.link = link, .family = Family::v6, .gateway = "fe80::1"};
}

// "yyy nnn": link, address and route of v4, then of v6.
std::string rungs(const Ladder& ladder) {
  std::string text;
  for (const auto& family : ladder) {
    if (!text.empty()) text += ' ';
    for (const auto seen : {family.link, family.addr, family.route})
      text += core::name_of(seen).front();
  }
  return text;
}

struct Row {
  const char* what;
  LinkSnapshot snapshot;
  std::string rungs;
  std::string v4_interface;
};

}  // namespace

TEST_CASE("the ladder is climbed from link to address to route, in each family") {
  const auto eth = link(2, "eth0");
  const Row rows[] = {
      {"nothing", {}, "nnn nnn", ""},
      {"loopback alone", {{loopback()}, {v4(1, "127.0.0.1")}, {}}, "nnn nnn", ""},
      {"a link", {{eth}, {}, {}}, "ynn ynn", ""},
      {"switched off", {{is_down(eth)}, {v4(2)}, {v4_via(2)}}, "nnn nnn", ""},
      {"the cable is out, and the route of v4 stays",
       {{without_carrier(eth)}, {v4(2), v6(2)}, {v4_via(2), v6_via(2)}},
       "nnn nnn",
       ""},
      {"an address", {{eth}, {v4(2)}, {}}, "yyn ynn", ""},
      {"an address of the link alone", {{eth}, {local(v4(2)), local(v6(2))}, {}}, "ynn ynn", ""},
      {"a way out", {{eth}, {v4(2)}, {v4_via(2)}}, "yyy ynn", "eth0"},
      {"of v6", {{eth}, {v6(2)}, {v6_via(2)}}, "ynn yyy", ""},
      {"of both", {{eth}, {v4(2), v6(2)}, {v4_via(2), v6_via(2)}}, "yyy yyy", "eth0"},
      {"a router of v6 that gives no addresses",
       {{eth}, {v4(2), local(v6(2))}, {v4_via(2), v6_via(2)}},
       "yyy ynn",
       "eth0"},
      {"an address that is borrowed from loopback",
       {{loopback(), eth}, {v4(1)}, {v4_via(2)}},
       "yyy ynn",
       "eth0"},
      {"a route over a link that is gone", {{eth}, {v4(2)}, {v4_via(7)}}, "yyn ynn", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto ladder = netstate::ladder_of(row.snapshot, {});
    CHECK(rungs(ladder) == row.rungs);
    CHECK(ladder[0].interface == row.v4_interface);
  }
}

TEST_CASE("an interface of containers counts only when the default route goes over it") {
  const auto ladder = [](std::vector<Link> links, std::vector<DefaultRoute> routes,
                         const std::vector<std::string>& ignore = {}) {
    const auto last = links.back().index;
    return rungs(netstate::ladder_of({std::move(links), {v4(last)}, std::move(routes)}, ignore));
  };
  for (const char* name : {"veth1a2b", "docker0", "br-9c1", "virbr0", "vnet3", "cni0", "flannel.1",
                           "cali77", "tap0"}) {
    CAPTURE(name);
    CHECK(ladder({link(3, name)}, {}) == "nnn nnn");
    CHECK(ladder({link(3, name)}, {v4_via(3)}) == "yyy ynn");
  }
  CHECK(ladder({link(3, "br0")}, {}) == "yyn ynn");
  CHECK(ladder({link(3, "usb0")}, {}, {"usb*", "wwan?"}) == "nnn nnn");
  CHECK(ladder({link(3, "wwan10")}, {}, {"usb*", "wwan?"}) == "yyn ynn");
  CHECK(ladder({link(3, "usb0")}, {v4_via(3)}, {"usb*"}) == "yyy ynn");
}

TEST_CASE("a port is alive with the bridge or bond that it belongs to") {
  const auto bridge = link(5, "br0");
  const auto port = port_of(5, link(2, "eth0"));
  const auto ladder = [](std::vector<Link> links) {
    return rungs(netstate::ladder_of({std::move(links), {v4(5)}, {v4_via(5)}}, {}));
  };
  CHECK(ladder({port, bridge}) == "yyy ynn");
  CHECK(ladder({port, without_carrier(bridge)}) == "nnn nnn");
}

TEST_CASE("of the legs of a route one that is alive is taken") {
  const LinkSnapshot snapshot{{without_carrier(link(2, "eth0")), link(3, "wwan0")},
                              {v4(2), v4(3, "198.51.100.9")},
                              {v4_via(2), v4_via(3, "198.51.100.1")}};
  const auto ladder = netstate::ladder_of(snapshot, {});
  CHECK(ladder[0].interface == "wwan0");
  CHECK(ladder[0].gateway == "198.51.100.1");
}

TEST_CASE("a network is named by its interface and gateway") {
  Ladder ladder;
  CHECK(netstate::network_of(ladder, "").empty());
  CHECK(netstate::network_of(ladder, "eth0").empty());
  ladder[0].interface = "tun0";
  ladder[1].interface = "eth0";
  ladder[1].gateway = "fe80::1";
  CHECK(netstate::network_of(ladder, "tun0") == "tun0");
  CHECK(netstate::network_of(ladder, "eth0") == "eth0/fe80::1");
  ladder[0] = {.interface = "eth0", .gateway = "192.0.2.1"};
  CHECK(netstate::network_of(ladder, "eth0") == "eth0/192.0.2.1");
}

TEST_CASE("among five thousand links the way out is found") {
  LinkSnapshot snapshot;
  constexpr int k_links = 5000;
  for (int i = 2; i < k_links; ++i) {
    snapshot.links.push_back(link(i, "eth" + std::to_string(i)));
    snapshot.addresses.push_back(v4(i));
  }
  snapshot.links.push_back(link(k_links, "wan0"));
  snapshot.addresses.push_back(v4(k_links));
  snapshot.routes.push_back(v4_via(k_links));
  const auto ladder = core::netstate::ladder_of(snapshot, {});
  CHECK(ladder[0].interface == "wan0");
  CHECK(ladder[0].route == Seen::yes);
  snapshot.links.back().has_carrier = false;
  CHECK(core::netstate::ladder_of(snapshot, {})[0].route == Seen::no);
}
