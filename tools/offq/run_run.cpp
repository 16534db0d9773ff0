// SPDX-License-Identifier: MIT
#include "tools/offq/run_run.hpp"

#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libcore/codec/command_line.hpp"
#include "libcore/queue/blobs.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/enqueue.hpp"
#include "libcore/sys/foreground.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/offline.hpp"
#include "tools/offq/policy_run.hpp"
#include "tools/offq/settings.hpp"
#include "tools/offq/submit.hpp"

namespace offq {
namespace {

namespace queue = core::queue;

// What a command needs to find its way; credentials are not among them.
constexpr std::array k_variables{"HOME",    "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME",
                                 "LOGNAME", "PATH", "SHELL",  "TMPDIR",   "TZ",          "USER"};
constexpr int k_unavailable = 69;
constexpr int k_not_now = 75;

Result<Job> job_of(Context& context, const RunOptions& options,
                   const core::config::Config& config) {
  Job job;
  TRY_ASSIGN(job.program, core::sys::find_program(options.command.front(), context.environment));
  job.arguments.assign(options.command.begin() + 1, options.command.end());
  TRY_ASSIGN(job.directory, core::sys::current_directory());
  if (options.input == StandardInput::stored) {
    TRY_ASSIGN(job.input, context.in.all(config.queue.max_payload));
  }
  return job;
}

std::vector<std::pair<std::string, std::string>> variables_of(const Context& context,
                                                              const RunOptions& options) {
  std::vector<std::pair<std::string, std::string>> variables;
  const auto add = [&](const std::string& name) {
    const auto value = context.environment.get(name);
    if (value) variables.emplace_back(name, *value);
  };
  for (const auto* name : k_variables)
    add(name);
  for (const auto& name : options.variables)
    add(name);
  return variables;
}

// sysexits.h: it says itself that it could not be done now.
std::optional<std::string> why_not_now(int status) {
  if (status != k_unavailable && status != k_not_now) return std::nullopt;
  return fmt::format("the command ended with {}", status);
}

Result<ExitCode> queue_it(Context& context, const Job& job, const RunOptions& options,
                          const core::config::Config& config, const std::string& why) {
  TRY_ASSIGN(const auto files, queue::open_directory(context.directory, queue::Create::yes,
                                                     context.clock, context.random));
  core::codec::Envelope draft;
  draft.type = core::codec::k_command_type;
  draft.priority = options.priority;
  draft.lane = options.lane.value_or("");
  draft.key = options.key.value_or("");
  TRY_ASSIGN(auto id, queue::queue_id(*files));
  TRY_ASSIGN(draft.command,
             core::codec::format_command({.queue = std::move(id),
                                          .program = job.program,
                                          .arguments = job.arguments,
                                          .directory = job.directory,
                                          .environment = variables_of(context, options),
                                          .timeout = options.timeout}));
  queue::NewBlobs blobs(*files, context.clock, context.random);
  if (job.input && !job.input->empty()) {
    TRY_ASSIGN(draft.blob, blobs.store(*job.input));
  }
  auto entry = queue::Enqueuer(*files, context.clock, context.random, limits_of(config),
                               queue::IfPending::replace)
                   .add(std::move(draft));
  if (!entry) {
    [[maybe_unused]] const auto tidied = blobs.take_back();
    return tl::unexpected<core::Error>(std::move(entry).error());
  }
  context.say(fmt::format("offline: {}: queued as {}", why, entry->id.text()));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_run(Context& context, const RunOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(const auto job, job_of(context, options, config));
  return run_by_policy(context, {.job = job,
                                 .options = options.offline,
                                 .output_key = options.key,
                                 .offline = why_offline(context),
                                 .could_not = why_not_now,
                                 .queue_it = [&](const std::string& why) {
                                   return queue_it(context, job, options, config, why);
                                 }});
}

}  // namespace offq
