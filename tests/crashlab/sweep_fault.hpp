// SPDX-License-Identifier: MIT
#pragma once

// A fault is what goes wrong at the n-th system call of one name: the process is killed before the
// call, or the call fails, only this time or from then on. strace(1) brings it about.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/crashlab/sweep_process.hpp"

namespace sweep {

struct Fault {
  enum class Kind { kill, eio, eio_from_then_on, enospc, enospc_from_then_on };
  std::string call;
  Kind kind = Kind::kill;
  int n = 1;

  [[nodiscard]] std::string text() const;  // "fsync:EIO+:2"
  static std::optional<Fault> parse(std::string_view text);
  [[nodiscard]] bool lasts() const;  // from then on
  // The exit status with which a program that cannot go on must end; 0: it is dead.
  [[nodiscard]] int expected_exit() const;
};

// strace with its options, before the program and its arguments; what it did goes to `log`.
std::vector<std::string> with_fault(const Fault& fault, const std::string& log);
// Only counts the calls that change something, and those in `more`.
std::vector<std::string> counting_calls(const std::string& log, const std::string& more);
std::map<std::string, int> counted_calls(const std::string& log);

// Whether the fault made a write to this descriptor fail: nobody can say then what went wrong.
bool has_cut_off(int descriptor, const std::string& log);
// Whether the fault happened: a program may end before its n-th call.
bool has_hit(const Fault& fault, const Ended& ended, const std::string& log);

}  // namespace sweep
