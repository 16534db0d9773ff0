// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_hook.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/netstate/hooks.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::HookEvent;
using netstate::HookRun;

constexpr core::ByteCount k_log_limit{4U << 20U};
constexpr std::array k_events{HookEvent::on_online, HookEvent::on_offline, HookEvent::on_change};
constexpr core::Duration k_grace = std::chrono::milliseconds{500};
constexpr core::Duration k_step = std::chrono::milliseconds{20};

// The oldest first. Lines that a crash has left torn are left out, with a warning; of a directory
// that is not there yet there are none.
Result<std::vector<HookRun>> load_log(Context& context, std::optional<HookEvent> event) {
  std::vector<HookRun> runs;
  std::uint64_t unreadable = 0;
  const auto opened = core::sys::RealFiles::at(context.directory);
  if (!opened && opened.error().code == Errc::not_found) return runs;
  if (!opened) return tl::unexpected(opened.error());
  const auto& files = *opened;
  for (const auto* name : {path::k_netwatch_hook_log_old, path::k_netwatch_hook_log}) {
    TRY_ASSIGN(const auto text, core::sys::read_file(files, name, k_log_limit));
    if (!text) continue;
    for (const auto line : core::split(*text, '\n')) {
      if (line.empty()) continue;
      auto run = netstate::parse_hook_run(line);
      if (!run) ++unreadable;
      if (run && (!event || run->event == *event)) runs.push_back(*std::move(run));
    }
  }
  if (unreadable > 0) {
    context.warn(
        fmt::format("hooks: {} line{} cannot be read", unreadable, unreadable == 1 ? "" : "s"));
  }
  return runs;
}

Record record_of(const HookRun& run) {
  Record record;
  record.add("at", core::cli::Value{run.at});
  record.add("event", core::name_of(run.event));
  record.add("generation", run.generation);
  record.add("mode", core::name_of(run.mode));
  record.add("outcome", netstate::outcome_of(run));
  if (!run.message.empty()) return record;
  if (run.ended.signal != 0) record.add("signal", run.ended.signal);
  if (run.ended.signal == 0) record.add("exit", run.ended.status);
  record.add("ms", std::chrono::floor<std::chrono::milliseconds>(run.elapsed).count());
  return record;
}

Result<ExitCode> show_log(Context& context, const HookOptions& options) {
  TRY_ASSIGN(auto runs, load_log(context, options.event));
  const auto limit = static_cast<std::size_t>(options.limit);
  if (limit > 0 && runs.size() > limit) runs.erase(runs.begin(), runs.end() - options.limit);
  core::cli::Table table(
      context,
      {{.field = "at", .header = "WHEN"},
       {.field = "event", .header = "EVENT"},
       {.field = "generation", .header = "GEN", .align = core::cli::Align::right},
       {.field = "mode", .header = "MODE"},
       {.field = "ms", .header = "MS", .align = core::cli::Align::right},
       {.field = "outcome", .header = "OUTCOME"}},
      {.format = options.format});
  for (const auto& run : runs)
    table.add(record_of(run));
  table.finish();
  return ExitCode::ok;
}

Result<ExitCode> list(Context& context, const HookOptions& options) {
  TRY_ASSIGN(const auto runs, load_log(context, options.event));
  core::cli::Table table(context,
                         {{.field = "event", .header = "EVENT"},
                          {.field = "status", .header = "STATUS", .min_width = 60},
                          {.field = "last", .header = "LAST RUN", .yields = 1},
                          {.field = "outcome", .header = "OUTCOME", .yields = 2}},
                         {.format = options.format});
  for (const auto event : k_events) {
    if (options.event && *options.event != event) continue;
    Record record;
    record.add("event", core::name_of(event));
    const auto program = netstate::find_hook(context.directory, event);
    const std::string what = !program ? program.error().message : *program ? "ready" : "none";
    record.add("status", what);
    const auto last = std::ranges::find(runs.rbegin(), runs.rend(), event, &HookRun::event);
    if (last != runs.rend()) {
      record.add("last", core::cli::Value{last->at});
      record.add("outcome", netstate::outcome_of(*last));
    }
    table.add(record);
  }
  table.finish();
  return ExitCode::ok;
}

// Until it has ended; a signal to us ends it as well, and then soon.
Result<HookRun> await(netstate::HookProcess& process, const core::sys::PollSet& wakes,
                      const core::sys::Clock& clock) {
  Result<> signalled;
  core::Duration kill_at{};
  while (true) {
    if (auto run = process.tend()) {
      TRY(signalled);
      return *std::move(run);
    }
    const auto left = process.deadline() - clock.since_boot();
    if (!signalled) {
      (void)wakes.is_ready(k_step);  // what it prints, or its end
      if (clock.since_boot() >= kill_at) process.hurry();
      continue;
    }
    const auto ready = core::sys::wait_for(wakes.fd(), POLLIN, std::max(left, core::Duration{0}));
    if (ready) continue;
    process.hurry();
    kill_at = clock.since_boot() + k_grace;
    signalled = tl::unexpected<core::Error>(ready.error());
  }
}

Result<ExitCode> test(Context& context, core::sys::Files& files, HookEvent event) {
  const std::string name(core::name_of(event));
  TRY_ASSIGN(const auto program, netstate::find_hook(files.root(), event));
  if (!program) {
    return core::fail(Errc::not_found,
                      fmt::format("no such hook: {}/{}/{}", files.root(), path::k_hooks, name));
  }
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(const auto reading, netstate::read_network(files, context.clock));
  netstate::Published line = reading.line.value_or(netstate::Published{});
  if (event == HookEvent::on_online) line.mode = netstate::Mode::online;
  if (event == HookEvent::on_offline) line.mode = netstate::Mode::offline;
  TRY_ASSIGN(const auto turn, files.lock(path::k_netwatch_hook_lock, core::sys::Wait::no));
  if (!turn.is_open()) return core::fail(Errc::later, "another process is running hooks");
  core::sys::SystemChildren children;
  TRY_ASSIGN(auto wakes, core::sys::PollSet::create());
  TRY_ASSIGN(auto process, netstate::HookProcess::start(files, children, wakes, context.clock,
                                                        event, line, config.network.hook_timeout));
  const auto run = await(process, wakes, context.clock);
  context.err.write(process.output());
  TRY(run);
  context.say(fmt::format("hook {}: {} ({})", name, netstate::outcome_of(*run),
                          core::format_duration(run->elapsed)));
  return run->ended.is_success() ? ExitCode::ok : ExitCode::no;
}

}  // namespace

Result<ExitCode> run_hook(Context& context, const HookOptions& options) {
  if (options.action == HookAction::test) {
    core::sys::catch_interruptions();
    TRY_ASSIGN(const auto files, open_place(context));
    return test(context, *files, *options.event);
  }
  return options.action == HookAction::log ? show_log(context, options) : list(context, options);
}

}  // namespace netwatch
