// SPDX-License-Identifier: MIT
#include "tools/offq/delivery_session.hpp"

#include <algorithm>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include <poll.h>

#include <fmt/core.h>

#include "libcore/config/load.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/secrets.hpp"
#include "libcore/net/curl_http.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/foreground.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/settings.hpp"

namespace offq {

namespace queue = core::queue;
namespace delivery = core::delivery;

namespace {

constexpr std::chrono::milliseconds k_patience{5000};

// flock(2) waits for ever, so it is asked again and again.
Result<core::sys::Fd> wait_for_lock(const Context& context, queue::Store& store,
                                    core::Duration longest) {
  constexpr core::Duration k_ask_again{std::chrono::milliseconds{50}};
  const core::Duration end = context.clock.since_boot() + longest;
  while (true) {
    auto lock = lock_out_syncs(store);
    const core::Duration rest = end - context.clock.since_boot();
    if (lock || lock.error().code != Errc::later || rest <= core::Duration{0}) return lock;
    core::sys::pause(std::min(rest, k_ask_again));
    TRY(core::sys::check_interruption());
  }
}

Result<core::sys::Fd> take_lock(Context& context, queue::Store& store, OnBusy on_busy,
                                std::optional<core::Duration> longest) {
  auto lock = lock_out_syncs(store);
  if (lock || lock.error().code != Errc::later || on_busy == OnBusy::refuse) return lock;
  if (context.verbosity != core::cli::Verbosity::quiet) {
    const auto watcher = watcher_of(store);
    context.err.print("{}: waiting for another sync{}\n", context.program,
                      watcher ? ": " + *watcher : "");
  }
  if (longest) return wait_for_lock(context, store, *longest);
  auto waited = store.files().lock(queue::path::k_lock, core::sys::Wait::yes);
  TRY(core::sys::check_interruption());  // says which signal it was
  return waited;
}

std::string value_of(const Context& context, const char* name) {
  return context.environment.get(name).value_or("");
}

// The variables and the file that curl(1) reads; libcurl itself does not.
core::net::CurlOptions curl_options(const Context& context, int wake_fd) {
  core::net::CurlOptions options;
  options.wake_fd = wake_fd;
  options.ca_file = value_of(context, "CURL_CA_BUNDLE");
  if (options.ca_file.empty()) options.ca_file = value_of(context, "SSL_CERT_FILE");
  options.ca_directory = value_of(context, "SSL_CERT_DIR");
  // libcurl looks at it for each request: not at one that is not there.
  const std::string netrc = value_of(context, "HOME") + "/.netrc";
  std::error_code unreadable;
  if (std::filesystem::exists(netrc, unreadable)) options.netrc_file = netrc;
  return options;
}

delivery::Secrets make_secrets(const Context& context) {
  return {[&context](const std::string& name) { return context.environment.get(name); },
          core::config::read_config_file};
}

// The query that `offq sync` sends by: now, and the order and lanes of the configuration.
queue::DueQuery due_query(const Context& context, const core::config::Config& config) {
  queue::DueQuery query;
  query.now = {.wall = context.clock.now(),
               .since_boot = context.clock.since_boot(),
               .retry_cap = config.retry.cap};
  query.order = {.critical = config.order.critical,
                 .recency = config.order.recency,
                 .small_score = config.order.small_score,
                 .small_under = config.order.small_under.value};
  const bool stops = config.sync.on_head_failure == core::config::OnHeadFailure::stop;
  query.lanes = stops ? queue::LaneHeadFailure::stop : queue::LaneHeadFailure::go_on;
  return query;
}

}  // namespace

void warn_of_insecure_endpoints(Context& context, const core::config::Config& config) {
  for (const auto& [name, endpoint] : config.endpoints) {
    if (endpoint.tls == core::config::TlsCheck::none) {
      context.warn("endpoint '" + name + "': certificates are not checked (insecure: true)");
    }
  }
}

delivery::RunOptions configured_run(const Context& context, const core::config::Config& config) {
  delivery::RunOptions options;
  options.concurrency = config.sync.concurrency;
  options.schedule.query = due_query(context, config);
  options.schedule.page = static_cast<std::uint64_t>(config.sync.batch_size);
  options.schedule.fresh_share = config.order.fresh_share;
  return options;
}

Result<delivery::Breakers> open_breakers(Context& context, queue::Store& store) {
  std::string notice;
  auto breakers = delivery::Breakers::open(store.files().root() + "/" + queue::path::k_state,
                                           k_patience, notice);
  if (!notice.empty()) context.warn(notice);
  return breakers;
}

DeliverySession::DeliverySession(Context& context, queue::Store& store,
                                 const core::config::Config& config, core::sys::PollSet& wakes)
    : context_(&context), store_(&store), config_(&config), wakes_(&wakes) {}

Result<DeliverySession> DeliverySession::open(Context& context, queue::Store& store,
                                              const core::config::Config& config, OnBusy on_busy,
                                              std::optional<core::Duration> longest) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(auto lock, take_lock(context, store, on_busy, longest));
  TRY(core::sys::check_interruption());
  // Whoever held the lock may have settled what our index still calls pending.
  TRY(store.refresh());
  warn_of_insecure_endpoints(context, config);
  TRY_ASSIGN(auto wakes, core::sys::PollSet::create());
  auto own_wakes = std::make_unique<core::sys::PollSet>(std::move(wakes));
  DeliverySession session(context, store, config, *own_wakes);
  session.own_wakes_ = std::move(own_wakes);
  session.lock_ = std::move(lock);
  return session;
}

