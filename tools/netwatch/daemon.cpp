// SPDX-License-Identifier: MIT
#include "tools/netwatch/daemon.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <poll.h>

#include "libcore/base/text.hpp"
#include "libcore/config/load.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/finding.hpp"
#include "tools/netwatch/metering.hpp"
#include "tools/netwatch/place.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
namespace path = core::queue::path;
using core::Duration;
using core::Result;
using namespace std::chrono_literals;

// Later than that after the time that was asked for, the machine or this process stood still.
constexpr Duration k_overslept = 2s;
constexpr core::ByteCount k_line_limit{4096};
constexpr core::ByteCount k_reports_limit{65'536};

Duration watchdog_of(const core::sys::Environment& environment) {
  const auto text = environment.value_or_nothing("WATCHDOG_USEC");
  const auto period = text ? core::parse_unsigned(*text) : std::nullopt;
  return period ? Duration{static_cast<std::int64_t>(*period / 2)} : Duration{};
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::create(core::cli::Context& context, core::sys::Files& files,
                                               core::config::Config config) {
  TRY_ASSIGN(auto set, core::sys::PollSet::create());
  TRY_ASSIGN(auto timer, core::sys::WallTimer::create());
  TRY_ASSIGN(auto hangups, core::sys::Hangups::open());
  TRY_ASSIGN(auto news, netstate::News::of(files.root(),
                                           core::config::config_files(settings_sources(context))));
  for (const int fd : {timer.fd(), hangups.fd(), news.fd()}) {
    if (fd >= 0) TRY(set.add(fd));
  }
  std::unique_ptr<Daemon> daemon(new Daemon(context, files, std::move(config),
                                            {.set = std::move(set),
                                             .timer = std::move(timer),
                                             .hangups = std::move(hangups),
                                             .news = std::move(news)}));
  TRY(daemon->look_out());
  resume(daemon->lookout_->observer().monitor(), files, context.clock, 0);
  return daemon;
}

Daemon::Daemon(core::cli::Context& context, core::sys::Files& files, core::config::Config config,
               Wakes wakes)
    : context_(context),
      files_(files),
      config_(std::move(config)),
      wakes_(std::move(wakes)),
      supervisor_(context.environment),
      hooks_({.files = files,
              .children = children_,
              .wakes = wakes_.set,
              .clock = context.clock,
              .warn = [&context](const std::string& text) { context.warn(text); },
              .pass_on = [&context](const std::string& text) { context.err.write(text); }}),
      metering_(context, children_, &wakes_.set),
      watchdog_(watchdog_of(context.environment)) {
  read_override();
  // What was reported before is about another time.
  if (const auto text = core::sys::read_file(files, path::k_netwatch_reports, k_reports_limit);
      text && *text) {
    reports_ = netstate::parse_reports(**text);
  }
}

// With the settings as they are now.
Result<> Daemon::look_out() {
  TRY_ASSIGN(auto observation, observation_of(config_.network));
  TRY_ASSIGN(auto lookout, Lookout::create(context_, children_, std::move(observation)));
  if (lookout_ && lookout_->monitor().verdict()) {
    const auto& before = lookout_->monitor();
    lookout->observer().monitor().resume(*before.verdict(), before.since(), before.rounds());
  }
  is_line_kept_ = line_.has_value();
  if (lookout_) wakes_.set.remove(lookout_->observer().fd());
  TRY(wakes_.set.add(lookout->observer().fd()));
  lookout_ = std::move(lookout);
  return {};
}

Result<> Daemon::run() {
  while (true) {
    auto done = step();
    if (done) done = rest();
    if (done) continue;
    supervisor_.tell("STOPPING=1");
    end_hooks();
    return done;
  }
}

Result<> Daemon::step() {
  TRY(core::sys::check_interruption());
  TRY(drain());
  if (must_reload_) reload();
  auto& observer = lookout_->observer();
  observer.advance();
  const auto& monitor = observer.monitor();
  // What other settings find is not known before they were used: what was found stays.
  is_line_kept_ &= monitor.is_deciding();
  if (monitor.verdict() && !is_line_kept_) {
    metered_ = metering_.of(config_.network, observer.monitor());
    observer.monitor().set_bytes(bytes_of(metered_));
    if (must_publish()) {
      publish();
      // Else one's own line would wake one.
      TRY(take_news());
    }
  }
  tell_hooks();
  tell_supervisor();
  return {};
}

Result<> Daemon::drain() {
  const bool was_set = wakes_.timer.take() == core::sys::WallTimer::Rang::clock_was_set;
  const Duration now = context_.clock.since_boot();
  const bool has_overslept = rests_until_ && now - *rests_until_ > k_overslept;
  if (was_set || has_overslept) lookout_->observer().awake();
  if (wakes_.hangups.take()) must_reload_ = true;
  if (override_ && override_->until && *override_->until <= context_.clock.now()) read_override();
  return take_news();
}

Result<> Daemon::take_news() {
  TRY_ASSIGN(const auto changes, wakes_.news.take());
  if (changes.is_gone) return core::fail(core::Errc::not_found, "daemon: the queue is gone");
  must_reload_ |= changes.settings;
  if (changes.mode) read_override();
  if (changes.reports) see_reports();
  if (changes.ask) look_for_whoever_asks();
  if (changes.line && line_) {
    // A check that had begun before this daemon may end after it has.
    const auto text = core::sys::read_file(files_, path::k_network, k_line_limit);
    is_line_foreign_ = text && (!*text || **text != netstate::format_published(*line_));
  }
  if (changes.released) hooks_.tend();
  return {};
}

void Daemon::see_reports() {
  const auto text = core::sys::read_file(files_, path::k_netwatch_reports, k_reports_limit);
  if (!text || !*text) return;
  const auto reports = netstate::parse_reports(**text);
  const auto before = std::exchange(reports_, reports);
  const Duration now = context_.clock.since_boot();
  const auto see = [&](const std::optional<netstate::Sighting>& seen, bool is_delivered) {
    if (!seen) return;
    lookout_->observer().monitor().see_sibling(
        {.at = seen->at, .is_delivered = is_delivered, .destination = seen->destination}, now);
  };
  if (reports.delivered != before.delivered) see(reports.delivered, true);
  if (reports.failed != before.failed) {
    failure_seen_ = now;
    see(reports.failed, false);
  }
}

// Whoever has reported a failure asks as well: the monitor knows what that is worth.
void Daemon::look_for_whoever_asks() {
  const auto asked = take_question();
  if (!asked) return;
  const Duration now = context_.clock.since_boot();
  auto& monitor = lookout_->observer().monitor();
  is_asked_ = true;
  const Duration age = now - monitor.looked();
  const bool is_early = asked->since && context_.clock.now() - age < *asked->since;
  const bool is_long_ago = asked->is_lately && age >= 1s;
  const bool has_looked = monitor.looked() != Duration{} && !is_early && !is_long_ago;
  const bool is_about_failure = asked->is_lately && failure_seen_ && now - *failure_seen_ < 1s;
  if (!has_looked && !is_about_failure) monitor.look_again(now);
}

// nullopt: it was this daemon that took the one before, and was told of it.
std::optional<netstate::Question> Daemon::take_question() {
  const auto text = core::sys::read_file(files_, path::k_netwatch_ask, k_line_limit);
  if (text && (!*text || (*text)->empty())) return std::nullopt;
  const auto question = netstate::take_question(files_);
  if (question) return *question;
  warn_once(question.error().message);
  return netstate::Question{.since = {}, .is_lately = true};
}

void Daemon::reload() {
  must_reload_ = false;
  auto config = load_settings(context_);
  if (!config) {
    context_.warn(config.error().message + ": going on with the settings before");
    return;
  }
  auto before = std::exchange(config_, *std::move(config));
  if (const auto done = look_out(); !done) {
    config_ = std::move(before);
    context_.warn(done.error().message + ": going on with the settings before");
    return;
  }
  context_.note("the settings have been read again");
}

void Daemon::read_override() {
  auto set = netstate::read_override(files_, context_.clock);
  if (!set) return warn_once(set.error().message);
  override_ = *std::move(set);
}

Duration Daemon::next() const {
  const Duration now = context_.clock.since_boot();
  Duration next = lookout_->observer().next();
  const auto consider = [&next](Duration moment) { next = std::min(next, moment); };
  if (const auto hook = hooks_.deadline()) consider(*hook);
  if (const auto answer = metering_.deadline()) consider(*answer);
  if (retry_at_ > now) consider(retry_at_);
  if (watchdog_ > Duration{}) consider(watchdog_at_);
  if (override_ && override_->until) consider(now + (*override_->until - context_.clock.now()));
  if (wakes_.news.is_blind()) consider(now + 1s);
  return std::max(next, now);
}

Result<> Daemon::rest() {
  const Duration now = context_.clock.since_boot();
  rests_until_ = next();
  // The timer tells of a clock that was set and of a machine that slept, too.
  TRY(wakes_.timer.set(context_.clock.now() + (*rests_until_ - now)));
  TRY(core::sys::wait_for(wakes_.set.fd(), POLLIN, *rests_until_ - now));
  return {};
}

void Daemon::warn_once(const std::string& message) {
  if (told_.insert(message).second) context_.warn(message);
}

}  // namespace netwatch
