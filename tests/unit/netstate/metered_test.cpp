// SPDX-License-Identifier: MIT
#include "libcore/netstate/metered.hpp"

#include <doctest/doctest.h>

#include "tests/fakes/fake_machine.hpp"

namespace netstate = core::netstate;
using core::config::MeteredSetting;
using netstate::Metered;
using netstate::MeteredEvidence;

TEST_CASE("a guess sees modems, phones and the addresses that phones give out") {
  struct Row {
    const char* interface;
    const char* gateway;
    const char* driver;
    Metered guess;
  };
  for (const auto& row :
       {Row{"wwan0", "", "", Metered::guess_yes},
        Row{"wwp0s20u4i6", "10.1.2.3", "", Metered::guess_yes},
        Row{"ppp0", "", "", Metered::guess_yes}, Row{"usb0", "", "", Metered::guess_yes},
        Row{"bnep0", "", "", Metered::guess_yes},
        Row{"enp0s20u1", "192.168.1.1", "rndis_host", Metered::guess_yes},
        Row{"enp0s20u1", "192.168.1.1", "ipheth", Metered::guess_yes},
        Row{"enp0s20u1", "192.168.1.1", "cdc_ether", Metered::guess_no},
        Row{"wlan0", "192.168.43.1", "iwlwifi", Metered::guess_yes},
        Row{"wlan0", "192.168.42.129", "", Metered::guess_yes},
        Row{"wlan0", "192.168.49.1", "", Metered::guess_yes},
        Row{"wlan0", "172.20.10.1", "", Metered::guess_yes},
        Row{"wlan0", "172.20.10.17", "", Metered::guess_no},
        Row{"wlan0", "192.168.44.1", "iwlwifi", Metered::guess_no},
        Row{"wlan0", "fe80::1", "", Metered::guess_no},
        Row{"eth0", "", "e1000e", Metered::guess_no}, Row{"", "", "", Metered::unknown}}) {
    CAPTURE(row.interface);
    CAPTURE(row.gateway);
    CHECK(netstate::guess_metered({.interface = row.interface,
                                   .gateway = row.gateway,
                                   .driver = row.driver,
                                   .network_manager = {}}) == row.guess);
  }
}

TEST_CASE("the setting goes first, then NetworkManager, the lease, and a guess") {
  MeteredEvidence phone{
      .interface = "usb0", .gateway = {}, .driver = {}, .network_manager = Metered::no};
  CHECK(netstate::metered_of(MeteredSetting::yes, phone) == Metered::yes);
  CHECK(netstate::metered_of(MeteredSetting::automatic, phone) == Metered::no);
  phone.network_manager = Metered::guess_no;
  CHECK(netstate::metered_of(MeteredSetting::automatic, phone) == Metered::guess_yes);
  CHECK(netstate::metered_of(MeteredSetting::no, phone) == Metered::no);
  phone.lease_is_metered = true;
  CHECK(netstate::metered_of(MeteredSetting::automatic, phone) == Metered::yes);

  const MeteredEvidence told{
      .interface = "eth0", .gateway = {}, .driver = {}, .network_manager = Metered::guess_yes};
  CHECK(netstate::metered_of(MeteredSetting::automatic, told) == Metered::guess_yes);
  CHECK(netstate::metered_of(MeteredSetting::automatic, {}) == Metered::unknown);
}

TEST_CASE("the newest lease of a phone is recognised in every form") {
  CHECK(
      netstate::lease_says_metered("option vendor-encapsulated-options "
                                   "41:4e:44:52:4f:49:44:5f:4d:45:54:45:52:45:44;"));
  CHECK(netstate::lease_says_metered("OPTION_43=414E44524F49445F4D455445524544\n"));
  CHECK(
      netstate::lease_says_metered(std::string("\x2b\x0f"
                                               "ANDROID_METERED\xff\0",
                                               18)));
  CHECK(!netstate::lease_says_metered("lease { \"ANDROID_METERED\" }\nlease { }\n"));
  CHECK(!netstate::lease_says_metered(""));
}

TEST_CASE("driver and lease are found by the name of the interface") {
  fakes::FakeMachine machine("");
  machine.where = "/sys/bus/usb/drivers/ipheth";
  machine.texts["/sys/class/net/usb0/ifindex"] = "7\n";
  machine.texts["/run/systemd/netif/leases/7"] = "VENDOR_SPECIFIC=414e44524f49445f4d455445524544\n";
  CHECK(netstate::metered_evidence(machine, "usb0", "").lease_is_metered);
  CHECK(netstate::metered_evidence(machine, "usb0", "").driver == "ipheth");
  machine.where = "/sys/devices/virtual/net/eth0/device/driver";
  CHECK(netstate::metered_evidence(machine, "eth0", "").driver.empty());
  CHECK(!netstate::metered_evidence(machine, "eth0", "").lease_is_metered);
  CHECK(netstate::metered_evidence(machine, "../x", "").driver.empty());
}

TEST_CASE("what NetworkManager says is one of its words") {
  CHECK(netstate::parse_network_manager("guess-yes\n") == Metered::guess_yes);
  CHECK(netstate::parse_network_manager("unknown\n") == std::nullopt);
  CHECK(netstate::parse_network_manager("") == std::nullopt);
}
