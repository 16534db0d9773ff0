// SPDX-License-Identifier: MIT
#include "tests/crashlab/model/reference.hpp"

#include <algorithm>

namespace model {
namespace {

using core::queue::IfPending;

bool is_decided_without_an_answer(Reason reason) {
  return reason != Reason::rejected && reason != Reason::exhausted && reason != Reason::conflict;
}

}  // namespace

void Reference::note(Op& op, Outcome outcome, Reason reason) const {
  ++op.receipts;
  op.last = Last{.outcome = outcome, .reason = reason, .attempts = op.attempts, .at = now};
}

void Reference::give_up(Op& op, Reason reason) const {
  op.state = State::failed;
  op.reason = reason;
  op.settled_at = now;
  op.is_line = false;
  note(op, Outcome::failed, reason);
}

bool Reference::has_lines(int step, std::optional<State> state) const {
  return std::ranges::any_of(ops, [&](const auto& item) {
    const auto& [label, op] = item;
    return label.step == step && op.is_line && (!state || op.state == *state);
  });
}

void Reference::remove(const Label& label) {
  ops.erase(label);
  if (label.line != 0 && !has_lines(label.step, std::nullopt)) batches_.erase(label.step);
}

std::set<Label> Reference::named(const Step& step) const {
  std::set<Label> there;
  for (const auto& label : step.of) {
    const auto found = ops.find(label);
    if (found != ops.end() && !found->second.is_damaged) there.insert(label);
  }
  return there;
}

// --- enqueue ---

// However it came to be pending.
std::optional<Label> Reference::holder(const std::string& key) const {
  const auto found = std::ranges::find_if(ops, [&key](const auto& item) {
    return item.second.state == State::pending && item.second.draft.key == key;
  });
  return found == ops.end() ? std::nullopt : std::optional(found->first);
}

std::optional<std::vector<Taken>> Reference::plan(const Step& step) const {
  std::vector<Taken> taken;
  std::map<std::string, Label> own;
  int line = 0;
  for (const auto& draft : step.drafts) {
    Taken next{
        .label = {.step = step.number, .line = step.verb == Verb::enqueue_batch ? ++line : 0}};
    const bool asks = !draft.key.empty() && step.if_pending != IfPending::replace;
    if (asks && (own.contains(draft.key) || holder(draft.key))) {
      if (step.if_pending == IfPending::error) return std::nullopt;
      next.kept = own.contains(draft.key) ? own[draft.key] : holder(draft.key);
    } else if (!draft.key.empty()) {
      own[draft.key] = next.label;
    }
    taken.push_back(next);
  }
  return taken;
}

void Reference::add(const Label& label, Op op) {
  if (label.line != 0) batches_[label.step] = BatchFile::pending;
  ids[label] = op.id;
  ops[label] = std::move(op);
}

void Reference::tidy() {
  std::map<std::string, core::OperationId> newest;
  for (const auto& [label, op] : ops) {
    if (op.state == State::pending && !op.draft.key.empty()) {
      newest[op.draft.key] = std::max(newest[op.draft.key], op.id);
    }
  }
  for (auto& [label, op] : ops) {
    const bool has_key = op.state == State::pending && !op.draft.key.empty();
    if (has_key && op.id != newest[op.draft.key]) give_up(op, Reason::replaced);
  }
  for (auto& [step, file] : batches_)
    if (!has_lines(step, State::pending)) file = BatchFile::synced;
}

// --- what commands and hands do ---

void Reference::move_to_pending(Op& op) const {
  // A delivery is final, and what a receipt says of an interrupted move is completed; but a hand
  // that came later knows better.
  if (op.state != State::failed) return;
  const bool failed = op.last && op.last->outcome == Outcome::failed;
  if (failed && is_decided_without_an_answer(op.last->reason) && now <= op.last->at) return;
  op.state = State::pending;
  op.reason = Reason::none;
}

void Reference::unlink(const Label& label) {
  Op& op = ops.at(label);
  const auto batch = batches_.find(label.step);
  const bool was_delivered = op.last && op.last->outcome == Outcome::synced;
  if (label.line != 0 && batch != batches_.end() && was_delivered) {
    op.is_line = true;  // the line in the batch counts again
    op.attempts = 0;
    return;
  }
  ops.erase(label);
}

void Reference::prune(Time before) {
  std::set<core::OperationId> awaited;
  for (const auto& [label, op] : ops)
    for (const auto& after : op.draft.after)
      if (op.state != State::synced && ids.contains(after)) awaited.insert(ids.at(after));
  const auto goes = [&](const Op& op) {
    return op.state == State::synced && op.settled_at < before && !awaited.contains(op.id);
  };
  std::set<int> batches;
  for (const auto& [step, file] : batches_) {
    const auto stays = [&](const auto& item) {
      return item.first.step == step && item.second.is_line && !goes(item.second);
    };
    if (file == BatchFile::synced && std::ranges::none_of(ops, stays)) batches.insert(step);
  }
  std::erase_if(ops, [&](const auto& item) {
    const auto& [label, op] = item;
    return goes(op) && (!op.is_line || batches.contains(label.step));
  });
  for (const int step : batches)
    batches_.erase(step);
}

// --- all of it ---

std::vector<Sent> Reference::apply(const Step& step) {
  std::vector<Sent> sent;
  for (const auto& label : named(step)) {
    Op& op = ops.at(label);
    const bool has_file = !op.is_line;
    if (step.verb == Verb::cancel && op.state == State::pending) give_up(op, Reason::cancelled);
    if (step.verb == Verb::retry && op.state == State::failed) {
      op.state = State::pending;
      op.reason = Reason::none;
      op.attempts = 0;
      op.waits_until = now;  // which is later than now once the clock is set back
      note(op, Outcome::retried);
    }
    if (step.verb == Verb::move_to_pending && has_file) move_to_pending(op);
    if (step.verb == Verb::move_to_failed && has_file && op.state == State::pending) {
      const bool failed_before = op.last && op.last->outcome == Outcome::failed;
      op.state = State::failed;
      op.reason = failed_before ? op.last->reason : Reason::moved;
      op.settled_at = failed_before ? op.last->at : Time{};
    }
    if (step.verb == Verb::touch && has_file && op.state == State::pending) {
      op.waits_until = now + k_touched;
    }
    if (step.verb == Verb::unlink && has_file) {
      unlink(label);
    } else if (step.verb == Verb::remove) {
      remove(label);
    }
  }
  if (step.verb == Verb::sync) sent = sync(step);
  if (step.verb == Verb::prune) prune(now - step.by);
  if (step.verb == Verb::lose_state) forget_holds();
  if (step.verb == Verb::clear) {
    for (const auto& [label, op] : std::map(ops))
      if (op.state == step.state) remove(label);
  }
  tidy();
  return sent;
}

}  // namespace model
