// SPDX-License-Identifier: MIT
// What a run of delivery does, one request at a time.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include "tests/crashlab/model/reference.hpp"

namespace model {

using namespace std::chrono_literals;
using core::Duration;

namespace {

Duration part(Duration whole) {
  return Duration{std::llround(static_cast<double>(whole.count()) * k_jitter)};
}

}  // namespace

bool Reference::is_available(const Op& op, bool ignores_times) const {
  const bool waits = op.waits_until && *op.waits_until > now && *op.waits_until <= now + 1h;
  if (op.state != State::pending) return false;
  if (!ignores_times && (waits || (op.not_before && *op.not_before > now))) return false;
  for (const auto& after : op.draft.after) {
    if (!ids.contains(after)) continue;
    const auto found = ops.find(after);
    if (found == ops.end() || found->second.state != State::synced) return false;
  }
  return op.draft.lane.empty() || ignores_lanes || std::ranges::none_of(ops, [&](const auto& item) {
           const Op& other = item.second;
           return other.state == State::pending && other.draft.lane == op.draft.lane &&
                  other.id < op.id;
         });
}

class Reference::Run {
 public:
  Run(Reference& queue, const Step& step) : queue_(queue), step_(step) {}

  std::vector<Sent> all() {
    begin();
    give_up_hopeless();
    for (const auto& [label, op] : queue_.ops)
      if (queue_.is_available(op, step_.is_forced)) pool_.insert(label);
    while (true) {
      if (send_one()) continue;
      if (!outcomes_.empty()) {
        flush();
      } else if (std::exchange(has_failed_, false)) {
        give_up_hopeless();
      } else {
        return sent_;
      }
    }
  }

 private:
  void begin() {
    for (const auto& [target, hold] : queue_.holds_) {
      if (step_.is_forced) continue;
      const bool is_active = hold.set_at <= queue_.now && queue_.now < hold.until;
      (is_active ? held_ : probed_).insert(target);
    }
  }

  // What nobody needs to be asked about.
  void give_up_hopeless() {
    for (auto& [label, op] : queue_.ops) {
      const bool is_over = op.expires_at && *op.expires_at <= queue_.now;
      if (op.state == State::pending && is_over) lose(label, Reason::expired);
    }
    flush();
    while (std::ranges::any_of(queue_.ops, [&](const auto& item) {
      const bool is_lost = is_orphan(item.second);
      if (is_lost) lose(item.first, Reason::dependency);
      return is_lost;
    }))
      flush();
  }

  void lose(const Label& label, Reason reason) {
    Op after = queue_.ops.at(label);
    queue_.give_up(after, reason);
    settle(label, std::move(after));
  }

  [[nodiscard]] bool is_orphan(const Op& op) const {
    if (op.state != State::pending || op.draft.waits_for_failed) return false;
    return std::ranges::any_of(op.draft.after, [&](const Label& after) {
      const auto found = queue_.ops.find(after);
      return queue_.ids.contains(after) &&
             (found == queue_.ops.end() || found->second.state == State::failed);
    });
  }

  bool goes_before(const Label& a, const Label& b) const {
    const Op& x = queue_.ops.at(a);
    const Op& y = queue_.ops.at(b);
    return std::tuple(-x.draft.priority, x.id) < std::tuple(-y.draft.priority, y.id);
  }

  bool send_one() {
    if (step_.max_ops && static_cast<int>(sent_.size()) >= *step_.max_ops) return false;
    const Label* best = nullptr;
    for (const auto& label : pool_) {
      if (held_.contains(queue_.ops.at(label).draft.target)) continue;
      if (best == nullptr || goes_before(label, *best)) best = &label;
    }
    if (best == nullptr) return false;
    const auto probe = probe_instead_of(*best);
    const Label label = probe.value_or(*best);
    // What a probe was sent for keeps its turn, and so does the probe, in case it is only charged.
    if (!probe) pool_.erase(label);
    const Op& op = queue_.ops.at(label);
    const bool is_done = outcomes_.contains(label) || retried_.contains(label);
    if (op.state == State::pending && !is_done) judge(label, op, next_reply());
    return true;
  }

