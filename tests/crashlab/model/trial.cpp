// SPDX-License-Identifier: MIT
#include "tests/crashlab/model/trial.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "tests/crashlab/model/queue_under_test.hpp"
#include "tests/crashlab/model/reference.hpp"

namespace model {
namespace {

using namespace std::chrono_literals;
using core::OperationId;
using core::queue::Enqueued;

using Verdict = std::optional<std::string>;  // nullopt: all is well

std::string text_of(const Seen& seen) {
  return fmt::format("{}, {} attempts{}{}", core::queue::folder(seen.state), seen.attempts,
                     seen.reason == Reason::none ? "" : ", ", core::name_of(seen.reason));
}

Seen seen_of(const Op& op) {
  return {.state = op.state, .attempts = op.attempts, .reason = op.reason, .lane = op.draft.lane};
}

bool makes_operations(Verb verb) {
  return verb == Verb::enqueue || verb == Verb::enqueue_batch || verb == Verb::write_by_hand ||
         verb == Verb::write_garbage || verb == Verb::write_truncated;
}

bool is_done_by_recovery(Verb verb) {
  return verb == Verb::write_by_hand || verb == Verb::write_garbage ||
         verb == Verb::write_truncated || verb == Verb::move_to_pending ||
         verb == Verb::move_to_failed || verb == Verb::unlink || verb == Verb::touch;
}

class Trial {
 public:
  explicit Trial(Sabotage sabotage) : queue_(sabotage) {
    model_.ignores_lanes = sabotage == Sabotage::ignore_lanes;
  }

  Verdict run(const Step& step) {
    queue_.clock.advance(1ms);
    const Done done = queue_.perform(step, model_.ids);
    model_.now = queue_.clock.now();
    // The end of a backoff that could not be written is known to the index alone, for a while.
    const bool has_times = step.verb == Verb::sync || step.verb == Verb::retry;
    if (has_times && done.was_upset && !done.has_died) queue_.forget_index();
    auto observed = queue_.look();
    if (!observed) return "it cannot be opened: " + observed.error().message;
    if (done.error && !done.was_upset && !done.has_died && step.verb != Verb::enqueue &&
        step.verb != Verb::enqueue_batch) {
      return "it failed: " + done.error->message;
    }
    if (step.verb == Verb::set_clock && step.by < 0ms) clock_went_back_ = true;
    const Reference before = model_;
    if (const auto wrong = expect_step(step, done, *observed)) return wrong;
    if (done.was_upset || done.has_died) settle_on_one(before, step, *observed);
    if (const auto wrong = compare(*observed)) return wrong;
    if (step.verb != Verb::lose_index) return std::nullopt;
    return run_closely();
  }

  // Everything again, read from nothing but the files.
  Verdict run_closely() {
    const auto observed = queue_.look_closely();
    if (!observed) return observed.error().message;
    const auto wrong = compare(*observed);
    return wrong ? Verdict("with a new index: " + *wrong) : std::nullopt;
  }

 private:
  // --- what should have happened ---

  Verdict expect_step(const Step& step, const Done& done, const Observed& observed) {
    if (makes_operations(step.verb)) return expect_enqueue(step, done, observed);
    const auto expected = model_.apply(step);
    if (step.verb != Verb::sync) return std::nullopt;
    const bool is_cut_short = done.was_upset || done.has_died;
    const bool fits = is_cut_short
                          ? done.sent.size() <= expected.size() &&
                                std::equal(done.sent.begin(), done.sent.end(), expected.begin())
                          : done.sent == expected;
    if (!fits) return "the servers got " + names_of(done.sent) + ", not " + names_of(expected);
    return check_deliveries(done);
  }

