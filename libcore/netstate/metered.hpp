// SPDX-License-Identifier: MIT
#pragma once

// Whether bytes cost money on a network: the configuration says so, or NetworkManager, where it
// runs, or the lease, or it is guessed, and then called a guess. Who asks NetworkManager is a
// helper program (libexec/offkit/netwatch-metered), for that needs D-Bus; all else is here, and
// pure but for metered_evidence.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/config/config.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/machine.hpp"

namespace core::netstate {

struct MeteredEvidence {
  std::string interface;                   // of the way out; empty: none
  std::string gateway;                     // empty: none, or not known
  std::string driver;                      // of the interface, as the kernel names it; empty: none
  bool lease_is_metered = false;           // by lease_says_metered
  std::optional<Metered> network_manager;  // absent: nobody has asked, or it does not run
};

// Looks at /sys and at the leases of DHCP clients; network_manager stays absent.
MeteredEvidence metered_evidence(const sys::Machine& machine, std::string_view interface,
                                 std::string_view gateway);

// The first that says something: the setting, NetworkManager, the lease, a guess. unknown only
// where there is no interface.
Metered metered_of(config::MeteredSetting setting, const MeteredEvidence& evidence);

// guess_yes for mobile telephony and for what leads to a phone: by the name of the interface
// (wwan*, rmnet*, ppp*, usb*, bnep*), by its driver (a phone or modem on USB), or by the ranges in
// which phones give out addresses: 192.168.42.0/24, 192.168.43.0/24, 192.168.49.0/24 (Android) and
// 172.20.10.0/28 (iPhone). Else guess_no.
Metered guess_metered(const MeteredEvidence& evidence);

// By name: a modem, whose gateway changes with each connection.
bool is_modem(std::string_view interface);

// What the newest lease of an interface says, in the forms in which dhclient, dhcpcd and
// systemd-networkd keep it: a phone that shares its connection names itself ANDROID_METERED.
bool lease_says_metered(std::string_view lease);

// What the helper program prints, and NMMetered of its D-Bus interface behind it: 1 yes, 2 no,
// 3 guess-yes, 4 guess-no. nullopt: it does not know.
std::optional<Metered> parse_network_manager(std::string_view word);

}  // namespace core::netstate
