// SPDX-License-Identifier: MIT
#include "tools/offq/watcher.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>

#include "libcore/config/load.hpp"
#include "libcore/delivery/next_wake.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/usage.hpp"
#include "libcore/sys/stream.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/settings.hpp"

namespace offq {

namespace queue = core::queue;
namespace delivery = core::delivery;
using namespace std::chrono_literals;

namespace {

// Another process has the lock: its end is told, where the kernel tells of anything, a moment
// before it lets go.
constexpr core::Duration k_first_lock_pause = 10ms;
constexpr core::Duration k_longest_lock_pause = 30s;
// It stands still meanwhile, and a signal is to end it within a second.
constexpr std::chrono::milliseconds k_patience_for_index = 500ms;
// In a run looking takes at most a tenth of the time, and the files of a burst come together.
constexpr core::Duration k_least_between_looks = 2ms;
constexpr int k_share_of_looks = 10;
constexpr core::Duration k_first_trouble = 1s;
// Who removes a queue removes its parts one by one: what is lost is made again only after that.
constexpr core::Duration k_time_to_go = 100ms;
// How long a run goes on before it asks what lies ahead.
constexpr core::Duration k_before_plan = 50ms;

bool is_final(Errc code) {
  return code == Errc::interrupted || code == Errc::terminated || code == Errc::not_found ||
         code == Errc::denied;
}

queue::Instant instant_of(const core::sys::Clock& clock, const core::config::Config& config) {
  return {.wall = clock.now(), .since_boot = clock.since_boot(), .retry_cap = config.retry.cap};
}

}  // namespace

Result<std::unique_ptr<Watcher>> Watcher::over(Context& context, queue::Store& store,
                                               core::config::Config config, Options options,
                                               Format format) {
  // So that it can be watched before netwatch runs for the first time.
  TRY(store.files().make_directory(queue::path::k_netwatch));
  TRY_ASSIGN(auto set, core::sys::PollSet::create());
  TRY_ASSIGN(auto timer, core::sys::WallTimer::create());
  TRY_ASSIGN(auto hangups, core::sys::Hangups::open());
  TRY_ASSIGN(auto watch, queue::Watch::on(store.files().root(),
                                          core::config::config_files(settings_sources(context))));
  for (const int fd : {timer.fd(), hangups.fd(), watch.fd()})
    TRY(set.add(fd));
  if (format == Format::json) TRY(set.add_reader_of(context.out.fd()));
  return std::unique_ptr<Watcher>(new Watcher(context, store, std::move(config), std::move(options),
                                              format,
                                              {.set = std::move(set),
                                               .timer = std::move(timer),
                                               .hangups = std::move(hangups),
                                               .queue = std::move(watch)}));
}

Watcher::Watcher(Context& context, queue::Store& store, core::config::Config config,
                 Options options, Format format, Wakes wakes)
    : context_(context),
      store_(store),
      config_(std::move(config)),
      options_(std::move(options)),
      must_have_reader_(format == Format::json),
      wakes_(std::move(wakes)),
      session_(DeliverySession::at_rest(context, store, config_, wakes_.set)),
      report_(context, format) {}

Result<> Watcher::run() {
  report_.begins();
  while (true) {
    auto done = step();
    // There is nothing to watch for.
    const bool is_over = done && is_unread();
    if (done && !is_over && !has_more_to_do()) done = rest();
    if (!done) done = recover_from(std::move(done).error());
    if (done && !is_over) continue;
    session_.end_hooks();
    report_.ends();
    return done;
  }
}

Result<> Watcher::step() {
  TRY(core::sys::check_interruption());
  if (auto* hooks = session_.hooks()) hooks->tend();
  TRY(look());
  if (must_reload_) reload();
  if (is_due_ && config_.sync.enabled) TRY(deliver());
  // Hooks run under the lock: so no two processes ever run some for one operation.
  if (!session_.has_hooks_running()) session_.unlock();
  TRY(report_.flush());
  troubles_ = 0;
  // What we opened and closed ourselves, the lock and state.db, was told as well, and would wake
  // us.
  return drain();
}

// A full disk, an index that somebody else holds for long: told, and tried again after a while.
Result<> Watcher::recover_from(core::Error error) {
  if (!session_.has_hooks_running()) session_.unlock();
  if (is_final(error.code)) return tl::unexpected<core::Error>(std::move(error));
  report_.warning(error.message + ": trying again");
  if (error.code == Errc::corrupt) index_needs_ = Mend::rebuild;
  next_full_look_ = {};
  const auto pause = k_first_trouble * (1 << std::min(troubles_++, 5));
  TRY(core::sys::wait_for(-1, 0, std::min<core::Duration>(pause, config_.sync.interval)));
  return {};
}

Result<> Watcher::drain() {
  TRY_ASSIGN(auto more, wakes_.queue.take());
  tell_if_blind();
  if (more.index_is_gone && index_needs_ == Mend::nothing) index_needs_ = Mend::reopen;
  if (more.lock) lock_pause_ = k_first_lock_pause;
  must_reload_ |= more.settings;
  is_due_ |= more.network;
  may_be_going_ |= more.index_is_gone || more.anything;
  changes_.add(std::move(more));
  if (wakes_.hangups.take()) must_reload_ = true;
  if (must_have_reader_) {
    has_no_reader_ |= core::sys::reader_of(context_.out.fd()) == core::sys::Reader::gone;
  }
  // An operation's time, the end of a hold; after a step of the clock anything may be due.
  if (wakes_.timer.take() != core::sys::WallTimer::Rang::no) is_due_ = true;
  return {};
}

Result<> Watcher::look() {
  TRY(drain());
  TRY(require_queue());
  if (index_needs_ != Mend::nothing) TRY(mend_index());
  if (context_.clock.since_boot() >= next_full_look_) {
    TRY(leave_memory_index());
    changes_.anything = true;
  }
  // A folder that was missing is made by the first look, and watched from the second.
  for (int i = 0; i < 2 && changes_.anything; ++i) {
    TRY(look_at_everything());
    TRY(drain());
  }
  return take_in_names();
}

Result<> Watcher::require_queue() {
  if (std::exchange(may_be_going_, false)) TRY(core::sys::wait_for(-1, 0, k_time_to_go));
  TRY_ASSIGN(const auto description, store_.files().status(queue::path::k_description));
  if (description) return {};
  return core::fail(Errc::not_found, "queue: " + store_.files().root() + ": " +
                                         queue::path::k_description + " is gone");
}

void Watcher::tell_if_blind() {
  const bool is_blind = wakes_.queue.is_blind();
  if (is_blind && !was_blind_) {
    report_.warning(
        "the kernel watches no more directories (fs.inotify.max_user_watches): looking "
        "at the queue every " +
        core::format_duration(config_.sync.interval));
  }
  was_blind_ = is_blind;
}

// It is needed until it has been done: what fails here is tried again.
Result<> Watcher::mend_index() {
  const bool was_in_memory = store_.has_index_in_memory();
  TRY(index_needs_ == Mend::rebuild ? store_.rebuild_index()
                                    : store_.reopen_index(k_patience_for_index));
  index_needs_ = Mend::nothing;
  if (!store_.notice().empty() && !was_in_memory) report_.warning(store_.notice());
  tell_recovered(context_, store_.recovered());
  is_due_ = true;
  return {};
}

Result<> Watcher::leave_memory_index() {
  if (!store_.has_index_in_memory()) return {};
  TRY_ASSIGN(const bool is_of_use, store_.leave_memory_index(k_patience_for_index));
  if (!is_of_use) return {};
  report_.say("the index can be used again");
  tell_recovered(context_, store_.recovered());
  return {};
}

Result<> Watcher::look_at_everything() {
  TRY(require_queue());
  changes_ = {};
  TRY(store_.refresh());
  tell_recovered(context_, store_.recovered());
  next_full_look_ = context_.clock.since_boot() + config_.sync.interval;
  is_due_ = true;
  return {};
}

Result<> Watcher::take_in_names() {
  const bool is_any = changes_.elsewhere || !changes_.pending.empty();
  if (!changes_.pending.empty()) {
    const std::vector<std::string> names(changes_.pending.begin(), changes_.pending.end());
    TRY_ASSIGN(const bool is_news, store_.take_in(names));
    tell_recovered(context_, store_.recovered());
    is_due_ |= is_news;
  }
  if (is_any) {
    // What others retry, cancel or delete they tell the index themselves, in a transaction that may
    // not have ended yet when the kernel tells of the move.
    TRY_ASSIGN(auto turn, store_.index().begin());
    TRY(turn.commit());
    TRY_ASSIGN(const auto version, store_.index().version_by_others());
    is_due_ |= std::exchange(index_version_, version) != version;
  }
  changes_ = {};
  return {};
}

void Watcher::reload() {
  must_reload_ = false;
  // For them a run may have ended early.
  is_due_ = true;
  auto config = load_settings(context_);
  if (!config) {
    report_.warning(config.error().message + ": going on with the settings before");
    has_broken_settings_ = true;
    return;
  }
  config_ = *std::move(config);
  session_.forget_withheld();
  warn_of_insecure_endpoints(context_, config_);
  if (!config_.sync.enabled) report_.warning("sync is switched off (sync.enabled: false)");
  if (std::exchange(has_broken_settings_, false)) {
    report_.say("the settings are in order again");
  } else {
    context_.note("the settings have been read again");
  }
}

Result<bool> Watcher::take_lock() {
  // To close the lock's file, as after an attempt in vain, would wake ourselves.
  if (waits_for_lock_) {
    TRY_ASSIGN(const bool is_taken, store_.files().is_being_written(queue::path::k_lock));
    if (is_taken) return false;
  }
  auto locked = session_.lock();
  const bool must_wait = !locked && locked.error().code == Errc::later;
  if (must_wait && !waits_for_lock_) {
    lock_pause_ = k_first_lock_pause;
    context_.note("another sync is running: waiting until it ends");
  }
  waits_for_lock_ = must_wait;
  if (must_wait) return false;
  TRY(locked);
  return true;
}

Result<> Watcher::deliver() {
  TRY_ASSIGN(const bool is_our_turn, take_lock());
  if (!is_our_turn) return {};
  is_due_ = false;
  must_plan_ = true;
  next_plan_ = context_.clock.since_boot() + k_before_plan;
  delivery::Observer observer;
  observer.on_report = [this](const delivery::Report& report) {
    must_plan_ |= report.outcome != delivery::Report::Outcome::delivered;
    report_.outcome(report);
  };
  observer.on_progress = [this](const delivery::Summary& so_far) { report_.progress(so_far); };
  observer.on_warning = [this](const std::string& message) { report_.warning(message); };
  observer.on_settled = [this](std::span<const queue::Settlement> group) { count_out(group); };
  observer.look_again = [this] { return look_again(); };
  observer.should_stop = [this] { return is_unread(); };
  observer.may_start = [this] { return !has_to_prepare(); };
  TRY_ASSIGN(auto options, options_(config_));
  TRY_ASSIGN(const auto summary, session_.deliver(std::move(options), std::move(observer)));
  holds_.clear();
  for (const auto& held : summary.holds)
    holds_.push_back(held.hold);
  report_.run_ended(summary);
  return core::sys::check_interruption();
}

// Other commands count what is pending when they open the queue; here that may be a minute away.
void Watcher::count_out(std::span<const queue::Settlement> group) {
  const auto moved = queue::moved_by(group);
  const auto counted = queue::count_moves(store_.files(), moved.out, moved.back);
  if (!counted) report_.warning(counted.error().message);
}

// A signal ends the look, and then the run in its own way, which says what it has done.
Result<bool> Watcher::look_again() {
  auto is_news = look_in_run();
  if (!is_news && core::sys::interruption()) return false;
  return is_news;
}

// New settings, or another index, need the run to end first: then nothing new is begun.
Result<bool> Watcher::look_in_run() {
  // Most runs are over before that.
  if (must_plan_ && context_.clock.since_boot() >= next_plan_) {
    must_plan_ = false;
    auto holds = session_.holds();
    // What has ended is being probed.
    std::erase_if(holds,
                  [now = context_.clock.now()](const auto& hold) { return hold.until <= now; });
    TRY_ASSIGN(const auto wake, next_wake(std::move(holds)));
    TRY(wakes_.timer.set(wake));
  }
  if (wakes_.set.is_ready()) TRY(drain());
  if (has_to_prepare()) return false;
  const bool is_any =
      is_due_ || changes_.anything || changes_.elsewhere || !changes_.pending.empty();
  if (!is_any) return false;
  const auto begin = context_.clock.since_boot();
  if (begin < next_look_) {
    TRY(wakes_.timer.set(context_.clock.now() + (next_look_ - begin)));
    return false;
  }
  if (changes_.anything) TRY(look_at_everything());
  TRY(take_in_names());
  const auto end = context_.clock.since_boot();
  next_look_ = end + std::max(k_least_between_looks, (k_share_of_looks - 1) * (end - begin));
  must_plan_ = true;
  return std::exchange(is_due_, false);
}

// Seen in a run, after it could do something about it: nobody would wake us for it again.
bool Watcher::has_more_to_do() const {
  const bool may_deliver = config_.sync.enabled && !waits_for_lock_;
  const bool is_any = changes_.anything || changes_.elsewhere || !changes_.pending.empty();
  return has_to_prepare() || is_any || (is_due_ && may_deliver);
}

Result<> Watcher::rest() {
  TRY_ASSIGN(auto wake, next_wake(holds_));
  if (waits_for_lock_) {
    wake = std::min(wake, context_.clock.now() + lock_pause_);
    lock_pause_ = std::min(2 * lock_pause_, k_longest_lock_pause);
  }
  TRY(wakes_.timer.set(wake));
  TRY_ASSIGN(const auto usage, queue::load_usage(store_.files()));
  report_.at_rest(usage ? usage->ops : 0);
  TRY(core::sys::wait_for(wakes_.set.fd(), POLLIN, std::nullopt));
  return {};
}

Result<core::Time> Watcher::next_wake(std::vector<delivery::Hold> holds) {
  const auto now = instant_of(context_.clock, config_);
  delivery::Ahead ahead{
      .due = {}, .expiry = {}, .holds = std::move(holds), .network = session_.network_ends()};
  TRY_ASSIGN(ahead.due, store_.index().next_due_time(now));
  TRY_ASSIGN(ahead.expiry, store_.index().next_expiry_time(now));
  auto wake = delivery::next_wake(ahead, now.wall, config_.sync.interval);
  const auto hook = session_.has_hooks_running() ? session_.hooks()->deadline() : std::nullopt;
  if (hook) wake = std::min(wake, now.wall + (*hook - now.since_boot));
  return wake;
}

}  // namespace offq
