// SPDX-License-Identifier: MIT
#include "tools/offq/policy_run.hpp"

#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/foreground.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/outputs.hpp"

namespace offq {
namespace {

namespace queue = core::queue;

constexpr int k_signals = 128;  // as a shell tells of them

// What its output is kept under: the same command in the same place, unless it has a name.
std::string name_of_output(const PolicyRun& run) {
  const Job& job = run.job;
  std::string text = run.output_key ? "key" : "command";
  const auto add = [&text](std::string_view part) { text.append(1, '\0').append(part); };
  if (run.output_key) {
    add(*run.output_key);
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
};

Result<> print(Context& context, std::string_view bytes) {
  context.out.write(bytes);
  return context.out.flush();
}

Result<Ran> run_now(Context& context, const PolicyRun& run) {
  const Job& job = run.job;
  Ran ran;
  core::sys::Foreground foreground{
      .program = job.program, .arguments = job.arguments, .input = job.input};
  if (run.options.policy == OfflinePolicy::local_fallback) {
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
Result<ExitCode> finish(Context& context, const PolicyRun& run, const Ran& ran) {
  TRY(print(context, ran.held));
  if (run.options.policy == OfflinePolicy::local_fallback && ran.ended.is_success()) {
    keep(context, name_of_output(run), ran);
  }
  return exit_code_of(ran.ended);
}

// `held` is what the command itself has printed, when it was run.
Result<ExitCode> fall_back(Context& context, const PolicyRun& run, const std::string& why,
                           const std::string& held) {
  const auto& options = run.options;
  constexpr core::Duration k_ttl = std::chrono::hours{1};
  if (auto files = core::sys::RealFiles::at(context.directory)) {
    TRY_ASSIGN(const auto kept, Outputs(*files, context.clock)
                                    .find(name_of_output(run), options.cache_ttl.value_or(k_ttl)));
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
                                                             .input = run.job.input}));
  return exit_code_of(ended);
}

}  // namespace

Result<ExitCode> run_by_policy(Context& context, const PolicyRun& run) {
  const auto policy = run.options.policy;
  const bool can_wait = policy == OfflinePolicy::queue || policy == OfflinePolicy::local_fallback;
  auto why = run.offline;
  Ran ran;
  if (!why) {
    TRY_ASSIGN(ran, run_now(context, run));
    if (can_wait && ran.ended.signal == 0) why = run.could_not(ran.ended.status);
    if (!why) return finish(context, run, ran);
  }
  switch (policy) {
    case OfflinePolicy::queue:
      return run.queue_it(*why);
    case OfflinePolicy::skip:
      context.say(fmt::format("offline: {}: skipped", *why));
      return ExitCode::ok;
    case OfflinePolicy::local_fallback:
      return fall_back(context, run, *why, ran.held);
    case OfflinePolicy::fail:
      break;
  }
  return fail(Errc::later, fmt::format("offline: {}: not run", *why));
}

}  // namespace offq
