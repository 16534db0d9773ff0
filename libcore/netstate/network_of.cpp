// SPDX-License-Identifier: MIT
// On whose account bytes go: the network that is in use.

#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/wireless.hpp"
#include "libcore/netstate/budget.hpp"
#include "libcore/netstate/metered.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/machine.hpp"

namespace core::netstate {
namespace {

constexpr ByteCount k_document_limit{1U << 20U};

struct WayOut {
  std::string interface;
  std::string gateway;
};

std::string member(const std::string& object, const std::string& name) {
  const auto members = codec::parse_flat_object(object);
  if (!members) return {};
  const auto found = members->find(name);
  return found == members->end() ? std::string{} : found->second;
}

// Of the family whose route goes over the interface of the line.
std::string published_gateway(const sys::Files& files, const std::string& interface) {
  const auto document = sys::read_file(files, queue::path::k_network_document, k_document_limit);
  if (!document || !*document) return {};
  const auto ladder = member(**document, "ladder");
  for (const auto family : net::k_families) {
    const auto rungs = member(ladder, std::string(name_of(family)));
    if (member(rungs, "interface") == interface) return member(rungs, "gateway");
  }
  return {};
}

WayOut way_of_kernel() {
  const auto links = net::Links::open();
  if (!links) return {};
  const auto snapshot = links->read();
  if (!snapshot) return {};
  for (const auto& route : snapshot->routes) {
    const auto* link = snapshot->link(route.link);
    if (link != nullptr && link->has_carrier) {
      return {.interface = link->name, .gateway = route.gateway};
    }
  }
  return {};
}

bool costs_money(Metered metered) {
  return metered == Metered::yes || metered == Metered::guess_yes;
}

}  // namespace

std::string network_name(std::string_view interface, std::string_view gateway,
                         std::string_view ssid) {
  if (interface.empty()) return Network{}.name;
  // Two at the same place may have the same gateway: nearly all home networks do.
  if (!ssid.empty()) return fmt::format("{}/{}", interface, printable(ssid));
  if (gateway.empty() || is_modem(interface)) return std::string(interface);
  return fmt::format("{}/{}", interface, gateway);
}

Network network_of(const sys::Files& files, const sys::Clock& clock,
                   const config::BudgetConfig& limits) {
  const auto reading = read_network(files, clock);
  const bool is_published = reading && reading->state() && !reading->line->interface.empty();
  WayOut way;
  if (is_published) {
    way.interface = reading->line->interface;
    way.gateway = published_gateway(files, way.interface);
  } else {
    way = way_of_kernel();
  }
  Network network{
      .name = network_name(way.interface, way.gateway, net::ssid_of(way.interface).value_or(""))};
  if (limits.on == config::BudgetOn::all) return network;
  auto metered = is_published ? reading->line->metered : Metered::unknown;
  if (metered == Metered::unknown) {
    metered = guess_metered(metered_evidence(sys::RealMachine(), way.interface, way.gateway));
  }
  network.is_limited = costs_money(metered);
  return network;
}

}  // namespace core::netstate
