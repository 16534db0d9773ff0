// SPDX-License-Identifier: MIT
#include "tools/netwatch/doctor_checks.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/tool.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/resolv_conf.hpp"
#include "libcore/net/tcp_evidence.hpp"
#include "libcore/netstate/ask_network_manager.hpp"
#include "libcore/netstate/budget.hpp"
#include "libcore/netstate/contacts.hpp"
#include "libcore/netstate/metered.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/calendar.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/machine.hpp"
#include "libcore/sys/process.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

namespace net = core::net;
using core::Check;
using core::Level;
using core::config::Config;
using core::sys::RealFiles;

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

Result<> try_to_write(RealFiles& files) {
  TRY(files.check_private());
  TRY(files.make_directory(path::k_netwatch));
  const auto name = fmt::format("{}/doctor.{}", path::k_netwatch, core::sys::process_id());
  TRY_ASSIGN(const auto fd, files.create(name, "\n"));
  TRY(files.remove(name));
  return {};
}

std::string hint_of(Errc cause) {
  constexpr std::string_view k_elsewhere = "or name another directory: OFFQ_DIR, or -C";
  if (cause == Errc::full) {
    return fmt::format("remove something from the disk or quota (`df` shows it), {}", k_elsewhere);
  }
  if (cause == Errc::denied) {
    return fmt::format(
        "make it your own (`chown`) with mode 700 (`chmod`), on a filesystem that "
        "is not mounted read-only (`mount`), {}",
        k_elsewhere);
  }
  return fmt::format("see what the kernel says of the disk (`dmesg`), {}", k_elsewhere);
}

Check directory_check(const Context& context, const Result<RealFiles>& files) {
  const auto not_written = [](const core::Error& error) -> Check {
    return {.name = "directory",
            .level = Level::fail,
            .text = error.message,
            .hint = hint_of(error.code),
            .cause = error.code};
  };
  if (!files && files.error().code == Errc::not_found) {
    const auto parent = core::sys::find_parent_to_make(context.directory);
    if (!parent) return not_written(parent.error());
    return {.name = "directory", .text = context.directory + ": not there yet: made when needed"};
  }
  auto tried = RealFiles::at(context.directory);
  const auto written = tried ? try_to_write(*tried) : Result<>(tl::unexpected(tried.error()));
  if (!written) return not_written(written.error());
  return {.name = "directory", .text = context.directory + ": can be written"};
}

Check watcher_check(const Context& context, const Result<RealFiles>& files) {
  Check check{.name = "watcher",
              .level = Level::warn,
              .text = "nobody looks at the network: the state is unknown",
              .hint = "run `netwatch daemon`, or `netwatch check` from cron"};
  if (!files) return check;
  const auto daemon = files->is_being_written(path::k_netwatch_lock);
  const auto reading = netstate::read_network(*files, context.clock);
  if (!reading) {
    check.text = reading.error().message;
    check.hint =
        "offkit-network(5) says what must stand there; `netwatch mode` and `netwatch "
        "check` write it anew";
    return check;
  }
  const auto state = reading->state();
  if (daemon && *daemon) {
    check.text = fmt::format("netwatch daemon runs; the network is {}",
                             state ? core::name_of(*state) : "unknown");
  } else if (state) {
    check.text = fmt::format(
        "no daemon; somebody has looked: {}, which goes stale {}", core::name_of(*state),
        core::cli::relative_time(reading->line->valid_until, context.clock.now()));
  } else {
    return check;
  }
  check.level = Level::ok;
  check.hint.clear();
  return check;
}

Check hooks_check(const Result<RealFiles>& files) {
  Check check{.name = "hooks", .text = "none"};
  if (!files) return check;
  std::vector<std::string> names;
  const auto listed = files->list(path::k_hooks, [&](const core::sys::DirectoryEntry& entry) {
    if (entry.name.starts_with("on-")) names.emplace_back(entry.name);
  });
  if (!listed) return {.name = "hooks", .level = Level::warn, .text = listed.error().message};
  std::ranges::sort(names);
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
    const auto program = fmt::format("{}/{}/{}", files->root(), path::k_hooks, name);
    if (const auto checked = core::sys::check_own_program(program); !checked) {
      check.level = Level::warn;
      text += " (" + checked.error().message + ")";
    }
  }
  if (!text.empty()) check.text = text;
  return check;
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

Check budget_check(Context& context, const Config& config) {
  Check check{.name = "budget", .text = "no limits"};
  const auto& limits = config.budget;
  if (!limits.daily && !limits.monthly) return check;
  auto opened = RealFiles::at(context.directory);
  if (!opened) {
    check.text = "nothing is spent yet";
    return check;
  }
  const core::sys::LocalCalendar calendar;
  netstate::Budget budget(*opened, context.clock, calendar, context.random, limits);
  const auto network = netstate::network_of(*opened, context.clock, limits);
  const auto account = budget.account();
  if (!account) {
    return {.name = "budget",
            .level = Level::fail,
            .text = account.error().message,
            .cause = account.error().code};
  }
  check.text = network.name + ":";
  for (const auto& window :
       netstate::windows(*account, network.name, limits, budget.today(), context.clock.now())) {
    const auto left = window.left(netstate::Priority::normal);
    check.text += fmt::format("{} {} {} left of {}", check.text.ends_with(':') ? "" : ",",
                              core::name_of(window.limit), core::format_size({left}, {window.size}),
                              core::format_size({window.size}));
    if (left == 0 && network.is_limited) check.level = Level::warn;
  }
  if (check.level == Level::warn) check.hint = "`netwatch budget` shows on what it went";
  for (const auto& remark : budget.remarks()) {
    check.level = Level::warn;
    check.text = remark;
    check.hint = "whoever spends next mends it, and keeps it as netwatch/budget.damaged";
  }
  return check;
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
  const auto files = RealFiles::at(context.directory);
  Way way;
  std::vector<Check> checks;
  checks.push_back(contacts_check(config, asked));
  checks.push_back(links_check(snapshot, way));
  checks.push_back(passive_check(config, snapshot));
  checks.push_back(resolvers_check());
  checks.push_back(clock_check(context));
  checks.push_back(metered_check(context, config, way));
  checks.push_back(helper_check(context, config));
  checks.push_back(directory_check(context, files));
  checks.push_back(watcher_check(context, files));
  checks.push_back(hooks_check(files));
  checks.push_back(budget_check(context, config));
  return checks;
}

std::string sentence_of(const core::config::NetworkConfig& network, Asked asked) {
  if (asked == Asked::unknown) return "The configuration does not say who is contacted.";
  const auto contacts = netstate::contacts_of(network);
  if (contacts.who.empty()) return "Nobody outside is contacted.";
  const auto count = contacts.who.size();
  return fmt::format("{} outside {} contacted: at most {} a month, {} where bytes cost money.",
                     count == 1 ? "One endpoint" : fmt::format("{} endpoints", count),
                     count == 1 ? "is" : "are", core::format_size({contacts.bytes}),
                     core::format_size({contacts.bytes_metered}));
}

}  // namespace netwatch
