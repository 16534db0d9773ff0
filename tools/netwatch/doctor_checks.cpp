// SPDX-License-Identifier: MIT
#include "tools/netwatch/doctor_checks.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/tool.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/resolv_conf.hpp"
#include "libcore/net/tcp_evidence.hpp"
#include "libcore/netstate/ask_network_manager.hpp"
#include "libcore/netstate/contacts.hpp"
#include "libcore/netstate/metered.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/machine.hpp"
#include "tools/netwatch/doctor_directory.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

namespace net = core::net;
using core::Check;
using core::Level;
using core::config::Config;

Check contacts_check(const Config& config, Asked asked) {
  const auto contacts = netstate::contacts_of(config.network);
  Check check{.name = "contacts", .text = "nobody outside: links, addresses and routes must do"};
  if (asked == Asked::unknown) {
    check.level = Level::warn;
    check.text = "cannot be said; a daemon that runs goes on with the settings before";
    return check;
  }
  if (!contacts.who.empty()) {
    check.text.clear();
    for (const auto& contact : contacts.who) {
      check.text += fmt::format("{}{} ({} a month)", check.text.empty() ? "" : ", ",
                                contact.endpoint, core::format_size({contact.bytes}));
    }
  } else if (asked == Asked::no) {
    check.level = Level::warn;
    check.hint = "`netwatch init` suggests whom to ask; `netwatch init --none` leaves it so";
  }
  return check;
}

struct Way {
  std::string interface;
  std::string gateway;
};

Check links_check(const Result<net::LinkSnapshot>& snapshot, Way& way) {
  Check check{.name = "links", .text = {}};
  if (!snapshot) {
    check.level = Level::warn;
    check.text = snapshot.error().message;
    check.hint = "netlink sockets are forbidden here: probes alone must do";
    return check;
  }
  std::string routes;
  for (const auto& route : snapshot->routes) {
    const auto* link = snapshot->link(route.link);
    if (link == nullptr) continue;
    if (way.interface.empty()) way = {.interface = link->name, .gateway = route.gateway};
    routes += fmt::format("{}{} by {}{}{}", routes.empty() ? "" : ", ", core::name_of(route.family),
                          link->name, route.gateway.empty() ? "" : " via ", route.gateway);
  }
  check.text = routes.empty() ? "the kernel tells of links and routes; there is no way out now"
                              : "the kernel tells of links and routes: " + routes;
  return check;
}

Check passive_check(const Config& config, const Result<net::LinkSnapshot>& snapshot) {
  Check check{.name = "traffic", .text = "not looked at (network.passive is false)"};
  if (!config.network.passive) return check;
  if (!snapshot) {
    check.level = Level::warn;
    check.text = "cannot be seen: the kernel tells of no addresses";
    return check;
  }
  const auto evidence = net::read_tcp_evidence(snapshot->addresses);
  if (!evidence) {
    check.level = Level::warn;
    check.text = evidence.error().message;
    check.hint = "the machine's own traffic cannot be seen: there will be more probes";
  } else if (!*evidence) {
    check.text = "can be seen; there is no connection to the outside now";
  } else {
    check.text = fmt::format("can be seen: {} connections, the last sign {} ago",
                             (*evidence)->sockets, core::format_duration((*evidence)->age));
  }
  return check;
}

Check resolvers_check() {
  const auto resolvers = net::load_resolv_conf();
  Check check{.name = "resolvers", .text = {}};
  for (const auto& address : resolvers.addresses)
    check.text += (check.text.empty() ? "" : ", ") + address.text();
  if (!resolvers.remark.empty()) {
    check.level = Level::warn;
    check.text += ": " + resolvers.remark;
    check.hint = "write a line `nameserver ADDRESS` into /etc/resolv.conf";
  }
  return check;
}

Check clock_check(const Context& context) {
  if (context.clock.is_synchronised()) return {.name = "clock", .text = "is synchronised"};
  return {
      .name = "clock",
      .level = Level::warn,
      .text = "the kernel does not know that it is synchronised",
      .hint = "a certificate that is not valid yet may be the clock's fault (reason clock-skew)"};
}

Check metered_check(const Context& context, const Config& config, const Way& way) {
  const core::sys::RealMachine machine;
  auto evidence = netstate::metered_evidence(machine, way.interface, way.gateway);
  std::string said = "NetworkManager is not there";
  if (netstate::has_system_bus(context.environment, machine)) {
    const auto helper = core::cli::helper_path("netwatch-metered", context.environment);
    core::sys::SystemChildren children;
    if (helper) {
      evidence.network_manager =
          netstate::ask_network_manager(children, *helper, way.interface, context.clock);
    }
    if (evidence.network_manager) {
      said = fmt::format("NetworkManager says {}", core::name_of(*evidence.network_manager));
    }
  }
  if (config.network.metered != core::config::MeteredSetting::automatic) {
    said = "network.metered says so";
  } else if (evidence.lease_is_metered) {
    said = "the lease says so";
  }
  return {
      .name = "metered",
      .text = fmt::format(
          "{} ({})", core::name_of(netstate::metered_of(config.network.metered, evidence)), said)};
}

Check helper_check(const Context& context, const Config& config) {
  const auto helper = core::cli::helper_path("netwatch-probe", context.environment);
  const auto checked = helper ? core::sys::check_own_program(*helper) : Result<bool>(false);
  if (checked && *checked) return {.name = "helper", .text = *helper};
  Check check{.name = "helper",
              .level = Level::warn,
              .text = checked ? "netwatch-probe is not installed" : checked.error().message,
              .hint = "the URLs of network.check are not asked without it"};
  if (config.network.check.empty()) {
    check.level = Level::ok;
    check.hint.clear();
  }
  return check;
}

}  // namespace

std::vector<Check> examine(Context& context, const Config& config, Asked asked) {
  const auto links = net::Links::open();
  const auto snapshot =
      links ? links->read() : Result<net::LinkSnapshot>(tl::unexpected(links.error()));
  Way way;
  std::vector<Check> checks;
  checks.push_back(contacts_check(config, asked));
  checks.push_back(links_check(snapshot, way));
  checks.push_back(passive_check(config, snapshot));
  checks.push_back(resolvers_check());
  checks.push_back(clock_check(context));
  checks.push_back(metered_check(context, config, way));
  checks.push_back(helper_check(context, config));
  for (auto& check : examine_directory(context, config))
    checks.push_back(std::move(check));
  return checks;
}

std::string sentence_of(const core::config::NetworkConfig& network, Asked asked) {
  if (asked == Asked::unknown) return "The configuration does not say who is contacted.";
  const auto contacts = netstate::contacts_of(network);
  if (contacts.who.empty()) return "Nobody outside is contacted.";
  const auto count = contacts.who.size();
  // A check of a crontab asks all that it needs to know, also there.
  return fmt::format(
      "{} outside {} contacted: at most {} a month, {} by the daemon where bytes "
      "cost money.",
      count == 1 ? "One endpoint" : fmt::format("{} endpoints", count), count == 1 ? "is" : "are",
      core::format_size({contacts.bytes}), core::format_size({contacts.bytes_metered}));
}

}  // namespace netwatch
