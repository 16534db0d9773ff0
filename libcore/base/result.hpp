// SPDX-License-Identifier: MIT
#pragma once

// Result<T>: a value or an Error, the only way offkit reports failure. Every fallible function
// returns one; ignoring it warns. Absence is not an error: use Result<std::optional<T>>.
// An Error's message reads "what failed: object: cause", lower case, without a full stop;
// cli::main is the only place that prints it.

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace core {

// Closed, and one to one with the exit codes of offkit(7); see cli/exit_code.hpp.
enum class Errc {
  usage,
  corrupt,      // input or stored bytes are malformed or damaged
  not_found,    // no such operation, file, command
  unavailable,  // a needed service cannot be reached and policy says fail
  full,         // queue limit, disk or inodes
  io,
  later,   // not now: offline, held, locked
  denied,  // ownership or permission
  config,
  timeout,
  interrupted,
  terminated,
};

struct Error {
  Errc code = Errc::io;
  std::string message;
};

template <typename T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{.code = code, .message = std::move(message)});
}

// Puts `context` in front: "context: message". The code stays.
inline tl::unexpected<Error> wrap(const std::string& context, Error error) {
  error.message = context + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace core

// NOLINTBEGIN(bugprone-macro-parentheses)
#define OFFKIT_JOIN_(a, b) a##b
#define OFFKIT_JOIN(a, b) OFFKIT_JOIN_(a, b)

// TRY(expr): returns expr's error from the enclosing function, or goes on.
#define TRY(expr)                                                           \
  do {                                                                      \
    if (auto offkit_result = (expr); !offkit_result)                        \
      return tl::unexpected<core::Error>(std::move(offkit_result).error()); \
  } while (false)

// TRY_ASSIGN(auto x, expr): the same, and gives the value to x.
#define TRY_ASSIGN(declaration, expr)                                                             \
  auto OFFKIT_JOIN(offkit_result_, __LINE__) = (expr);                                            \
  if (!OFFKIT_JOIN(offkit_result_, __LINE__))                                                     \
    return tl::unexpected<core::Error>(std::move(OFFKIT_JOIN(offkit_result_, __LINE__)).error()); \
  declaration = *std::move(OFFKIT_JOIN(offkit_result_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)
