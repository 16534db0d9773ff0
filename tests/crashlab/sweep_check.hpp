// SPDX-License-Identifier: MIT
#pragma once

// One run of a scenario: the command under a fault, then what must hold whatever the fault was.
//
// 1. It died, or ended with its usual status or the one of the fault, and then said why. An enqueue
//    that fails prints no id and leaves nothing behind.
// 2. The next commands work. Every id that was printed is in the queue, in one state and, if it has
//    a file of its own, in one file. No key is pending twice.
// 3. fsck finds nothing, or nothing that --repair leaves; verify accounts for every number, but for
//    those of an enqueue that was killed or whose disk failed for good.
// 4. What has a receipt is not sent again. What has none is sent, with the id as its key.
// 5. When the command has been repeated and everything was delivered, the queue is as it would have
//    been without the fault; a failed enqueue is as if it had not been tried.

#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "tests/crashlab/sweep_fault.hpp"
#include "tests/crashlab/sweep_lab.hpp"
#include "tests/crashlab/sweep_queue.hpp"
#include "tests/crashlab/sweep_scenarios.hpp"

namespace sweep {

// The queue in the end: a line for each operation, sorted.
using Outcome = std::vector<std::string>;

struct Observed {
  bool hit = false;  // the fault happened
  Ended ended;
  bool needed_repair = false;
  std::vector<std::string> complaints{};  // none: all is well
  Outcome outcome{};
};

class Trial {
 public:
  // Prepares the scenario and looks what becomes of it without a fault. Errors: io.
  static core::Result<Trial> of(const Scenario& scenario, Lab& lab);

  // Errors: io, when the sweep itself does not work.
  core::Result<Observed> run(const Fault& fault);

  // How often the command makes which calls.
  [[nodiscard]] const std::map<std::string, int>& calls() const { return calls_; }
  // What a shell would need to do the same.
  [[nodiscard]] std::string by_hand(const Fault& fault) const;

 private:
  Trial(const Scenario& scenario, Lab& lab) : scenario_(scenario), lab_(lab) {}
  core::Result<> look_at_it_without_fault();
  core::Result<> begin();
  core::Result<> check_afterwards(Observed& observed);
  core::Result<std::vector<Listed>> check_list(Observed& observed);
  void check_end(const Fault& fault, Observed& observed);
  void check_files(Observed& observed);
  core::Result<> check_fsck(Observed& observed);
  core::Result<> check_verify(Observed& observed);
  core::Result<> repeat(Observed& observed);
  core::Result<> deliver_all(Observed& observed);
  void check_ledger(const std::vector<Listed>& list, Observed& observed);
  void check_outcome(const std::vector<Listed>& list, Observed& observed);
  [[nodiscard]] bool is_known(const std::string& id) const;

  const Scenario& scenario_;
  Lab& lab_;
  std::vector<std::string> known_;  // ids that were printed before the command
  std::set<std::string> stored_before_;
  std::set<std::string> receipted_before_;
  std::map<std::string, int> calls_;
  Outcome done_;           // the outcome without a fault
  Outcome undone_;         // the outcome without the command
  bool has_gaps_ = false;  // as it was prepared: numbers of which nobody knows what became

  // Of the run.
  std::vector<std::string> printed_;
  std::set<std::string> receipted_;  // when the command had ended
  std::vector<std::string> sent_first_;
  std::vector<std::string> sent_later_;
  std::string canary_;  // enqueued afterwards
  bool said_no_ = false;
  bool may_leave_gap_ = false;
};

}  // namespace sweep
