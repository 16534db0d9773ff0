// SPDX-License-Identifier: MIT
#include "tests/crashlab/model/step.hpp"

#include <array>
#include <random>
#include <string_view>

#include <fmt/core.h>

namespace model {
namespace {

using namespace std::chrono_literals;
using core::queue::IfPending;
using core::queue::State;

constexpr std::array<std::string_view, 21> k_verbs{"enqueue",
                                                   "enqueue a batch",
                                                   "sync",
                                                   "retry",
                                                   "cancel",
                                                   "delete",
                                                   "clear",
                                                   "prune",
                                                   "by hand: mv to pending/",
                                                   "by hand: mv to failed/",
                                                   "by hand: rm",
                                                   "by hand: touch -d +10min, rm index.db;",
                                                   "by hand: a file without id in pending/",
                                                   "by hand: garbage in pending/",
                                                   "by hand: a truncated operation in pending/",
                                                   "rm index.db",
                                                   "rm state.db",
                                                   "rm usage.json",
                                                   "time passes",
                                                   "somebody sets the clock",
                                                   "reboot"};

constexpr std::array<std::string_view, 8> k_replies{
    "200", "200 and a crash", "500", "404", "409", "429", "offline", "timeout"};

template <typename E, std::size_t N>
std::string_view word(const std::array<std::string_view, N>& words, E value) {
  return words.at(static_cast<std::size_t>(value));
}

// --- making ---

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : engine_(seed) {}

  Step next(int number) {
    Step step{.number = number, .verb = pick_verb()};
    switch (step.verb) {
      case Verb::enqueue_batch:
      case Verb::enqueue:
      case Verb::write_by_hand:
        fill_drafts(step);
        break;
      case Verb::sync:
        fill_sync(step);
        break;
      case Verb::retry:
      case Verb::cancel:
      case Verb::remove:
        for (int i = one_of(3); i >= 0 && !made_.empty(); --i)
          step.of.push_back(some_label());
        break;
      case Verb::move_to_pending:
      case Verb::move_to_failed:
      case Verb::unlink:
      case Verb::touch:
        if (!made_.empty()) step.of.push_back(some_label());
        break;
      case Verb::clear:
        step.state = one_of(2) == 0 ? State::failed : State::synced;
        break;
      case Verb::prune:
      case Verb::pass_time:
        step.by = some_time();
        break;
      case Verb::set_clock:
        step.by = one_of(2) == 0 ? some_time() : -some_time();
        break;
      case Verb::write_garbage:
      case Verb::write_truncated:
      case Verb::lose_index:
      case Verb::lose_state:
      case Verb::lose_usage:
      case Verb::reboot:
        break;
    }
    if (one_of(4) == 0) upset(step);
    return step;
  }

 private:
  int one_of(int count) { return static_cast<int>(engine_() % static_cast<unsigned>(count)); }
  bool rarely() { return one_of(6) == 0; }

  Verb pick_verb() {
    // How often each comes, in the order of Verb.
    constexpr std::array<int, 21> k_weights{22, 10, 22, 6, 6, 4, 1, 3, 6, 4, 4,
                                            2,  3,  1,  1, 4, 1, 2, 8, 2, 1};
    int total = 0;
    for (const int weight : k_weights)
      total += weight;
    int at = one_of(total);
    for (std::size_t i = 0; i < k_weights.size(); ++i) {
      if (at < k_weights[i]) return static_cast<Verb>(i);
      at -= k_weights[i];
    }
    return Verb::sync;
  }

  // Mostly one of the newest: those are the ones that something still happens to.
  Label some_label() {
    const int count = static_cast<int>(made_.size());
    const int back = one_of(3) == 0 ? one_of(count) : one_of(std::min(count, 4));
    return made_[static_cast<std::size_t>(count - 1 - back)];
  }

  std::chrono::milliseconds some_time() {
    constexpr std::array<std::chrono::milliseconds, 6> k_times{5ms, 400ms, 3s, 90s, 2h, 50h};
    return k_times.at(static_cast<std::size_t>(one_of(6)));
  }

