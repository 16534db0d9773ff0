// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_simulate.hpp"

#include <string>

#include <fmt/core.h>

#include "libcore/cli/input.hpp"
#include "libcore/netstate/scenario.hpp"
#include "libcore/netstate/simulation.hpp"
#include "libcore/sys/files.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::SimulatedChange;
using netstate::SimulatedHook;
using netstate::SimulationOutcome;

constexpr core::ByteCount k_limit{8U << 20U};

Result<std::string> read_scenario(Context& context, const std::string& file) {
  if (file == "-") return context.in.all(k_limit);
  TRY_ASSIGN(const auto fd, core::sys::open_input(file));
  if (!fd.is_open()) return core::fail(Errc::not_found, "open " + file + ": no such file");
  return core::cli::FdInput(fd.get(), file).all(k_limit);
}

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

// "1d 02:03:04.5" would be long: hours go on counting.
std::string clock_text(Duration span) {
  const auto tenths = std::chrono::floor<std::chrono::milliseconds>(span).count() / 100;
  return fmt::format("{}:{:02}:{:02}.{}", tenths / 36'000, tenths / 600 % 60, tenths / 10 % 60,
                     tenths % 10);
}

Record record_of(const SimulatedChange& change, Format format) {
  Record record;
  record.add("at_s", Value{seconds_of(change.at)}).add("at", clock_text(change.at));
  record.add("state", core::name_of(change.verdict.state));
  record.add("reason", core::name_of(change.verdict.reason));
  record.add("mode", core::name_of(change.mode));
  if (!change.verdict.interface.empty()) record.add("interface", change.verdict.interface);
  record.add("rounds", change.rounds);
  record.add("bytes", Value{core::ByteCount{change.bytes}});
  if (change.is_flapping) record.add("flapping", Value{true});
  if (format == Format::text) record.add("says", change.is_flapping ? "flapping" : "");
  return record;
}

Record record_of(const SimulatedHook& hook, Format format) {
  Record record;
  record.add("at_s", Value{seconds_of(hook.at)}).add("at", clock_text(hook.at));
  if (format == Format::json) return record.add("hook", core::name_of(hook.state));
  return record.add("state", core::name_of(hook.state)).add("reason", "(hooks are told)");
}

core::cli::Style style_of(const Record& row) {
  const auto* state = std::get_if<std::string>(&row.value("state"));
  if (state == nullptr) return core::cli::Style::plain;
  if (*state == core::name_of(netstate::State::connected)) return core::cli::Style::green;
  return *state == core::name_of(netstate::State::limited) ? core::cli::Style::yellow
                                                           : core::cli::Style::red;
}

// Changes and hooks in the order of time.
template <typename Sink>
void merge(const SimulationOutcome& outcome, Format format, Sink sink) {
  std::size_t told = 0;
  const auto hooks_before = [&](Duration moment) {
    for (; told < outcome.hooks.size() && outcome.hooks[told].at < moment; ++told)
      sink(record_of(outcome.hooks[told], format));
  };
  for (const auto& change : outcome.changes) {
    hooks_before(change.at);
    sink(record_of(change, format));
  }
  hooks_before(Duration::max());
}

double a_day(std::uint64_t bytes, Duration length) {
  const double days = std::chrono::duration<double>(length) / std::chrono::hours{24};
  return days > 0 ? static_cast<double>(bytes) / days : 0;
}

void print_json(Context& context, const netstate::Scenario& scenario,
                const SimulationOutcome& outcome) {
  merge(outcome, Format::json,
        [&](const Record& record) { context.out.write(record.json() + "\n"); });
  Record total;
  total.add("for_s", Value{seconds_of(scenario.length)}).add("rounds", outcome.rounds);
  total.add("wakes", outcome.wakes).add("bytes", Value{core::ByteCount{outcome.bytes}});
  total.add("bytes_a_day", Value{a_day(outcome.bytes, scenario.length)});
  total.add("changes", outcome.changes.size()).add("hooks", outcome.hooks.size());
  context.out.write(total.json() + "\n");
}

void print_text(Context& context, const netstate::Scenario& scenario,
                const SimulationOutcome& outcome) {
  using core::cli::Align;
  core::cli::Table table(
      context,
      {{.field = "at", .header = "AT", .align = Align::right},
       {.field = "state", .header = "STATE", .min_width = 12, .style = style_of},
       {.field = "reason", .header = "REASON", .min_width = 17},
       {.field = "mode", .header = "MODE", .yields = 3},
       {.field = "interface", .header = "INTERFACE", .yields = 1},
       {.field = "rounds", .header = "ROUNDS", .align = Align::right, .yields = 2},
       {.field = "bytes", .header = "SPENT", .align = Align::right}},
      {});
  merge(outcome, Format::text, [&](const Record& record) { table.add(record); });
  table.finish();
  const auto day = static_cast<std::uint64_t>(a_day(outcome.bytes, scenario.length));
  context.out.print("{}: {} rounds of probes, {} ({} a day), {} wakes\n",
                    core::format_duration(scenario.length), outcome.rounds,
                    core::format_size({outcome.bytes}), core::format_size({day}), outcome.wakes);
}

}  // namespace

Result<ExitCode> run_simulate(Context& context, const SimulateOptions& options) {
  TRY_ASSIGN(const auto text, read_scenario(context, options.file));
  TRY_ASSIGN(const auto scenario,
             netstate::parse_scenario(text, options.file == "-" ? "stdin" : options.file));
  const auto outcome = netstate::simulate(scenario, static_cast<std::uint64_t>(options.seed));
  if (options.format == Format::json) {
    print_json(context, scenario, outcome);
  } else {
    print_text(context, scenario, outcome);
  }
  return ExitCode::ok;
}

}  // namespace netwatch
