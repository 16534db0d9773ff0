// SPDX-License-Identifier: MIT
#pragma once

// offq show: everything about one operation.

#include <string>

#include "tools/offq/selection.hpp"

namespace offq {

enum class ShowPart { everything, body, response };

struct ShowOptions {
  std::string id;
  ShowPart part = ShowPart::everything;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<ShowOptions> show_command();

}  // namespace offq
