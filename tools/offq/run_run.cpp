// SPDX-License-Identifier: MIT
#include "tools/offq/run_run.hpp"

#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/codec/command_line.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/blobs.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/enqueue.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/foreground.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/offline.hpp"
#include "tools/offq/outputs.hpp"
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
constexpr int k_signals = 128;  // as a shell tells of them

struct Job {
  std::string program;
  std::vector<std::string> arguments;
  std::string directory;
  std::optional<std::string> input{};  // --stdin
};

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

// What its output is kept under: the same command in the same place, unless it has a name.
std::string name_of_output(const Job& job, const RunOptions& options) {
  std::string text = options.key ? "key" : "command";
  const auto add = [&text](std::string_view part) { text.append(1, '\0').append(part); };
  if (options.key) {
    add(*options.key);
  } else {
    add(job.directory);
    add(job.program);
    for (const auto& argument : job.arguments)
      add(argument);
    if (job.input) add(*job.input);
  }
  return core::codec::sha256_hex(text);
}

Result<ExitCode> exit_code_of(const core::sys::Ended& ended) {
  return static_cast<ExitCode>(ended.signal != 0 ? k_signals + ended.signal : ended.status);
}

// A command that has ended, and with the policy local-fallback what it has printed: it is held back
// while it is small enough to be kept, so that where a fallback follows, standard output is that of
// one of them and not of both.
struct Ran {
  core::sys::Ended ended{};
  std::string held{};
  bool is_held = true;

  // sysexits.h: it could not be done now.
  [[nodiscard]] bool is_not_now() const {
    return ended.signal == 0 && (ended.status == k_unavailable || ended.status == k_not_now);
  }
};

Result<> print(Context& context, std::string_view bytes) {
  context.out.write(bytes);
  return context.out.flush();
}

Result<Ran> run_now(Context& context, const Job& job, OfflinePolicy policy) {
  Ran ran;
  core::sys::Foreground foreground{
      .program = job.program, .arguments = job.arguments, .input = job.input};
  if (policy == OfflinePolicy::local_fallback) {
    foreground.on_output = [&](std::string_view bytes) -> Result<> {
      ran.is_held &= ran.held.size() + bytes.size() <= Outputs::k_largest.value;
      if (!ran.is_held) {
        TRY(print(context, std::exchange(ran.held, {})));
        return print(context, bytes);
      }
      ran.held.append(bytes);
      return {};
    };
  }
  TRY_ASSIGN(ran.ended, core::sys::run_in_foreground(foreground));
  return ran;
}

// Where that cannot be done, a warning.
void keep(Context& context, const std::string& name, const Ran& ran) {
  const auto kept = [&]() -> Result<> {
    if (!ran.is_held) return fail(Errc::full, "it is too large");
    TRY_ASSIGN(const auto files, queue::open_directory(context.directory, queue::Create::yes,
                                                       context.clock, context.random));
    return Outputs(*files, context.clock).keep(name, ran.held);
  }();
  if (!kept) context.warn("the output is not kept: " + kept.error().message);
}

// Shows what it has printed, and keeps that for those who may want to fall back on it.
Result<ExitCode> finish(Context& context, const Job& job, const RunOptions& options,
                        const Ran& ran) {
  TRY(print(context, ran.held));
  if (options.policy == OfflinePolicy::local_fallback && ran.ended.is_success()) {
    keep(context, name_of_output(job, options), ran);
  }
  return exit_code_of(ran.ended);
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

// `held` is what the command itself has printed, when it was run.
Result<ExitCode> fall_back(Context& context, const Job& job, const RunOptions& options,
                           const std::string& why, const std::string& held) {
  constexpr core::Duration k_ttl = std::chrono::hours{1};
  if (auto files = core::sys::RealFiles::at(context.directory)) {
    TRY_ASSIGN(const auto kept,
               Outputs(*files, context.clock)
                   .find(name_of_output(job, options), options.cache_ttl.value_or(k_ttl)));
    if (kept) {
      context.say(fmt::format("offline: {}: this was printed {}", why,
                              core::cli::relative_time(kept->at, context.clock.now())));
      TRY(print(context, kept->bytes));
      return ExitCode::ok;
    }
  }
  if (!options.fallback) {
    TRY(print(context, held));
    return fail(Errc::later, fmt::format("offline: {}: nothing is kept to fall back on", why));
  }
  context.say(fmt::format("offline: {}: falling back", why));
  TRY_ASSIGN(const auto ended, core::sys::run_in_foreground({.program = "/bin/sh",
                                                             .arguments = {"-c", *options.fallback},
                                                             .input = job.input}));
  return exit_code_of(ended);
}

}  // namespace

Result<ExitCode> run_run(Context& context, const RunOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(const auto job, job_of(context, options, config));
  const bool can_wait =
      options.policy == OfflinePolicy::queue || options.policy == OfflinePolicy::local_fallback;
  auto why = why_offline(context);
  Ran ran;
  if (!why) {
    TRY_ASSIGN(ran, run_now(context, job, options.policy));
    if (!can_wait || !ran.is_not_now()) return finish(context, job, options, ran);
    why = fmt::format("the command ended with {}", ran.ended.status);
  }
  switch (options.policy) {
    case OfflinePolicy::queue:
      return queue_it(context, job, options, config, *why);
    case OfflinePolicy::skip:
      context.say(fmt::format("offline: {}: skipped", *why));
      return ExitCode::ok;
    case OfflinePolicy::local_fallback:
      return fall_back(context, job, options, *why, ran.held);
    case OfflinePolicy::fail:
      break;
  }
  return fail(Errc::later, fmt::format("offline: {}: not run", *why));
}

}  // namespace offq
