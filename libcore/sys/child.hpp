// SPDX-License-Identifier: MIT
#pragma once

// Children: running other programs beside this one. A child leads a process group of its own, so
// that what it starts can be ended with it; its signals are as a fresh program expects them.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/spawn.hpp"

namespace core::sys {

enum class Inherits { environment, nothing };

struct Command {
  std::string program;                   // a path; nothing is looked for
  std::vector<std::string> arguments{};  // without argv[0], which is the program
  // On top of what it inherits.
  std::vector<std::pair<std::string, std::string>> variables{};
  Inherits inherits = Inherits::environment;
  std::string directory{};  // where it runs; empty: here
  std::string input{};      // standard input, whole
  // A descriptor that becomes its standard output; -1: this process's standard error.
  int output = -1;
  // The same for its standard error, which else is this process's.
  int errors = -1;
};

// Whether this user may trust the program to be his own: a file, perhaps behind a symbolic link,
// that is executable, belongs to him or to root, and that no others may write to. False: nothing is
// there. Errors: denied, saying which of these it is not, or that the link leads nowhere; io.
Result<bool> check_own_program(const std::string& path);

class Children {
 public:
  using Id = std::uint64_t;
  enum class Signal { terminate, kill };

  Children() = default;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  virtual ~Children() = default;

  // Errors: not_found, denied, io.
  virtual Result<Id> start(const Command& command) = 0;
  // A descriptor that is readable once it has ended; good until ended() tells so.
  [[nodiscard]] virtual int fd(Id id) const = 0;
  // Its number, which is that of its group; good as long as the descriptor.
  [[nodiscard]] virtual int process(Id id) const = 0;
  // Does not wait. nullopt: it is running. Told once: then the child is forgotten.
  virtual std::optional<Ended> ended(Id id) = 0;
  // To the child and all of its process group. What is left of the group of one that was sent a
  // signal is killed when the child itself has ended.
  virtual void signal(Id id, Signal signal) = 0;
};

// The real ones. What still runs when this goes is killed.
class SystemChildren final : public Children {
 public:
  // From here on the process is told of its children's ends, whoever started it.
  SystemChildren();
  SystemChildren(const SystemChildren&) = delete;
  SystemChildren& operator=(const SystemChildren&) = delete;
  ~SystemChildren() override;

  Result<Id> start(const Command& command) override;
  [[nodiscard]] int fd(Id id) const override;
  [[nodiscard]] int process(Id id) const override;
  std::optional<Ended> ended(Id id) override;
  void signal(Id id, Signal signal) override;

 private:
  struct Child {
    int process = -1;
    Fd end;  // pidfd_open(2)
    bool was_told_to_end = false;
  };
  std::map<Id, Child> running_;
  Id next_ = 1;
};

}  // namespace core::sys
