// SPDX-License-Identifier: MIT
#include "tools/offq/run_doctor.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "libcore/cli/checks.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/queue/doctor.hpp"
#include "libcore/sys/machine.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/settings.hpp"

namespace offq {
namespace {

using core::Check;
using core::Level;
using core::cli::Record;
using core::queue::Diagnosis;

void print_json(Context& context, const Diagnosis& diagnosis) {
  Record record;
  record.add("directory", diagnosis.directory);
  record.add("exists", core::cli::Value{diagnosis.exists});
  record.add("filesystem", diagnosis.promise.filesystem);
  record.add("survives", core::name_of(diagnosis.promise.survives));
  record.add("promise", core::queue::sentence(diagnosis.promise));
  record.add("level", core::name_of(core::worst_of(diagnosis.checks)));
  if (diagnosis.sync_times) {
    const auto& times = *diagnosis.sync_times;
    Record fsync;
    fsync.add("file_median_us", times.file_median.count());
    fsync.add("file_worst_us", times.file_worst.count());
    fsync.add("name_median_us", times.name_median.count());
    fsync.add("name_worst_us", times.name_worst.count()).add("rounds", times.rounds);
    record.add("fsync", core::cli::Value{core::cli::RawJson{fsync.json()}});
  }
  record.add("checks",
             core::cli::Value{core::cli::RawJson{core::cli::checks_json(diagnosis.checks)}});
  context.out.write(record.json() + "\n");
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
    core::cli::print_checks(context, diagnosis.checks);
    const bool fails =
        std::ranges::find(diagnosis.checks, Level::fail, &Check::level) != diagnosis.checks.end();
    if (fails) context.out.write("That has to be mended first. What is promised then:\n");
    context.out.write(core::queue::sentence(diagnosis.promise) + "\n");
  }
  return core::cli::code_of(diagnosis.checks);
}

}  // namespace offq
