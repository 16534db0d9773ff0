// SPDX-License-Identifier: MIT
// Delta debugging: of a sequence that fails, as little as possible that still does.

#include <algorithm>
#include <functional>

#include "tests/crashlab/model/trial.hpp"

namespace model {
namespace {

class Shrinker {
 public:
  Shrinker(std::vector<Step> steps, Sabotage sabotage, Failure& failure)
      : steps_(std::move(steps)), sabotage_(sabotage), failure_(failure) {}

  std::vector<Step> run() {
    cut_after_failure();
    bool has_changed = true;
    while (has_changed) {
      has_changed = drop_steps();
      has_changed = simplify_steps() || has_changed;
    }
    return std::move(steps_);
  }

 private:
  // Whether `steps` fail too; then they are what goes on being shrunk.
  bool take(std::vector<Step> steps) {
    const auto failure = run_trial(steps, sabotage_);
    if (!failure) return false;
    steps_ = std::move(steps);
    failure_ = *failure;
    return true;
  }

  void cut_after_failure() {
    auto steps = steps_;
    std::erase_if(
        steps, [&](const Step& step) { return failure_.step != 0 && step.number > failure_.step; });
    take(std::move(steps));
  }

  bool drop_steps() {
    bool has_changed = false;
    for (std::size_t size = std::max<std::size_t>(steps_.size() / 2, 1); size > 0; size /= 2) {
      for (std::size_t at = 0; at < steps_.size();) {
        auto steps = steps_;
        const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(at);
        steps.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, steps.size() - at)));
        const bool is_enough = take(std::move(steps));
        has_changed = has_changed || is_enough;
        if (!is_enough) at += size;
      }
    }
    return has_changed;
  }

  bool simplify_steps() {
    const std::vector<std::function<void(Step&)>> ways{
        [](Step& step) { step.upset = Upset::none; },
        [](Step& step) { step.is_forced = false; },
        [](Step& step) { step.if_pending = core::queue::IfPending::replace; },
        [](Step& step) { step.max_ops.reset(); },
        [](Step& step) { step.replies.clear(); },
        [](Step& step) {
          if (!step.replies.empty()) step.replies.pop_back();
        },
        [](Step& step) {
          if (!step.replies.empty()) step.replies.front() = Reply::ok;
        },
        [](Step& step) {
          if (step.of.size() > 1) step.of.pop_back();
        },
        [](Step& step) {
          if (step.of.size() > 1) step.of.erase(step.of.begin());
        },
        [](Step& step) {
          if (step.drafts.size() > 1) step.drafts.pop_back();
        },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft = {.key = draft.key}; }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.key.clear(); }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.after.clear(); }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.lane.clear(); }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.priority = 0; }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.target = 'a'; }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.max_attempts.reset(); }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.not_before.reset(); }); },
        [](Step& step) { each_draft(step, [](Draft& draft) { draft.expires.reset(); }); },
        [](Step& step) {
          if (step.at_effect > 0) --step.at_effect;
        },
    };
    bool has_changed = false;
    for (std::size_t at = 0; at < steps_.size(); ++at) {
      for (const auto& way : ways) {
        auto steps = steps_;
        way(steps[at]);
        const bool is_simpler = text_of(steps[at]) != text_of(steps_[at]);
        if (is_simpler && take(std::move(steps))) has_changed = true;
      }
    }
    return has_changed;
  }

  static void each_draft(Step& step, const std::function<void(Draft&)>& change) {
    std::ranges::for_each(step.drafts, change);
  }

  std::vector<Step> steps_;
  Sabotage sabotage_;
  Failure& failure_;
};

}  // namespace

std::vector<Step> shrink(std::vector<Step> steps, Sabotage sabotage, Failure& failure) {
  return Shrinker(std::move(steps), sabotage, failure).run();
}

}  // namespace model
