// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_wait.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <poll.h>

#include <fmt/core.h>

#include "libcore/netstate/news.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/lapse.hpp"
#include "tools/netwatch/lookout.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/probe_budget.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Reading;

// Since when what is awaited holds; nullopt: it does not.
std::optional<Time> begin_of(const Reading& reading, Awaited awaited) {
  const auto in_state = [&](netstate::State state) {
    return reading.state() == state ? std::optional(reading.line->since) : std::nullopt;
  };
  switch (awaited) {
    case Awaited::online:
      if (reading.mode() != netstate::Mode::online) return std::nullopt;
      return reading.override_ ? reading.override_->since : reading.line->since;
    case Awaited::connected:
      return in_state(netstate::State::connected);
    case Awaited::limited:
      return in_state(netstate::State::limited);
    case Awaited::disconnected:
      return in_state(netstate::State::disconnected);
    case Awaited::change:
      break;
  }
  return std::nullopt;
}

// How long something holds that is looked at again and again. The wall clock says so as long as
// nobody sets it; what was seen here counts in any case.
class Holding {
 public:
  explicit Holding(const core::sys::Clock& clock) : clock_(clock) {}

  Duration held(Time begin) {
    const Duration now = clock_.since_boot();
    if (begin_ != begin) {
      begin_ = begin;
      seen_ = now;
    }
    return std::max(now - seen_, clock_.now() - begin);
  }
  void ends() { begin_.reset(); }

 private:
  const core::sys::Clock& clock_;
  std::optional<Time> begin_;
  Duration seen_{};
};

class Waiter {
 public:
  Waiter(Context& context, const core::sys::Files& files, netstate::News news,
         const WaitOptions& options)
      : context_(context),
        files_(files),
        news_(std::move(news)),
        options_(options),
        holding_(context.clock) {
    if (options.timeout) deadline_ = context.clock.since_boot() + *options.timeout;
  }

  Result<ExitCode> run() {
    while (true) {
      TRY_ASSIGN(const auto reading, netstate::read_network(files_, context_.clock));
      if (is_over(reading)) return ExitCode::ok;
      if (deadline_ && *deadline_ <= context_.clock.since_boot()) {
        return core::fail(Errc::timeout, "wait: " + what_is(reading));
      }
      TRY(core::sys::wait_for(news_.fd(), POLLIN, longest(reading)));
      TRY_ASSIGN(const auto changes, news_.take());
      if (changes.is_gone) return core::fail(Errc::not_found, "wait: the queue is gone");
    }
  }

 private:
  bool is_over(const Reading& reading) {
    more_.reset();
    const auto awaited = options_.awaited.value_or(Awaited::online);
    if (awaited == Awaited::change) {
      const auto generation = reading.line ? reading.line->generation : 0;
      if (!first_) first_ = generation;
      return *first_ != generation;
    }
    const auto begin = begin_of(reading, awaited);
    if (!begin) {
      holding_.ends();
      return false;
    }
    const Duration held = holding_.held(*begin);
    if (!options_.stable || held >= *options_.stable) return true;
    more_ = *options_.stable - held;
    return false;
  }

  static std::string what_is(const Reading& reading) {
    const auto mode = reading.mode();
    const auto state = reading.state();
    if (!state) return fmt::format("{}", mode ? core::name_of(*mode) : "nobody knows the state");
    return fmt::format("{} ({}), {}", core::name_of(*state), core::name_of(reading.line->reason),
                       mode ? core::name_of(*mode) : "mode unknown");
  }

  // Until something changes that nobody will tell of.
  [[nodiscard]] std::optional<Duration> longest(const Reading& reading) const {
    std::optional<Duration> longest = more_;
    const auto at_most = [&](Duration span) {
      longest = std::min(longest.value_or(span), std::max(span, Duration{0}));
    };
    if (deadline_) at_most(*deadline_ - context_.clock.since_boot());
    if (const auto lapse = next_lapse(reading, context_.clock.now())) at_most(*lapse);
    if (news_.is_blind()) at_most(std::chrono::seconds{1});
    return longest;
  }

  Context& context_;
  const core::sys::Files& files_;
  netstate::News news_;
  const WaitOptions& options_;
  Holding holding_;
  std::optional<Duration> deadline_;
  std::optional<Duration> more_;        // that it must hold
  std::optional<std::uint64_t> first_;  // generation
};

// Looks as a daemon does, without what the machine's own traffic says: that is about others.
Result<ExitCode> wait_for_endpoint(Context& context, core::sys::Files& files,
                                   const WaitOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(auto observation, observation_of(config.network));
  TRY(keep_only(observation, {*options.endpoint}));
  observation.is_passive = false;
  core::sys::SystemChildren children;
  TRY_ASSIGN(const auto lookout, Lookout::create(context, children, std::move(observation)));
  auto& observer = lookout->observer();
  observer.monitor().ask_all();
  ProbeBudget budget(files, context.clock, context.random, config.budget);
  std::optional<Duration> deadline;
  if (options.timeout) deadline = context.clock.since_boot() + *options.timeout;
  while (true) {
    observer.advance();
    if (const auto spent = budget.spend(observer.take_cost()); !spent) {
      context.warn(spent.error().message);
    }
    const auto& verdict = observer.monitor().verdict();
    const Duration now = context.clock.since_boot();
    if (verdict && verdict->state == netstate::State::connected) return ExitCode::ok;
    if (deadline && *deadline <= now) {
      return core::fail(Errc::timeout,
                        verdict ? fmt::format("wait: {} ({})", core::name_of(verdict->state),
                                              core::name_of(verdict->reason))
                                : "wait: nothing is known yet");
    }
    const Duration next = std::min(observer.next(), deadline.value_or(Duration::max()));
    TRY(core::sys::wait_for(observer.fd(), POLLIN, std::max(next - now, Duration{0})));
  }
}

}  // namespace

Result<ExitCode> run_wait(Context& context, const WaitOptions& options) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto files, open_place(context));
  if (options.endpoint) return wait_for_endpoint(context, *files, options);
  TRY_ASSIGN(auto news, netstate::News::of(files->root(), {}));
  return Waiter(context, *files, std::move(news), options).run();
}

}  // namespace netwatch
