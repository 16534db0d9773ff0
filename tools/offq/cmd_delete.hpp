// SPDX-License-Identifier: MIT
#pragma once

// offq delete: remove operations for good.

#include <optional>
#include <string>
#include <vector>

#include "tools/offq/selection.hpp"

namespace offq {

struct DeleteOptions {
  std::vector<std::string> ids;
  IdSource source = IdSource::operands;
  Confirm confirm = Confirm::ask;
};

core::cli::Declaration<DeleteOptions> delete_command();

}  // namespace offq
