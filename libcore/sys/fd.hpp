// SPDX-License-Identifier: MIT
#pragma once

// Fd owns one file descriptor. io_error turns errno into an Error, the only place that decides
// which errno is "full" (73), "denied" (77) or "io" (74).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "libcore/base/result.hpp"

namespace core::sys {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  // Closes and reports what close(2) said: a full disk may be noticed only here (NFS, quotas).
  Result<> close();
  void reset();

 private:
  int number_ = -1;
};

// "what: object: strerror(error_number)".
tl::unexpected<Error> io_error(std::string_view what, std::string_view object, int error_number);

// Writes all bytes or fails with the errno's error.
Result<> write_all(int fd, std::string_view bytes, std::string_view object);
// Reads until `limit` bytes or the end.
Result<std::string> read_up_to(int fd, std::size_t limit, std::string_view object);
// The same from byte `offset` on; where the descriptor stands is left as it is.
Result<std::string> read_at(const Fd& fd, std::uint64_t offset, std::size_t limit,
                            std::string_view object);

}  // namespace core::sys
