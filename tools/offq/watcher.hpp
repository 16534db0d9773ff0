// SPDX-License-Identifier: MIT
#pragma once

// offq sync --watch: stays with a queue. One thread, one loop:
//   look      what has changed: files by name, the index, the network, settings, the time
//   deliver   if that may have made something due: take the lock, run, let the lock go. While
//             requests are under way it goes on looking, and what comes joins the run
//   rest      until the next thing happens, or until what is known to lie ahead
// Nothing is polled: at rest it wakes for what happens, and at each sync.interval to look at
// everything, for some filesystems tell nobody of their changes.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/queue/watch.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wall_timer.hpp"
#include "tools/offq/delivery_session.hpp"
#include "tools/offq/watch_report.hpp"

namespace offq {

class Watcher {
 public:
  // What a run that begins now is to do.
  using Options =
      std::function<core::Result<core::delivery::RunOptions>(const core::config::Config&)>;

  // All must outlive it. Errors: io, and what keeps the queue from being watched at all.
  static core::Result<std::unique_ptr<Watcher>> over(core::cli::Context& context,
                                                     core::queue::Store& store,
                                                     core::config::Config config, Options options,
                                                     core::cli::Format format);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher() = default;

  // Until a signal ends it, within a second also while it reads what came (the store is one of
  // open_to_stay): interrupted or terminated; or not_found when the queue is moved or
  // removed, denied when it may no longer be used. What may mend itself is told, and tried again.
  // Success: the reader of --json has gone.
  core::Result<> run();

 private:
  struct Wakes {
    core::sys::PollSet set;
    core::sys::WallTimer timer;
    core::sys::Hangups hangups;
    core::queue::Watch queue;
  };
  Watcher(core::cli::Context& context, core::queue::Store& store, core::config::Config config,
          Options options, core::cli::Format format, Wakes wakes);

  core::Result<> step();
  core::Result<> recover_from(core::Error error);
  core::Result<> drain();
  core::Result<> look();
  void tell_if_blind();
  // That it is still one: whoever watches does not make it again. Errors: not_found.
  core::Result<> require_queue();
  core::Result<> mend_index();
  core::Result<> leave_memory_index();
  core::Result<> take_in_names();
  core::Result<> look_at_everything();
  void reload();
  // What needs the run that goes on to end.
  [[nodiscard]] bool has_to_prepare() const {
    return must_reload_ || index_needs_ != Mend::nothing;
  }
  [[nodiscard]] bool has_more_to_do() const;
  // False: another process has it.
  core::Result<bool> take_lock();
  core::Result<> deliver();
  [[nodiscard]] bool is_unread() const { return has_no_reader_ || context_.out.is_closed(); }
  core::Result<bool> look_again();
  core::Result<bool> look_in_run();
  void count_out(std::span<const core::queue::Settlement> group);
  core::Result<> rest();
  core::Result<core::Time> next_wake(std::vector<core::delivery::Hold> holds);

  core::cli::Context& context_;
  core::queue::Store& store_;
  core::config::Config config_;
  Options options_;
  bool must_have_reader_;
  Wakes wakes_;
  DeliverySession session_;
  WatchReport report_;

  core::queue::Changes changes_;  // seen, and not looked at yet
  bool is_due_ = true;            // something may be
  bool must_reload_ = false;      // the settings
  bool has_broken_settings_ = false;
  enum class Mend { nothing, reopen, rebuild } index_needs_ = Mend::nothing;
  bool may_be_going_ = false;                // parts of it are lost
  bool was_blind_ = false;                   // and that was told
  bool has_no_reader_ = false;               // any more
  core::Duration next_plan_{};               // in a run
  bool must_plan_ = false;                   // in a run: something else may lie ahead
  std::int64_t index_version_ = 0;           // of other processes, seen
  core::Duration next_full_look_{};          // since boot
  core::Duration next_look_{};               // in a run: looking must not take all the time
  bool waits_for_lock_ = false;              // another process has it
  core::Duration lock_pause_{};              // until it is tried again although nothing happens
  int troubles_ = 0;                         // in a row
  std::vector<core::delivery::Hold> holds_;  // that the last run left
};

}  // namespace offq
