// SPDX-License-Identifier: MIT
#pragma once

// netwatch daemon: one thread, one loop:
//   drain     what has happened: settings, a mode, somebody who asks, the clock
//   observe   advances the observer: links, traffic, probes
//   publish   when what is found has changed, or holds for longer than was published
//   tell      hooks, of what has settled
//   rest      until the next thing happens, or until what is known to lie ahead
// What cannot be written is told, and tried again.

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/netstate/hooks.hpp"
#include "libcore/netstate/news.hpp"
#include "libcore/netstate/override.hpp"
#include "libcore/netstate/published.hpp"
#include "libcore/netstate/reports.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/supervisor.hpp"
#include "libcore/sys/wall_timer.hpp"
#include "tools/netwatch/lookout.hpp"
#include "tools/netwatch/metering.hpp"

namespace netwatch {

class Daemon {
 public:
  // The caller holds the daemon's lock. Both outlive it. Errors: config, io.
  static core::Result<std::unique_ptr<Daemon>> create(core::cli::Context& context,
                                                      core::sys::Files& files,
                                                      core::config::Config config);

  // Until a signal ends it, or the queue is gone. Errors: interrupted, terminated, not_found, io.
  core::Result<> run();

 private:
  struct Wakes {
    core::sys::PollSet set;
    core::sys::WallTimer timer;
    core::sys::Hangups hangups;
    core::netstate::News news;
  };
  Daemon(core::cli::Context& context, core::sys::Files& files, core::config::Config config,
         Wakes wakes);
  core::Result<> look_out();
  core::Result<> step();
  core::Result<> drain();
  core::Result<> take_news();
  void see_reports();
  void look_for_whoever_asks();
  std::optional<core::netstate::Question> take_question();
  void reload();
  void read_override();
  [[nodiscard]] bool must_publish() const;
  void publish();
  void tell_hooks();
  void tell_supervisor();
  core::Result<> rest();
  [[nodiscard]] core::Duration next() const;
  void end_hooks();
  void warn_once(const std::string& message);

  core::cli::Context& context_;
  core::sys::Files& files_;
  core::config::Config config_;
  Wakes wakes_;
  core::sys::SystemChildren children_;
  core::sys::Supervisor supervisor_;
  std::unique_ptr<Lookout> lookout_;
  core::netstate::Hooks hooks_;

  std::optional<core::netstate::Override> override_;
  core::netstate::Reports reports_;  // that were seen
  std::optional<core::Duration> failure_seen_;
  Metering metering_;
  core::netstate::Metered metered_ = core::netstate::Metered::unknown;
  bool must_reload_ = false;
  bool is_asked_ = false;  // somebody waits for a line that is new
  bool is_line_foreign_ = false;
  bool is_line_kept_ = false;                  // until the first look with other settings has ended
  std::optional<core::Duration> rests_until_;  // since boot

  // What was published last.
  std::optional<core::netstate::Published> line_;
  bool was_flapping_ = false;
  core::Duration confirmed_{};
  core::Duration looked_{};
  core::Duration retry_at_{};  // after a failure
  int failures_ = 0;

  bool is_ready_ = false;
  std::string status_;         // that the supervisor was told
  core::Duration watchdog_{};  // how often it wants to hear; zero: never
  core::Duration watchdog_at_{};
  std::set<std::string> told_;
};

}  // namespace netwatch
