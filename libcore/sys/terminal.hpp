// SPDX-License-Identifier: MIT
#pragma once

// What standard input, output and error are connected to, found out once at start.

#include "libcore/sys/environment.hpp"

namespace core::sys {

struct Terminal {
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int width = 80;          // columns of the terminal, or $COLUMNS, or 80
  bool is_utf8 = false;    // by LC_ALL, LC_CTYPE, LANG: may characters beyond ASCII be drawn?
  bool has_colour = true;  // TERM is not "dumb"
};

Terminal inspect_terminal(const Environment& environment);

// The width right now (the window may have been resized since).
int terminal_width(int fd, int otherwise);

}  // namespace core::sys
