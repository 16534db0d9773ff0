// SPDX-License-Identifier: MIT
#pragma once

// What `offq sync` and `offq send` both need around a run of delivery: the queue's lock, libcurl,
// the memory of held destinations, secrets, and the settings.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/allowance.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/hooks.hpp"
#include "libcore/delivery/published_network.hpp"
#include "libcore/delivery/recorded_children.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/delivery/withheld.hpp"
#include "libcore/net/curl_http.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/calendar.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/poll_set.hpp"

namespace offq {

enum class OnBusy { refuse, wait };

class DeliverySession {
 public:
  // Takes the lock; with OnBusy::wait waits for it, for at most `longest` if that is given. Errors:
  // later ("another sync is running"), interrupted, and those of opening.
  static core::Result<DeliverySession> open(core::cli::Context& context, core::queue::Store& store,
                                            const core::config::Config& config, OnBusy on_busy,
                                            std::optional<core::Duration> longest = {});

  // For a watcher: without the lock, which it takes for each run. What waits for answers is also
  // woken by `wakes`, which outlives it; hooks that run are added there.
  static DeliverySession at_rest(core::cli::Context& context, core::queue::Store& store,
                                 const core::config::Config& config, core::sys::PollSet& wakes);

  // Errors: later, as open.
  core::Result<> lock();
  void unlock() { lock_.reset(); }

  // What is due, and what comes up while that is sent if the observer looks again; then waits for
  // hooks and brings the index up to date. Hooks warn by the observer, also after the run.
  core::Result<core::delivery::Summary> run(core::delivery::RunOptions options,
                                            core::delivery::Observer observer);
  // The same without the end: for a watcher, who is told what changes.
  core::Result<core::delivery::Summary> deliver(core::delivery::RunOptions options,
                                                core::delivery::Observer observer);
  // Of credentials that were missing or refused: they are tried again.
  void forget_withheld() { withheld_ = {}; }
  // While that goes on, the destinations that are held. Empty at other times.
  [[nodiscard]] std::vector<core::delivery::Hold> holds() const;
  // When what is published of the network ends by itself. nullopt: it does not.
  [[nodiscard]] std::optional<core::Time> network_ends();

  // Absent before the first run.
  [[nodiscard]] core::delivery::Hooks* hooks() { return hooks_ ? &*hooks_->hooks : nullptr; }
  [[nodiscard]] bool has_hooks_running() const { return hooks_ && !hooks_->hooks->is_idle(); }
  // Asks the hooks that run to end, and kills those that have not after half a second.
  void end_hooks();

 private:
  DeliverySession(core::cli::Context& context, core::queue::Store& store,
                  const core::config::Config& config, core::sys::PollSet& wakes);

  core::cli::Context* context_;
  core::queue::Store* store_;
  const core::config::Config* config_;
  struct Running {
    core::sys::SystemChildren children;
    std::function<void(const std::string&)> warn;  // as the last run did
    std::optional<core::delivery::RecordedChildren> recorded;
    std::optional<core::delivery::Hooks> hooks;
  };
  void set_up_hooks();
  void attend(core::delivery::Observer& observer);
  void finish_hooks();
  core::Result<> end_what_others_left();

  core::sys::Fd lock_;
  std::unique_ptr<core::sys::PollSet> own_wakes_;  // absent: somebody else's
  core::sys::PollSet* wakes_;
  std::unique_ptr<Running> hooks_;
  std::unique_ptr<core::net::CurlHttp>
      client_;  // with its connections; absent before the first run
  core::delivery::PublishedNetwork& network();
  void renew_allowance();

  std::unique_ptr<core::delivery::PublishedNetwork> network_;  // absent before it is asked for
  std::unique_ptr<core::sys::LocalCalendar> calendar_ =
      std::make_unique<core::sys::LocalCalendar>();
  std::unique_ptr<core::delivery::SharedAllowance> allowance_;  // absent before the first run
  core::Duration allowance_made_{};
  core::delivery::Withheld withheld_;
  const core::delivery::Breakers* breakers_ = nullptr;  // of the run that goes on
};

// What the configuration says of a run that begins now; flags are applied to it.
core::delivery::RunOptions configured_run(const core::cli::Context& context,
                                          const core::config::Config& config);

// Warns of endpoints whose certificates are not checked.
void warn_of_insecure_endpoints(core::cli::Context& context, const core::config::Config& config);

// Which destinations are held; warns when that cannot be remembered. Errors: io.
core::Result<core::delivery::Breakers> open_breakers(core::cli::Context& context,
                                                     core::queue::Store& store);

}  // namespace offq
