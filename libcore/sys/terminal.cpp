// SPDX-License-Identifier: MIT
#include "libcore/sys/terminal.hpp"

#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

#include "libcore/base/text.hpp"

namespace core::sys {
namespace {

constexpr int k_usual_width = 80;

// The first of the three that is set decides, as in setlocale(3).
bool has_utf8_locale(const Environment& environment) {
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const auto value = environment.value_or_nothing(name)) {
      const auto lower = to_lower(*value);
      return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
    }
  }
  return false;
}

}  // namespace

int terminal_width(int fd, int otherwise) {
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
  const bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : otherwise;
}

Terminal inspect_terminal(const Environment& environment) {
  int otherwise = k_usual_width;
  if (const auto columns = environment.value_or_nothing("COLUMNS")) {
    const auto number = parse_unsigned(*columns);
    if (number && *number >= 20 && *number <= 1000) otherwise = static_cast<int>(*number);
  }
  const bool out = ::isatty(STDOUT_FILENO) == 1;
  const bool err = ::isatty(STDERR_FILENO) == 1;
  return {.in_is_terminal = ::isatty(STDIN_FILENO) == 1,
          .out_is_terminal = out,
          .err_is_terminal = err,
          .width = out   ? terminal_width(STDOUT_FILENO, otherwise)
                   : err ? terminal_width(STDERR_FILENO, otherwise)
                         : otherwise,
          .is_utf8 = has_utf8_locale(environment),
          .has_colour = environment.get("TERM").value_or("dumb") != "dumb"};
}

}  // namespace core::sys
