// SPDX-License-Identifier: MIT
#pragma once

// The monitor: from rounds of evidence over time to the state that is published. Pure: it gets
// every moment (since boot) and every piece of evidence by parameter, and says what to do next, so
// that `netwatch simulate` and a thousand random days run the very code of the daemon.
//
//   hard evidence     no link, address or route: the state changes at once, and a round that is
//                     under way is void
//   proof             something answered: at once
//   soft evidence     probes failed: the state changes after three rounds in a row that begin at
//                     least 0.5 and 1.5 s after the first; a better state (limited after
//                     disconnected) at once. Another reason for the same state, and a family that
//                     is silent, count after three rounds too
//   a portal          ends with the right answer to cleartext HTTP, of the API or to a sibling:
//                     names and connections may pass it
//   all endpoints     are asked on a new network, each hour, when the first was overtaken by
//                     another, and while what limits the network can only be seen so; else the
//                     first answer is enough
//   own traffic       keeps connected what is, and saves the probes; when it stalls, that is the
//                     first of the three
//   flapping          more than four changes in a minute: hooks wait for 30 quiet seconds
//
// Whoever runs it waits until something happens or next_wake(), and then
//
//   1. tells what is new: see_ladder(), see_sibling(), see_round() when a round is over
//   2. at next_wake() reads the own traffic, where that is wanted: see_passive()
//   3. asks next_round(), also when nothing is due, and runs what it gets, until is_asking() says
//      that nobody wants to know any more
//   4. publishes when verdict() or is_flapping() has changed, or confirmed() has moved on

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/netstate/damping.hpp"
#include "libcore/netstate/evidence.hpp"
#include "libcore/netstate/family_memory.hpp"
#include "libcore/netstate/round.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/netstate/strikes.hpp"
#include "libcore/netstate/timing.hpp"
#include "libcore/netstate/verdict.hpp"

namespace core::netstate {

enum class Bytes { count_little, cost_money };

class Monitor {
 public:
  // `draw` gives numbers from 0 to 1, for jitter.
  Monitor(Policy policy, Timing timing, std::function<double()> draw);

  // Goes on where another left off: what it had found, since when, and how many rounds it had
  // asked for. Before anything else.
  void resume(const Verdict& verdict, Duration since, std::uint64_t rounds);

  // --- what happens ---

  // The ladder was read again (also when nothing about it changed). Nothing is asked of anybody
  // before the first.
  void see_ladder(const Ladder& ladder, Duration now);
  void see_passive(const std::optional<net::TcpEvidence>& passive, Duration now);
  void see_sibling(const SiblingReport& report, Duration now);
  // A round that next_round() asked for is over; `evidence` has the ladder and the own traffic of
  // now.
  void see_round(const Evidence& evidence, Duration now);
  // Somebody asks: look at once. A round that is under way will do.
  void look_again(Duration now);
  // The machine slept, or the clock jumped: what is under way says nothing.
  void awake(Duration now);
  void set_bytes(Bytes bytes) { bytes_ = bytes; }
  // Each round asks all endpoints: for a check, after which nobody looks again.
  void ask_all() { is_thorough_ = true; }

  // --- what to do ---

  // A round that is due now; asked for once.
  std::optional<Round> next_round(Duration now);
  // Whether a round is under way.
  [[nodiscard]] bool is_asking() const { return round_.has_value(); }
  // When there will be something to do; nullopt: only when something happens.
  [[nodiscard]] std::optional<Duration> next_wake() const;

  // --- what holds ---

  // Absent before the first evidence.
  [[nodiscard]] const std::optional<Verdict>& verdict() const { return verdict_; }
  [[nodiscard]] Duration since() const { return since_; }
  // When it was last found to be so.
  [[nodiscard]] Duration confirmed() const { return confirmed_; }
  // Until when it holds after that if nobody looks again: two intervals and ten seconds.
  [[nodiscard]] Duration valid_for() const;
  // No verdict yet, or what speaks against it is not confirmed: a check goes on.
  [[nodiscard]] bool is_deciding() const {
    return !verdict_ || is_asked_ || round_ || strikes_.count() > 0;
  }
  [[nodiscard]] bool is_flapping() const { return damping_.is_flapping(now_); }
  // Whether hooks may be told of the state: it has settled.
  [[nodiscard]] bool is_settled(Duration now) const;
  // The ladder and own traffic as last seen, and the last round.
  [[nodiscard]] const Evidence& evidence() const { return evidence_; }
  // The end of that round; zero: there was none.
  [[nodiscard]] Duration looked() const { return looked_; }
  [[nodiscard]] std::uint64_t rounds() const { return rounds_; }

 private:
  enum class Upheld { no, yes };
  struct Doubt {
    Reason reason = Reason::not_probed;
    int rounds = 0;
  };

  void see_time(Duration now) { now_ = std::max(now_, now); }
  void ask(Duration now);
  [[nodiscard]] bool is_settled_by_ladder() const;
  [[nodiscard]] bool is(State state) const { return verdict_ && verdict_->state == state; }
  [[nodiscard]] bool is_portal() const {
    return verdict_ &&
           (verdict_->reason == Reason::portal || verdict_->reason == Reason::dns_hijack);
  }
  [[nodiscard]] bool needs_all() const;
  [[nodiscard]] bool was_overtaken() const;
  [[nodiscard]] bool may_be_portal_still(const Verdict& found) const;
  [[nodiscard]] bool is_lifted_by_traffic_alone(const Verdict& found) const;
  Upheld weigh(const Verdict& found, Duration began);
  void apply(const Verdict& found);
  [[nodiscard]] bool is_reason_due(const Verdict& next);
  void follow_ladder();
  void note_stall();
  void note_times();
  void finish_look(Upheld upheld);
  void plan_survey();
  [[nodiscard]] Round make_round(net::StopAt stop) const;
  [[nodiscard]] Duration due() const;
  [[nodiscard]] Duration wait() const;
  [[nodiscard]] Duration settle_time() const;

  Policy policy_;
  Timing timing_;
  std::function<double()> draw_;
  Bytes bytes_ = Bytes::count_little;

  Duration now_{};  // the latest moment that was told
  bool has_ladder_ = false;
  Evidence evidence_;
  FamilyMemory memory_;
  std::optional<Verdict> verdict_;
  Duration since_{};
  Duration confirmed_{};
  Strikes strikes_;
  net::StopAt struck_by_ = net::StopAt::first_answer;  // the round that was the first strike
  Doubt doubt_;
  Damping damping_;

  std::optional<Round> round_;  // under way
  std::uint64_t rounds_ = 0;
  Duration began_{};
  std::vector<SiblingReport> siblings_;  // since it began
  bool is_outdated_ = false;             // the ladder changed, or the machine slept, meanwhile
  Duration looked_{};
  Duration usual_{};  // time of an answer; zero: there was none yet
  Duration usual_api_{};

  bool is_asked_ = false;
  Duration asked_at_{};
  Duration from_{};     // what the interval counts from
  double stretch_ = 1;  // of the interval: jitter
  int bad_rounds_ = 0;  // in a row
  bool is_api_due_ = true;
  bool is_stalled_ = false;
  std::optional<Duration> traffic_;  // the next look at it
  std::optional<Duration> survey_;
  bool is_thorough_ = false;
  bool is_surveyed_ = false;
  Duration surveyed_{};
  int doubts_ = 0;  // surveys in a row that left a family in doubt
};

}  // namespace core::netstate
