// SPDX-License-Identifier: MIT
#pragma once

// What a watcher tells: outcomes as offq sync does, each as it happens; a destination that is held
// once, and not at each new try; totals at the end. On a terminal a line that says how it stands,
// and the same to the service manager.

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/progress.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/sys/supervisor.hpp"

namespace offq {

class WatchReport {
 public:
  WatchReport(core::cli::Context& context, core::cli::Format format);

  // The queue is open and watched. What is sent first may take as long as its server likes.
  void begins();
  void outcome(const core::delivery::Report& report);
  void progress(const core::delivery::Summary& so_far);
  // The same text again and again is told once, until something else happens.
  void warning(const std::string& message);
  // News that are no trouble.
  void say(const std::string& message);
  // Nothing is under way any more.
  void run_ended(const core::delivery::Summary& summary);
  // It sleeps. `pending` is how many operations wait.
  void at_rest(std::uint64_t pending);
  void ends();
  // What was written is with the reader. Errors: full, io.
  core::Result<> flush() { return context_.out.flush(); }

 private:
  void tell_holds(const core::delivery::Summary& summary);
  void tell_network(const core::delivery::Summary& summary);
  void tell_budget(const core::delivery::Summary& summary);
  void clear();
  [[nodiscard]] bool is_json() const { return format_ == core::cli::Format::json; }

  core::cli::Context& context_;
  core::cli::Format format_;
  core::cli::Progress progress_;
  core::sys::Supervisor supervisor_;
  core::delivery::Summary total_;
  std::map<std::string, std::string> holds_;  // told: why, by destination
  std::string offline_;                       // told: why
  bool is_over_budget_ = false;               // told
  std::set<std::string> warnings_;            // told
  std::string status_;                        // told
  bool status_is_shown_ = false;
};

}  // namespace offq
