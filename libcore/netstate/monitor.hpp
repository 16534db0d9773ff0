// SPDX-License-Identifier: MIT
#pragma once

// The monitor: from rounds of evidence over time to the state that is published. Pure: it gets
// every moment (since boot) and every piece of evidence by parameter, and says what to do next, so
// that `netwatch simulate` and a thousand random days run the very code of the daemon.
//
//   hard evidence     no link, address or route: the state changes at once
//   proof             something answered: at once
//   soft evidence     probes failed: the state changes after three rounds in a row, 0.5 and 1.5 s
//                     apart, on other endpoints
//   flapping          more than four changes in a minute: hooks wait for 30 quiet seconds

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "libcore/base/time.hpp"
#include "libcore/netstate/evidence.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/netstate/verdict.hpp"

namespace core::netstate {

// The defaults; offkit-network(5) gives the reasons.
struct Timing {
  Duration interval = std::chrono::seconds{60};          // while all is well
  Duration interval_metered = std::chrono::minutes{15};  // the same, where bytes cost money
  Duration retry_first = std::chrono::seconds{1};        // while it is not: doubling
  Duration retry_cap = std::chrono::seconds{60};
  Duration portal_first = std::chrono::seconds{5};
  Duration portal_cap = std::chrono::minutes{2};
  std::array<Duration, 2> confirm{std::chrono::milliseconds{500}, std::chrono::milliseconds{1500}};
  Duration settle = std::chrono::seconds{1};     // until hooks are told of a loss
  Duration settle_up = std::chrono::seconds{2};  // of a connection
  int flap_changes = 4;
  Duration flap_window = std::chrono::seconds{60};
  Duration flap_hold = std::chrono::seconds{30};
  double jitter = 0.1;
};

enum class Bytes { count_little, cost_money };

// A round of probes that is due.
struct Round {
  std::uint64_t number = 0;  // from which the order of endpoints rotates
  bool tcp_only = false;     // where bytes cost money
  bool with_api = true;
};

class Monitor {
 public:
  // `draw` gives numbers from 0 to 1, for jitter.
  Monitor(Policy policy, Timing timing, double (*draw)(void*), void* source);

  // --- what happens ---

  // The ladder was read again (also when nothing about it changed).
  void see_ladder(const std::array<FamilyLadder, 2>& families, Duration now);
  void see_passive(const net::TcpEvidence& passive, Duration now);
  void see_sibling(const SiblingReport& report, Duration now);
  // A round that next_round() asked for is over; `evidence` has the ladder of now.
  void see_round(const Evidence& evidence, Duration now);
  // The machine slept, the clock jumped, or somebody asks: look again at once.
  void look_again(Duration now);
  void set_bytes(Bytes bytes) { bytes_ = bytes; }

  // --- what to do ---

  // A round that is due now; asked for once.
  std::optional<Round> next_round(Duration now);
  // When there will be something to do; nullopt: only when something happens.
  [[nodiscard]] std::optional<Duration> next_wake() const;

  // --- what holds ---

  // Absent before the first evidence.
  [[nodiscard]] const std::optional<Verdict>& verdict() const { return verdict_; }
  [[nodiscard]] Duration since() const { return since_; }
  // Until when this holds if nobody looks again: two intervals and ten seconds.
  [[nodiscard]] Duration valid_for() const;
  [[nodiscard]] bool is_flapping() const { return is_flapping_; }
  // Whether hooks may be told of the state: it has settled.
  [[nodiscard]] bool is_settled(Duration now) const;

 private:
  Policy policy_;
  Timing timing_;
  double (*draw_)(void*);
  void* source_;
  Bytes bytes_ = Bytes::count_little;
  std::optional<Verdict> verdict_;
  Duration since_{};
  bool is_flapping_ = false;
};

}  // namespace core::netstate