DeliverySession DeliverySession::at_rest(Context& context, queue::Store& store,
                                         const core::config::Config& config,
                                         core::sys::PollSet& wakes) {
  return {context, store, config, wakes};
}

Result<> DeliverySession::lock() {
  if (lock_.is_open()) return {};
  TRY_ASSIGN(lock_, lock_out_syncs(*store_));
  return {};
}

std::vector<delivery::Hold> DeliverySession::holds() const {
  return breakers_ == nullptr ? std::vector<delivery::Hold>{} : breakers_->all();
}

delivery::PublishedNetwork& DeliverySession::network() {
  if (!network_) {
    network_ = std::make_unique<delivery::PublishedNetwork>(
        store_->files(), context_->clock,
        [context = context_](const std::string& message) { context->warn(message); });
  }
  return *network_;
}

// Settings and the network may have changed; bytes are counted once a second.
void DeliverySession::renew_allowance() {
  constexpr core::Duration k_age = std::chrono::seconds{1};
  const auto now = context_->clock.since_boot();
  if (allowance_ && now - allowance_made_ < k_age) return;
  allowance_.reset();
  allowance_made_ = now;
  allowance_ = std::make_unique<delivery::SharedAllowance>(
      store_->files(), context_->clock, *calendar_, context_->random, config_->budget,
      [context = context_](const std::string& message) { context->warn(message); });
}

std::optional<core::Time> DeliverySession::network_ends() {
  return network().look().changes_at;
}

Result<delivery::Summary> DeliverySession::run(delivery::RunOptions options,
                                               delivery::Observer observer) {
  observer.pause = [](std::chrono::milliseconds longest) { core::sys::pause(longest); };
  auto summary = deliver(std::move(options), std::move(observer));
  finish_hooks();
  // What was settled is read into the index now, so that the next command finds it up to date;
  // when there is no room for that, it reads it itself.
  if (auto read = store_->refresh(); !read && read.error().code != core::Errc::full) {
    return tl::unexpected<core::Error>(std::move(read).error());
  }
  return summary;
}

