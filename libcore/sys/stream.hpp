// SPDX-License-Identifier: MIT
#pragma once

// Standard streams and pipes: a reader that went away is an outcome here and no error.

#include <span>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core::sys {

enum class Reader { present, gone };

// Writes all bytes; Reader::gone on EPIPE (call ignore_broken_pipes first). Errors: full, io.
Result<Reader> write_stream(int fd, std::string_view bytes, std::string_view name);

// Whether anybody can read what is written from now on. Does not wait.
Reader reader_of(int fd);

// One read(2); 0 at the end. A signal that was noted (sys/signal.hpp) ends the wait with its
// error. Errors: io, interrupted, terminated.
Result<std::size_t> read_stream(int fd, std::span<char> buffer, std::string_view name);

// Takes the numbers 0, 1 and 2 where the parent closed them, so that no file opened later becomes
// standard output by accident. Using such a stream stays an error (EBADF).
void hold_standard_streams();

}  // namespace core::sys
