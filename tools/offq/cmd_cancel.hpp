// SPDX-License-Identifier: MIT
#pragma once

// offq cancel: pending operations that shall not be sent.

#include <string>
#include <vector>

#include "tools/offq/selection.hpp"

namespace offq {

struct CancelOptions {
  std::vector<std::string> ids;
  std::vector<std::string> types;
  std::vector<std::string> lanes;
  Scope scope = Scope::selected;
  IdSource source = IdSource::operands;
};

core::cli::Declaration<CancelOptions> cancel_command();

}  // namespace offq
