// SPDX-License-Identifier: MIT
#pragma once

// The Prober that asks real endpoints. When the first answer is enough, endpoints are asked one
// after the other, each as soon as the one before has failed or has taken limits.stagger; else all
// at once. The whole round is over after limits.whole.

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "libcore/net/prober.hpp"
#include "libcore/net/target_probe.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/random.hpp"

namespace core::net {

class SocketProber final : public Prober {
 public:
  // `random`, which outlives this, numbers the questions. Errors: io.
  static Result<std::unique_ptr<SocketProber>> create(sys::Random& random);

  Result<> start(std::vector<ProbeTarget> targets, const ProbeLimits& limits, StopAt stop,
                 Duration now) override;
  void give_up() override;
  [[nodiscard]] int fd() const override { return set_.fd(); }
  [[nodiscard]] std::optional<Duration> next() const override;
  void advance(Duration now) override;
  [[nodiscard]] bool is_done() const override { return is_done_; }
  [[nodiscard]] const std::vector<ProbeResult>& results() const override { return results_; }

 private:
  SocketProber(sys::PollSet set, sys::Random& random) : set_(std::move(set)), random_(random) {}
  // The first that has not begun; nullptr: all have.
  [[nodiscard]] const TargetProbe* waiting() const;
  void begin_what_is_due(Duration now);
  void note_overtaken();
  void finish();

  sys::PollSet set_;
  sys::Random& random_;
  std::optional<ProbeSetting> setting_;
  std::deque<TargetProbe> probes_;
  StopAt stop_ = StopAt::all;
  Duration end_{};
  Duration next_begin_{};
  bool is_done_ = true;
  std::vector<ProbeResult> results_;
};

}  // namespace core::net
