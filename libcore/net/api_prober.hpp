// SPDX-License-Identifier: MIT
#pragma once

// Probes over HTTPS. The helper program netwatch-probe asks, so that nobody else loads libcurl.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/net/prober.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/poll_set.hpp"

namespace core::net {

// All are asked at once, whatever `stop` says: the answers are needed to tell what they have cost.
// The round lasts for limits.whole at most, and half a second more until a helper that hangs is
// killed. Resolvers and own addresses are not its business: names are the system's.
class ApiProber final : public Prober {
 public:
  // `program` is the helper (cli::helper_path); `children` outlives this. Errors: io.
  static Result<std::unique_ptr<ApiProber>> create(sys::Children& children, std::string program);
  ApiProber(const ApiProber&) = delete;
  ApiProber& operator=(const ApiProber&) = delete;
  ~ApiProber() override;

  // Errors: not_found, denied, io, when the helper cannot be run.
  Result<> start(std::vector<ProbeTarget> targets, const ProbeLimits& limits, StopAt stop,
                 Duration now) override;
  // What it has cost is known of those only that have answered.
  void give_up() override;
  [[nodiscard]] int fd() const override { return set_.fd(); }
  [[nodiscard]] std::optional<Duration> next() const override;
  void advance(Duration now) override;
  [[nodiscard]] bool is_done() const override { return is_done_; }
  [[nodiscard]] const std::vector<ProbeResult>& results() const override { return results_; }

 private:
  ApiProber(sys::Children& children, std::string program, sys::PollSet set)
      : children_(children), program_(std::move(program)), set_(std::move(set)) {}
  void read_answers();
  void take(std::string_view line);
  // For those that the helper has not told of.
  void fill_in(ProbeOutcome outcome, std::string_view why);
  void forget_child();

  sys::Children& children_;
  std::string program_;
  sys::PollSet set_;
  std::optional<sys::Children::Id> child_;
  std::vector<sys::Children::Id> killed_;  // not yet seen to have ended
  sys::Fd answers_;
  std::string received_;
  Duration begun_{};
  Duration kill_at_{};
  bool is_done_ = true;
  std::vector<ProbeTarget> targets_;
  std::vector<bool> is_told_;
  std::vector<ProbeResult> results_;
};

}  // namespace core::net