  Verdict check_deliveries(const Done& done) {
    for (const auto& [id, reply] : done.sent) {
      if (reply != Reply::ok && reply != Reply::ok_and_crash) continue;
      if (!delivered_.insert(id).second && !may_repeat_.contains(id)) {
        return name_of(id) + " was delivered twice";
      }
      // Who dies before the receipt is durable sends again.
      if (done.was_upset || done.has_died) may_repeat_.insert(id);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<OperationId> new_ids(const Observed& observed) const {
    std::vector<OperationId> ids;
    for (const auto& [id, seen] : observed.ops)
      if (!known_.contains(id)) ids.push_back(id);
    return ids;
  }

  Verdict expect_enqueue(const Step& step, const Done& done, const Observed& observed) {
    const auto plan = model_.plan(step);
    std::vector<OperationId> ids = new_ids(observed);
    std::vector<Taken> added;
    if (plan) {
      std::ranges::copy_if(*plan, std::back_inserter(added),
                           [](const Taken& taken) { return !taken.kept; });
    }
    const bool is_upset = done.was_upset || done.has_died;
    const bool is_recovered = is_done_by_recovery(step.verb);
    if (!is_upset && !is_recovered) {
      if (const auto wrong = compare_printed(plan, done)) return wrong;
    }
    if (is_recovered) added = {{.label = {.step = step.number, .line = 0}}};
    const bool must_be_there = is_recovered || (plan && !done.error);
    const bool may_be_there = must_be_there || done.has_died;
    if (ids.empty() && (!must_be_there || added.empty())) return std::nullopt;
    if (!may_be_there) return "it failed, and yet there is " + name_of(ids.front());
    if (ids.size() != added.size()) {
      return fmt::format("{} operations are new, not {}", ids.size(), added.size());
    }
    for (std::size_t i = 0; i < ids.size(); ++i)
      add(step, added[i], i, ids[i]);
    model_.tidy();
    return std::nullopt;
  }

  Verdict compare_printed(const std::optional<std::vector<Taken>>& plan, const Done& done) {
    if (!plan) {
      return done.error ? std::nullopt : Verdict("a key that is pending was taken for an error");
    }
    if (done.error) return "it failed: " + done.error->message;
    if (plan->size() != done.enqueued.size()) return "it tells of another number of operations";
    for (std::size_t i = 0; i < plan->size(); ++i) {
      const auto& taken = (*plan)[i];
      const auto& [id, how] = done.enqueued[i];
      if (taken.kept.has_value() != (how == Enqueued::How::kept)) {
        return fmt::format("draft {} is {}", i + 1,
                           taken.kept ? "added, not kept" : "kept, not added");
      }
      const bool is_earlier_draft = taken.kept && !model_.ids.contains(*taken.kept);
      if (taken.kept && !is_earlier_draft && model_.ids.at(*taken.kept) != id) {
        return fmt::format("draft {} keeps {}", i + 1, name_of(id));
      }
      if (!taken.kept && known_.contains(id)) return "an id was given twice: " + id.text();
    }
    return std::nullopt;
  }

  void add(const Step& step, const Taken& taken, std::size_t nth, const OperationId& id) {
    known_.insert(id);
    Op op{.id = id, .draft = {}};
    const Time now = model_.now;
    if (step.drafts.empty()) {
      op.is_damaged = true;
      op.state = State::failed;
      op.reason = Reason::unreadable;
      op.receipts = 1;
      op.last =
          Last{.outcome = Outcome::failed, .reason = Reason::unreadable, .attempts = 0, .at = now};
    } else {
      const auto at = taken.label.line == 0 ? nth : static_cast<std::size_t>(taken.label.line - 1);
      op.draft = step.drafts[at];
      if (op.draft.not_before) op.not_before = now + *op.draft.not_before;
      if (op.draft.expires) op.expires_at = now + *op.draft.expires;
    }
    op.is_line = taken.label.line != 0;
    model_.add(taken.label, op);
  }

  // --- what a crash or an error leaves behind ---

  // Of each operation either nothing has happened or all of it. Which one is legal; anything else
  // is found by compare().
  void settle_on_one(const Reference& before, const Step& step, const Observed& observed) {
    if (step.verb == Verb::sync) {
      queue_.forget_holds();
      model_.forget_holds();
    }
    if (is_done_by_recovery(step.verb)) return repeat_receipts(observed);
    Reference after = model_;
    model_ = before;
    model_.ids = after.ids;
    for (const auto& [label, op] : after.ops)
      if (!before.ops.contains(label)) model_.add(label, op);
    if (step.verb == Verb::sync) model_.forget_holds();
    for (const auto& [label, op] : after.ops)
      settle_on_one(step, label, op, observed);
    for (const auto& [label, op] : before.ops) {
      if (after.ops.contains(label)) continue;
      if (!observed.ops.contains(op.id)) {
        model_.drop(label);
      } else if (clock_went_back_ && receipts_of(observed, op.id) == op.receipts + 1) {
        Op& left = model_.ops.at(label);
        ++left.receipts;
        left.last = Last{.outcome = Outcome::deleted, .at = model_.now};
      }
    }
    model_.tidy();
  }

  void settle_on_one(const Step& step, const Label& label, const Op& after,
                     const Observed& observed) {
    const auto found = observed.ops.find(after.id);
    if (found == observed.ops.end()) return;
    Op& op = model_.ops.at(label);
    const Seen& seen = found->second;
    const auto receipts = receipts_of(observed, after.id);
    const bool fits_after =
        seen.state == after.state && seen.attempts == after.attempts && receipts == after.receipts;
    const bool fits_before =
        seen.state == op.state && seen.attempts == op.attempts && receipts == op.receipts;
    // Told twice: by who replaced it, and by recovery, to which that seemed older than the file.
    const bool is_told_twice = clock_went_back_ && seen.state == after.state &&
                               seen.attempts == after.attempts && receipts == after.receipts + 1;
    if ((fits_after || is_told_twice) && !fits_before) {
      const auto waited_until = op.waits_until;
      op = after;
      op.receipts = receipts;
      // When it is tried again is not durable.
      if (!seen.is_waiting) {
        op.waits_until.reset();
      } else if (step.verb == Verb::retry) {
        op.waits_until = waited_until;
      }
      return;
    }
    // The receipt of a retry asks for no move: without it nothing has happened. Nor does one that
    // seems older than the file, when the clock was set back.
    const bool is_retry = step.verb == Verb::retry;
    const bool asks_for_nothing = is_retry || clock_went_back_;
    if (!fits_before && asks_for_nothing && receipts == op.receipts + 1) {
      ++op.receipts;
      op.last = is_retry ? Last{.outcome = Outcome::retried, .at = model_.now} : after.last;
    }
  }

  // A crash in the middle of recovery makes it tell again what it has told; it may come twice.
  void repeat_receipts(const Observed& observed) {
    for (auto& [label, op] : model_.ops) {
      const int told = receipts_of(observed, op.id);
      if (told > op.receipts && told <= op.receipts + 2) op.receipts = told;
    }
  }

  // --- comparing ---

  static int receipts_of(const Observed& observed, const OperationId& id) {
    const auto found = observed.receipts.find(id);
    return found == observed.receipts.end() ? 0 : found->second;
  }

  Verdict compare(const Observed& observed) {
    std::map<OperationId, const Op*> expected;
    for (const auto& [label, op] : model_.ops)
      expected[op.id] = &op;
    for (const auto& [id, seen] : observed.ops)
      if (!expected.contains(id)) return name_of(id) + " should be gone, is " + text_of(seen);
    std::map<State, std::uint64_t> totals;
    for (const auto& [id, op] : expected) {
      ++totals[op->state];
      const auto found = observed.ops.find(id);
      Seen should = seen_of(*op);
      if (found == observed.ops.end()) {
        return name_of(id) + " is gone, should be " + text_of(should);
      }
      const Seen& is = found->second;
      // A retry that was cut short takes the reason back, and nothing else.
      const bool explains = op->last && op->last->outcome == Outcome::failed;
      if (op->state == State::failed && !explains && should.reason != Reason::moved) {
        should.reason = is.reason;
      }
      if (is.state != should.state || is.attempts != should.attempts ||
          is.reason != should.reason || is.lane != should.lane) {
        return fmt::format("{} is {}; should be {}", name_of(id), text_of(is), text_of(should));
      }
      if (receipts_of(observed, id) != op->receipts) {
        return fmt::format("{} has {} receipts, should have {}", name_of(id),
                           receipts_of(observed, id), op->receipts);
      }
    }
    if (totals != observed.totals) return "the totals are not the sum of what is listed";
    if (observed.counted && *observed.counted != totals[State::pending]) {
      return fmt::format("usage.json counts {} pending operations, there are {}", *observed.counted,
                         totals[State::pending]);
    }
    return std::nullopt;
  }

  // By the step that made it.
  [[nodiscard]] std::string name_of(const OperationId& id) const {
    for (const auto& [label, of] : model_.ids) {
      if (of == id)
        return fmt::format("#{}{}", label.step,
                           label.line == 0 ? "" : "." + std::to_string(label.line));
    }
    return "an unknown operation, " + id.text() + ",";
  }

  [[nodiscard]] std::string names_of(const std::vector<Sent>& sent) const {
    std::string text;
    for (const auto& [id, reply] : sent)
      text += (text.empty() ? "" : " ") + name_of(id);
    return text.empty() ? "nothing" : text;
  }

  QueueUnderTest queue_;
  Reference model_;
  std::set<OperationId> known_;      // all that ever were
  std::set<OperationId> delivered_;  // as the servers know
  std::set<OperationId> may_repeat_;
  bool clock_went_back_ = false;
};

}  // namespace

std::optional<Failure> run_trial(const std::vector<Step>& steps, Sabotage sabotage) {
  Trial trial(sabotage);
  for (const auto& step : steps) {
    if (auto wrong = trial.run(step))
      return Failure{.step = step.number, .what = *std::move(wrong)};
  }
  if (auto wrong = trial.run_closely()) return Failure{.step = 0, .what = *std::move(wrong)};
  return std::nullopt;
}

}  // namespace model
