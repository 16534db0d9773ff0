// SPDX-License-Identifier: MIT
#pragma once

// What another process prints, as a descriptor: the end that is read does not wait, and neither is
// inherited by a program that is run unless it is given to it.

#include "libcore/base/result.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

struct Pipe {
  Fd read_end;  // non-blocking
  Fd write_end;

  // Errors: io.
  static Result<Pipe> open();
};

}  // namespace core::sys