Result<delivery::Summary> DeliverySession::deliver(delivery::RunOptions options,
                                                   delivery::Observer observer) {
  TRY_ASSIGN(const auto pending, store_->index().count({.states = {queue::State::pending}}));
  if (pending > 0) TRY(queue::require_reserve(store_->files()));
  if (!client_) {
    TRY_ASSIGN(client_, core::net::CurlHttp::create(curl_options(*context_, wakes_->fd())));
  }
  TRY_ASSIGN(auto breakers, open_breakers(*context_, *store_));
  const delivery::Router router(*config_, store_->files());
  const delivery::Secrets secrets = make_secrets(*context_);
  observer.should_stop = [then = std::move(observer.should_stop)] {
    return core::sys::interruption().has_value() || (then && then());
  };
  if (!observer.on_warning) {
    observer.on_warning = [this](const std::string& message) { context_->warn(message); };
  }
  observer.rest = [wakes = wakes_](std::chrono::milliseconds longest) {
    // A signal ends it, and is seen to by should_stop.
    static_cast<void>(core::sys::wait_for(wakes->fd(), POLLIN, longest));
  };
  if (!hooks_) set_up_hooks();
  hooks_->warn = observer.on_warning;
  TRY(end_what_others_left());
  attend(observer);
  renew_allowance();
  delivery::Commands commands(*hooks_->recorded, *wakes_, context_->clock);
  delivery::SyncRun run({.store = *store_,
                         .breakers = breakers,
                         .withheld = withheld_,
                         .client = *client_,
                         .router = router,
                         .secrets = secrets,
                         .retry = config_->retry,
                         .clock = context_->clock,
                         .random = context_->random,
                         .network = &network(),
                         .commands = &commands,
                         .allowance = allowance_.get()},
                        std::move(options), std::move(observer));
  breakers_ = &breakers;
  auto summary = run.run();
  breakers_ = nullptr;
  allowance_->end_run();
  return summary;
}

void DeliverySession::set_up_hooks() {
  const std::string& root = store_->files().root();
  const auto here = core::sys::current_directory();  // unknown: the name as it was given
  // Made in one piece: they refer to each other.
  hooks_ = std::make_unique<Running>();
  const auto warn = [hooks = hooks_.get()](const std::string& message) { hooks->warn(message); };
  hooks_->recorded.emplace(delivery::RecordedChildren::Parts{.children = hooks_->children,
                                                             .files = store_->files(),
                                                             .clock = context_->clock,
                                                             .warn = warn});
  hooks_->hooks.emplace(delivery::Hooks::Parts{
      .queue_directory = here ? core::sys::join_path(*here, root) : root,
      .children = *hooks_->recorded,
      .wakes = *wakes_,
      .clock = context_->clock,
      .warn = warn,
      .pass_on = [context = context_](const std::string& text) { context->err.write(text); }});
}

// Before anything is started: never two of one kind for one operation.
Result<> DeliverySession::end_what_others_left() {
  const auto count = delivery::end_strays(store_->files(), context_->clock);
  TRY(core::sys::check_interruption());
  if (!count) {
    hooks_->warn("what a killed sync may have left running: " + count.error().message);
    return {};
  }
  if (*count > 0) {
    hooks_->warn(fmt::format("a sync that was killed had left {} running: ended",
                             *count == 1 ? "a program" : std::to_string(*count) + " programs"));
  }
  return {};
}

// Hooks are told of what becomes durable, and tended between answers.
void DeliverySession::attend(delivery::Observer& observer) {
  observer.on_settled =
      [this, then = std::move(observer.on_settled)](std::span<const queue::Settlement> group) {
        hooks_->hooks->settled(group, config_->hooks.timeout);
        if (then) then(group);
      };
  observer.look_again = [this, then = std::move(observer.look_again)]() -> Result<bool> {
    hooks_->hooks->tend();
    return then ? then() : Result<bool>(false);
  };
}

void DeliverySession::finish_hooks() {
  while (has_hooks_running()) {
    const auto left =
        hooks_->hooks->deadline().value_or(core::Duration{}) - context_->clock.since_boot();
    const auto ready = core::sys::wait_for(wakes_->fd(), POLLIN, std::max(left, core::Duration{}));
    if (!ready) return end_hooks();
    hooks_->hooks->tend();
  }
}

void DeliverySession::end_hooks() {
  constexpr core::Duration k_grace{std::chrono::milliseconds{500}};
  constexpr core::Duration k_step{std::chrono::milliseconds{20}};
  if (!has_hooks_running()) return;
  hooks_->hooks->give_up();
  const auto end = context_->clock.since_boot() + k_grace;
  while (has_hooks_running() && context_->clock.since_boot() < end) {
    static_cast<void>(wakes_->is_ready(k_step));  // whatever it was
    hooks_->hooks->tend();
  }
  hooks_.reset();  // kills what is left
}

}  // namespace offq
