// SPDX-License-Identifier: MIT
#pragma once

// Looks at the network for as long as anybody wants: brings what the kernel tells, the machine's
// own traffic and probes to the monitor, which judges. One thread, and nothing waits: whoever runs
// it waits until fd() is readable, or for next(), and calls advance(). Publishes nothing.
//
//   events      any of them has all links, addresses and routes read again
//   carrier     for a second after an event that of the way out is looked at every 50 ms, for the
//               kernel tells of the next loss up to a second late
//   reconcile   everything is read every five minutes, whatever was told
//   5,000 links reading takes a tenth of the time at most, however fast they change

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/netstate/monitor.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/random.hpp"
#include "tools/netwatch/kernel.hpp"
#include "tools/netwatch/observation.hpp"

namespace netwatch {

class Observer {
 public:
  // All must outlive it.
  struct Parts {
    const core::sys::Clock& clock;
    core::sys::Random& random;
    Kernel& kernel;
    core::net::Prober& basic;
    core::net::Prober& api;
    std::function<void(const std::string&)> warn;
  };
  // Errors: io.
  static core::Result<std::unique_ptr<Observer>> create(Parts parts, Observation observation);

  // What there is to do now. Afterwards the monitor may have another verdict.
  void advance();
  [[nodiscard]] int fd() const { return set_.fd(); }
  // Since boot: when to advance although nothing is readable.
  [[nodiscard]] core::Duration next() const;

  [[nodiscard]] core::netstate::Monitor& monitor() { return monitor_; }
  [[nodiscard]] const core::netstate::Monitor& monitor() const { return monitor_; }
  [[nodiscard]] const Observation& observation() const { return observation_; }
  // The machine slept, or somebody has set the clock.
  void awake();
  // What probes have cost since the last call.
  core::ByteCount take_cost() { return std::exchange(cost_, {}); }

 private:
  Observer(Parts parts, Observation observation, core::sys::PollSet set);
  void look_at_links(core::Duration now);
  void read_links(core::Duration now);
  void look_at_carriers(core::Duration now);
  void look_at_traffic(core::Duration now);
  void begin_round(const core::netstate::Round& round, core::Duration now);
  void give_up_round();
  void count_cost(const std::vector<core::net::ProbeResult>& results);
  [[nodiscard]] bool finish_round(core::Duration now);
  void start(core::net::Prober& prober, const std::vector<core::net::ProbeTarget>& targets,
             const core::net::ProbeLimits& limits, core::net::StopAt stop, core::Duration now);
  [[nodiscard]] bool is_clock_doubtful(const core::netstate::Evidence& evidence) const;
  void warn_once(const std::string& message);

  Parts parts_;
  Observation observation_;
  core::sys::PollSet set_;
  core::netstate::Monitor monitor_;

  core::net::LinkSnapshot snapshot_;
  bool must_read_ = true;
  core::Duration may_read_{};  // not before
  core::Duration reconcile_at_{};
  core::Duration carriers_until_{};
  std::optional<core::Duration> carriers_at_;  // the next look; absent: no event was lately
  std::set<std::string> blind_;                // interfaces whose carrier is not told at once
  bool is_passive_ = true;

  core::ByteCount cost_;
  bool is_under_way_ = false;  // a round
  bool asks_basic_ = false;
  bool asks_api_ = false;
  std::set<std::string> told_;
};

}  // namespace netwatch
