// SPDX-License-Identifier: MIT
#include "tools/netwatch/doctor_directory.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libcore/netstate/budget.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/calendar.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/process.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using core::Check;
using core::Level;
using core::config::Config;
using core::sys::RealFiles;

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

}  // namespace

std::vector<Check> examine_directory(Context& context, const Config& config) {
  const auto files = RealFiles::at(context.directory);
  std::vector<Check> checks;
  checks.push_back(directory_check(context, files));
  checks.push_back(watcher_check(context, files));
  checks.push_back(hooks_check(files));
  checks.push_back(budget_check(context, config));
  return checks;
}

}  // namespace netwatch
