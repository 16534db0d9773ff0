// SPDX-License-Identifier: MIT
#include "libcore/cli/context.hpp"

namespace core::cli {

void Context::warn(std::string_view message) {
  if (verbosity == Verbosity::quiet) return;
  const bool colour = err_color == Color::yes;
  err.print("{}: {}warning:{} {}\n", program, colour ? "\x1b[33m" : "", colour ? "\x1b[0m" : "",
            message);
}

void Context::note(std::string_view message) {
  if (verbosity == Verbosity::verbose) err.print("{}: {}\n", program, message);
}

}  // namespace core::cli