  // A destination that was held is asked with one of its first operations, in turn.
  std::optional<Label> probe_instead_of(const Label& best) {
    const Op& op = queue_.ops.at(best);
    if (!probed_.contains(op.draft.target) || !op.draft.lane.empty()) return std::nullopt;
    std::vector<std::pair<core::OperationId, Label>> probes;
    for (const auto& [label, other] : queue_.ops) {
      const bool is_done = outcomes_.contains(label) || retried_.contains(label);
      const bool fits = other.draft.target == op.draft.target && other.draft.lane.empty();
      if (fits && !is_done && queue_.is_available(other, step_.is_forced)) {
        probes.emplace_back(other.id, label);
      }
    }
    if (probes.empty()) return std::nullopt;
    std::ranges::sort(probes);
    const auto count = std::min<std::size_t>(probes.size(), 8);
    const auto turn = static_cast<std::size_t>(queue_.holds_[op.draft.target].failures - 1);
    const auto at = count == 1 || turn % 2 == 0 ? 0 : 1 + turn / 2 % (count - 1);
    return probes[at].second;
  }

  Reply next_reply() {
    return sent_.size() < step_.replies.size() ? step_.replies[sent_.size()] : Reply::ok;
  }

  void judge(const Label& label, Op op, Reply reply) {
    const char target = op.draft.target;
    sent_.push_back({.id = op.id, .reply = reply});
    if (reply == Reply::offline || reply == Reply::throttled) {
      pool_.insert(label);
      return hold(target, reply);
    }
    if (reply == Reply::ok || reply == Reply::ok_and_crash) {
      op.state = State::synced;
      op.settled_at = queue_.now;
      ++op.attempts;
      queue_.note(op, Outcome::synced);
      --op.attempts;  // its name stays
    } else {
      ++op.attempts;
      const bool is_refused = reply == Reply::missing || reply == Reply::conflict;
      if (is_refused) {
        queue_.give_up(op, reply == Reply::missing ? Reason::rejected : Reason::conflict);
      } else if (op.attempts >= op.draft.max_attempts.value_or(4)) {
        queue_.give_up(op, Reason::exhausted);
      } else {
        op.waits_until = queue_.now + part(std::min<Duration>(1h, 1s * (1 << (op.attempts - 1))));
        op.is_line = false;
        queue_.note(op, Outcome::attempted);
        retried_.insert(label);
      }
    }
    if (reply != Reply::timeout) release(target);
    settle(label, std::move(op));
  }

  void hold(char target, Reply reply) {
    Hold& hold = queue_.holds_[target];
    ++hold.failures;
    const Duration full = std::min<Duration>(5min, 1s * (1 << std::min(hold.failures - 1, 16)));
    hold.set_at = queue_.now;
    hold.until =
        queue_.now + (reply == Reply::throttled ? Duration{60s} : full / 2 + part(full / 2));
    held_.insert(target);
  }

  void release(char target) {
    probed_.erase(target);
    queue_.holds_.erase(target);
  }

  void settle(const Label& label, Op after) {
    has_failed_ = has_failed_ || after.state == State::failed;
    outcomes_[label] = std::move(after);
  }

  // What happened is known to others; what it was in the way of may go.
  void flush() {
    const auto group = std::exchange(outcomes_, {});
    for (const auto& [label, op] : group)
      queue_.ops[label] = op;
    for (const auto& [label, op] : group) {
      for (const auto& [other, waiting] : queue_.ops) {
        const bool is_next = !op.draft.lane.empty() && waiting.draft.lane == op.draft.lane;
        const bool comes_after =
            std::ranges::find(waiting.draft.after, label) != waiting.draft.after.end();
        if ((is_next || comes_after) && queue_.is_available(waiting, step_.is_forced)) {
          pool_.insert(other);
        }
      }
    }
  }

  Reference& queue_;
  const Step& step_;
  std::set<Label> pool_;          // what may be sent
  std::map<Label, Op> outcomes_;  // not flushed yet
  std::set<Label> retried_;       // charged in this run, and pending again
  std::set<char> held_;           // targets
  std::set<char> probed_;         // targets
  std::vector<Sent> sent_;
  bool has_failed_ = false;
};

std::vector<Sent> Reference::sync(const Step& step) {
  return Run(*this, step).all();
}

}  // namespace model
