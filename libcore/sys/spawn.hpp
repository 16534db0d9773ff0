// SPDX-License-Identifier: MIT
#pragma once

// Starting a program (posix_spawn(3)). Who waits for its end: sys/child.hpp beside other work,
// sys/foreground.hpp for nothing else.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

struct Spawn {
  std::string program;                   // a path; nothing is looked for
  std::vector<std::string> arguments{};  // without argv[0], which is the program
  // NAME=VALUE; absent: this process's.
  std::optional<std::vector<std::string>> environment{};
  std::string directory{};  // where it runs; empty: here
  // Descriptors that become its standard streams; -1: this process's.
  int input = -1;
  int output = -1;
  int errors = -1;
  // Signals that it does not ignore although this process may. Those that this process catches are
  // never caught in a program that has just begun.
  std::vector<int> not_ignored{};
  // Own: it leads a group, and blocks no signal.
  enum class Group { own, ours } group = Group::ours;
};

// Its number, for waitpid(2). Errors: not_found, denied, io.
Result<int> spawn(const Spawn& what);

// These bytes in a file without a name, at its beginning: as standard input nobody has to feed it,
// whatever the program reads. Errors: io.
Result<Fd> input_file(const std::string& bytes);

// How a program ended: its exit status, or the signal that killed it.
struct Ended {
  int status = 0;
  int signal = 0;

  [[nodiscard]] bool is_success() const { return status == 0 && signal == 0; }
};

// What waitpid(2) has told of one that has ended.
Ended ended_of(int wait_status);

}  // namespace core::sys
