// SPDX-License-Identifier: MIT
#pragma once

// Where text comes from: standard input, a file named by an option. Reads in
// chunks of 64 KiB, so that memory does not grow with the input.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"

namespace core::cli {

class Input {
 public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;

  // The next bytes, empty at the end; valid until the next call of any member. Errors: io.
  Result<std::string_view> chunk();
  // The next line without its newline; the last one may lack it. nullopt at the end; valid until
  // the next call. Errors: io, and corrupt when a line is longer than `limit`.
  Result<std::optional<std::string_view>> line(ByteCount limit = {64ULL << 20U});
  // Everything that is left. Errors: io, and full when that is more than `limit`.
  Result<std::string> all(ByteCount limit);

 protected:
  // Up to buffer.size() bytes; 0 at the end.
  virtual Result<std::size_t> read(std::span<char> buffer) = 0;

 private:
  Result<bool> fill();  // false at the end

  std::string buffer_;
  std::size_t begin_ = 0;  // what was handed out lies before
  std::size_t end_ = 0;    // what was read lies before
};

// Reads a file descriptor that outlives it. A signal that was caught (sys/signal.hpp) ends the
// wait with its error.
class FdInput final : public Input {
 public:
  FdInput(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

 protected:
  Result<std::size_t> read(std::span<char> buffer) override;

 private:
  int fd_;
  std::string name_;
};

// Words separated by newlines or NULs, blanks around them dropped, empty ones skipped: ids.
Result<std::vector<std::string>> read_words(Input& input);

}  // namespace core::cli