  Draft draft() {
    Draft draft;
    draft.target = one_of(4) == 0 ? 'b' : 'a';
    if (one_of(3) == 0) draft.priority = one_of(3) - 1;
    if (one_of(3) == 0) draft.lane = one_of(2) == 0 ? "l" : "m";
    if (one_of(3) == 0) draft.key = one_of(3) == 0 ? "j" : "k";
    if (rarely() && !made_.empty()) draft.after.push_back(some_label());
    draft.waits_for_failed = rarely();
    if (rarely()) draft.not_before = std::chrono::seconds{one_of(100)};
    if (rarely()) draft.expires = std::chrono::seconds{100 + one_of(100)};
    if (one_of(3) == 0) draft.max_attempts = 1 + one_of(3);
    return draft;
  }

  void fill_drafts(Step& step) {
    const bool is_batch = step.verb == Verb::enqueue_batch;
    const int count = is_batch ? 1 + one_of(4) : 1;
    for (int i = 0; i < count; ++i)
      step.drafts.push_back(draft());
    if (step.verb != Verb::write_by_hand) {
      step.if_pending = static_cast<IfPending>(one_of(2) == 0 ? 0 : one_of(3));
    }
    for (int i = 0; i < count; ++i)
      made_.push_back({.step = step.number, .line = is_batch ? i + 1 : 0});
  }

  void fill_sync(Step& step) {
    const int count = one_of(5);
    for (int i = 0; i < count; ++i)
      step.replies.push_back(static_cast<Reply>(rarely() ? 1 : 2 + one_of(6)));
    if (one_of(2) == 0) step.replies.insert(step.replies.begin(), Reply::ok);
    if (rarely()) step.max_ops = 1 + one_of(3);
    step.is_forced = one_of(4) == 0;
  }

  void upset(Step& step) {
    step.upset = static_cast<Upset>(one_of(2) == 0 ? 1 : 1 + one_of(3));
    step.at_effect = one_of(one_of(2) == 0 ? 6 : 25);
  }

  std::mt19937_64 engine_;
  std::vector<Label> made_;
};

// --- telling ---

std::string name_of(const Label& label) {
  return label.line == 0 ? fmt::format("#{}", label.step)
                         : fmt::format("#{}.{}", label.step, label.line);
}

std::string text_of(const Draft& draft) {
  std::string text = fmt::format(" to {}", draft.target);
  if (draft.priority != 0) text += fmt::format(" priority={}", draft.priority);
  if (!draft.lane.empty()) text += " lane=" + draft.lane;
  if (!draft.key.empty()) text += " key=" + draft.key;
  for (const auto& label : draft.after)
    text += " after=" + name_of(label) + (draft.waits_for_failed ? " (wait)" : "");
  if (draft.not_before) text += fmt::format(" not-before=+{}s", draft.not_before->count());
  if (draft.expires) text += fmt::format(" expires=+{}s", draft.expires->count());
  if (draft.max_attempts) text += fmt::format(" max-attempts={}", *draft.max_attempts);
  return text;
}

std::string text_of_upset(const Step& step) {
  constexpr std::array<std::string_view, 4> k_upsets{"", "crash", "I/O error", "disk full"};
  if (step.upset == Upset::none) return {};
  return fmt::format("; {} at effect {}", word(k_upsets, step.upset), step.at_effect);
}

}  // namespace

std::vector<Step> generate(std::uint64_t seed, int count) {
  Generator generator(seed);
  std::vector<Step> steps;
  for (int i = 1; i <= count; ++i)
    steps.push_back(generator.next(i));
  return steps;
}

std::string text_of(const Step& step) {
  std::string text = fmt::format("#{}: {}", step.number, word(k_verbs, step.verb));
  for (const auto& label : step.of)
    text += " " + name_of(label);
  if (step.verb == Verb::clear) text += " " + core::queue::folder(step.state);
  if (step.by != 0ms) text += fmt::format(" {} ms", step.by.count());
  for (const auto& draft : step.drafts)
    text += (step.drafts.size() > 1 ? "\n        line" : "") + text_of(draft);
  if (!step.drafts.empty() && step.if_pending != IfPending::replace) {
    text += fmt::format(" if-pending={}", core::name_of(step.if_pending));
  }
  if (step.is_forced) text += " --force";
  if (step.max_ops) text += fmt::format(" --max-ops {}", *step.max_ops);
  for (const auto reply : step.replies)
    text += fmt::format(", {}", word(k_replies, reply));
  return text + text_of_upset(step);
}

}  // namespace model
