// SPDX-License-Identifier: MIT
#pragma once

// offq retry: put failed operations back.

#include <string>
#include <vector>

#include "tools/offq/selection.hpp"

namespace offq {

struct RetryOptions {
  std::vector<std::string> ids;
  std::vector<Reason> reasons;
  std::vector<std::string> types;
  Scope scope = Scope::selected;
  IdSource source = IdSource::operands;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<RetryOptions> retry_command();

}  // namespace offq
