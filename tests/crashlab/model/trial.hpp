// SPDX-License-Identifier: MIT
#pragma once

// One sequence, done by the real queue and by the reference, compared after every step.

#include <optional>
#include <string>
#include <vector>

#include "tests/crashlab/model/step.hpp"
#include "tests/crashlab/model/timed_files.hpp"

namespace model {

struct Failure {
  int step = 0;  // its number; 0: at the end
  std::string what;
};

// nullopt: the two agree.
std::optional<Failure> run_trial(const std::vector<Step>& steps, Sabotage sabotage);

// Leaves out and simplifies steps for as long as some failure remains; `failure` becomes that of
// what is returned.
std::vector<Step> shrink(std::vector<Step> steps, Sabotage sabotage, Failure& failure);

}  // namespace model
