// SPDX-License-Identifier: MIT
// The model test: random sequences of commands, hands, crashes and time, done by a real queue and
// by a reference, compared after every step. A sequence that fails is shrunk and printed.

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "tests/crashlab/model/trial.hpp"

namespace {

constexpr const char* k_usage =
    "usage: model_test [--sequences N] [--seed S] [--steps K] [--long] [--sabotage HOW]\n"
    "\n"
    "Runs N sequences of K steps, made from the seeds S, S+1, …; 100 times as many, and of twice\n"
    "the length, with --long. HOW (forget-receipts, lose-moves, ignore-lanes) makes the queue or\n"
    "the reference wrong on purpose. Exits with 1 when a sequence fails.\n";

struct Options {
  std::uint64_t sequences = 100;
  std::uint64_t seed = 1;
  std::uint64_t steps = 20;
  model::Sabotage sabotage = model::Sabotage::none;
  std::string sabotage_name;
};

std::optional<Options> parse(int count, char** words) {
  const std::map<std::string_view, model::Sabotage> sabotages{
      {"forget-receipts", model::Sabotage::forget_receipts},
      {"lose-moves", model::Sabotage::lose_moves},
      {"ignore-lanes", model::Sabotage::ignore_lanes}};
  Options options;
  const std::map<std::string_view, std::uint64_t*> numbers{
      {"--sequences", &options.sequences}, {"--seed", &options.seed}, {"--steps", &options.steps}};
  std::uint64_t times = 1;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--long") {
      times = 100;
      continue;
    }
    const std::string_view value = i + 1 < count ? words[++i] : "";
    const auto number = core::parse_unsigned(value);
    if (numbers.contains(word) && number) {
      *numbers.at(word) = *number;
    } else if (word == "--sabotage" && sabotages.contains(value)) {
      options.sabotage = sabotages.at(value);
      options.sabotage_name = value;
    } else {
      return std::nullopt;
    }
  }
  if (times > 1) options.steps *= 2;
  options.sequences *= times;
  return options;
}

void report(const Options& options, std::uint64_t seed, std::vector<model::Step> steps,
            model::Failure failure) {
  const auto count = steps.size();
  steps = model::shrink(std::move(steps), options.sabotage, failure);
  fmt::print("seed {} fails; of {} steps {} are enough:\n", seed, count, steps.size());
  for (const auto& step : steps)
    fmt::print("  {}\n", text_of(step));
  fmt::print("{}: {}\n", failure.step == 0 ? "at the end" : fmt::format("after #{}", failure.step),
             failure.what);
  fmt::print("again: model_test --sequences 1 --seed {} --steps {}{}{}\n", seed, count,
             options.sabotage_name.empty() ? "" : " --sabotage ", options.sabotage_name);
}

}  // namespace

int main(int count, char** words) {
  const auto options = parse(count, words);
  if (!options) {
    std::fputs(k_usage, stderr);
    return 2;
  }
  for (std::uint64_t i = 0; i < options->sequences; ++i) {
    const std::uint64_t seed = options->seed + i;
    const auto steps = model::generate(seed, static_cast<int>(options->steps));
    if (auto failure = model::run_trial(steps, options->sabotage)) {
      report(*options, seed, steps, *std::move(failure));
      return 1;
    }
  }
  fmt::print("{} sequences of {} steps agree with the reference\n", options->sequences,
             options->steps);
  return 0;
}
