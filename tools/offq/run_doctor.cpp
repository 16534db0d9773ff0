// SPDX-License-Identifier: MIT
#include "tools/offq/run_doctor.hpp"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/queue/doctor.hpp"
#include "libcore/sys/machine.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/settings.hpp"

namespace offq {
namespace {

using core::cli::Record;
using core::cli::Style;
using core::queue::Check;
using core::queue::Diagnosis;
using core::queue::Level;

constexpr std::size_t k_longest_text = 1000;

Style style_of(Level level) {
  switch (level) {
    case Level::ok:
      return Style::green;
    case Level::warn:
      return Style::yellow;
    case Level::fail:
      return Style::red;
  }
  return Style::plain;
}

void print_text(Context& context, const Diagnosis& diagnosis) {
  for (const auto& check : diagnosis.checks) {
    context.out.write(
        core::cli::styled(fmt::format("{:<5}", core::name_of(check.level)), style_of(check.level),
                          context.out_color) +
        fmt::format("{:<11} {}\n", check.name, core::printable(check.text, k_longest_text)));
    if (!check.hint.empty()) context.out.write(fmt::format("{:<17}-> {}\n", "", check.hint));
  }
  context.out.write(core::queue::sentence(diagnosis.promise) + "\n");
}

Record record_of(const Check& check) {
  Record record;
  record.add("name", check.name).add("level", core::name_of(check.level));
  record.add("text", check.text);
  if (!check.hint.empty()) record.add("hint", check.hint);
  return record;
}

void print_json(Context& context, const Diagnosis& diagnosis) {
  std::string checks;
  for (const auto& check : diagnosis.checks)
    checks += (checks.empty() ? "" : ",") + record_of(check).json();
  Record record;
  record.add("directory", diagnosis.directory);
  record.add("exists", core::cli::Value{diagnosis.exists});
  record.add("filesystem", diagnosis.promise.filesystem);
  record.add("survives", core::name_of(diagnosis.promise.survives));
  record.add("promise", core::queue::sentence(diagnosis.promise));
  record.add("level", core::name_of(diagnosis.worst()));
  if (diagnosis.sync_times) {
    const auto& times = *diagnosis.sync_times;
    Record fsync;
    fsync.add("file_median_us", times.file_median.count());
    fsync.add("file_worst_us", times.file_worst.count());
    fsync.add("name_median_us", times.name_median.count());
    fsync.add("name_worst_us", times.name_worst.count()).add("rounds", times.rounds);
    record.add("fsync", core::cli::Value{core::cli::RawJson{fsync.json()}});
  }
  record.add("checks", core::cli::Value{core::cli::RawJson{"[" + checks + "]"}});
  context.out.write(record.json() + "\n");
}

ExitCode code_of(const Diagnosis& diagnosis) {
  for (const auto& check : diagnosis.checks) {
    if (check.level == Level::fail) return core::cli::exit_code(check.cause);
  }
  return diagnosis.worst() == Level::ok ? ExitCode::ok : ExitCode::no;
}

}  // namespace

Result<ExitCode> run_doctor(Context& context, const DoctorOptions& options) {
  if (context.directory.empty()) {
    return fail(Errc::config, "HOME is not set: name a directory with --dir");
  }
  Check config{.name = "config", .text = "valid", .hint = {}};
  core::queue::Limits limits;
  if (const auto settings = load_settings(context)) {
    limits = {.max_size = settings->queue.max_size, .max_ops = settings->queue.max_ops};
  } else {
    config.level = Level::fail;
    config.text = settings.error().message;
    config.hint = "`offq config` shows where a value comes from";
    config.cause = settings.error().code;
  }
  const core::sys::RealMachine machine;
  auto diagnosis = core::queue::examine(
      context.directory, {.machine = machine, .clock = context.clock, .limits = limits});
  diagnosis.checks.push_back(std::move(config));
  if (options.format == Format::json) {
    print_json(context, diagnosis);
  } else {
    print_text(context, diagnosis);
  }
  return code_of(diagnosis);
}

}  // namespace offq
