// SPDX-License-Identifier: MIT
#include "libcore/netstate/metered.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/net/ip_address.hpp"

namespace core::netstate {
namespace {

struct Range {
  std::string_view address;
  int bits;
};
constexpr std::array k_phones{Range{"192.168.42.0", 24}, Range{"192.168.43.0", 24},
                              Range{"192.168.49.0", 24}, Range{"172.20.10.0", 28}};

// Of phones and modems on USB. cdc_ether and cdc_ncm are not among them: adapters and docks that
// lead to a wall use them as well.
constexpr std::array<std::string_view, 7> k_drivers{
    "ipheth", "rndis_host", "qmi_wwan", "cdc_mbim", "huawei_cdc_ncm", "sierra_net", "hso"};

template <std::size_t N>
bool begins_with_any(std::string_view text, const std::array<std::string_view, N>& beginnings) {
  return std::ranges::any_of(beginnings, [&](auto word) { return text.starts_with(word); });
}

bool is_phone(std::string_view gateway) {
  const auto address = net::parse_ip(gateway);
  return address && std::ranges::any_of(k_phones, [&](const Range& range) {
           return address->is_near(*net::parse_ip(range.address), range.bits);
         });
}

// Where DHCP clients keep the lease of an interface.
std::vector<std::string> leases_of(const sys::Machine& machine, std::string_view interface) {
  std::vector<std::string> paths{fmt::format("/var/lib/dhcp/dhclient.{}.leases", interface),
                                 fmt::format("/var/lib/dhcpcd/{}.lease", interface),
                                 fmt::format("/var/lib/dhcpcd5/dhcpcd-{}.lease", interface)};
  if (const auto index = machine.read(fmt::format("/sys/class/net/{}/ifindex", interface))) {
    paths.push_back(fmt::format("/run/systemd/netif/leases/{}", trim(*index)));
  }
  return paths;
}

}  // namespace

MeteredEvidence metered_evidence(const sys::Machine& machine, std::string_view interface,
                                 std::string_view gateway) {
  MeteredEvidence evidence{.interface = std::string(interface),
                           .gateway = std::string(gateway),
                           .driver = {},
                           .network_manager = {}};
  if (interface.empty() || interface.find('/') != std::string_view::npos) return evidence;
  const auto link = fmt::format("/sys/class/net/{}/device/driver", interface);
  const auto driver = machine.resolve(link);
  // A link that is not there resolves to itself, somewhere below /sys/devices.
  if (!driver.ends_with("/driver")) evidence.driver = driver.substr(driver.rfind('/') + 1);
  for (const auto& path : leases_of(machine, interface)) {
    const auto lease = machine.read(path);
    if (lease && lease_says_metered(*lease)) evidence.lease_is_metered = true;
  }
  return evidence;
}

Metered metered_of(config::MeteredSetting setting, const MeteredEvidence& evidence) {
  switch (setting) {
    case config::MeteredSetting::yes:
      return Metered::yes;
    case config::MeteredSetting::no:
      return Metered::no;
    case config::MeteredSetting::automatic:
      break;
  }
  if (evidence.interface.empty()) return Metered::unknown;
  // Its guess knows no more than ours: a lease, and what ModemManager says.
  const auto told = evidence.network_manager.value_or(Metered::unknown);
  if (told == Metered::yes || told == Metered::no) return told;
  if (evidence.lease_is_metered) return Metered::yes;
  if (told == Metered::guess_yes) return told;
  return guess_metered(evidence);
}

Metered guess_metered(const MeteredEvidence& evidence) {
  if (evidence.interface.empty()) return Metered::unknown;
  const bool is_mobile = is_modem(evidence.interface) || evidence.interface.starts_with("usb") ||
                         evidence.interface.starts_with("bnep") ||
                         std::ranges::find(k_drivers, evidence.driver) != k_drivers.end();
  return is_mobile || is_phone(evidence.gateway) ? Metered::guess_yes : Metered::guess_no;
}

bool is_modem(std::string_view interface) {
  return begins_with_any(interface, std::array<std::string_view, 4>{"wwan", "wwp", "rmnet", "ppp"});
}

bool lease_says_metered(std::string_view lease) {
  // dhclient appends to its file.
  if (const auto newest = lease.rfind("lease {"); newest != std::string_view::npos) {
    lease.remove_prefix(newest);
  }
  const auto text = to_lower(lease);
  // As text, and in hexadecimal, with and without colons.
  return text.find("android_metered") != std::string::npos ||
         text.find("414e44524f49445f4d455445524544") != std::string::npos ||
         text.find("41:4e:44:52:4f:49:44:5f:4d:45:54:45:52:45:44") != std::string::npos;
}

std::optional<Metered> parse_network_manager(std::string_view word) {
  const auto known = value_of<Metered>(trim(word));
  return known == Metered::unknown ? std::nullopt : known;
}

}  // namespace core::netstate
