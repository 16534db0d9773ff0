// SPDX-License-Identifier: MIT
#include "libcore/sys/spawn.hpp"

#include <cerrno>

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace core::sys {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What posix_spawn does in the child before the program begins.
class Actions {
 public:
  explicit Actions(const Spawn& what) {
    ::posix_spawn_file_actions_init(&actions_);
    if (what.input >= 0) become(what.input, STDIN_FILENO);
    if (what.output >= 0) become(what.output, STDOUT_FILENO);
    if (what.errors >= 0) become(what.errors, STDERR_FILENO);
    if (what.directory.empty()) return;
    ::posix_spawn_file_actions_addchdir_np(&actions_, what.directory.c_str());
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void become(int fd, int stream) { ::posix_spawn_file_actions_adddup2(&actions_, fd, stream); }

  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(const Spawn& what) {
    ::posix_spawnattr_init(&attributes_);
    sigset_t defaults{};
    ::sigemptyset(&defaults);
    for (const int number : what.not_ignored)
      ::sigaddset(&defaults, number);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    int flags = POSIX_SPAWN_SETSIGDEF;
    if (what.group == Spawn::Group::own) {
      sigset_t none{};
      ::sigemptyset(&none);
      ::posix_spawnattr_setsigmask(&attributes_, &none);
      ::posix_spawnattr_setpgroup(&attributes_, 0);
      flags |= POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
    }
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<int> spawn(const Spawn& what) {
  const Actions actions(what);
  const Attributes attributes(what);
  std::vector<std::string> arguments{what.program};
  arguments.insert(arguments.end(), what.arguments.begin(), what.arguments.end());
  auto lines = what.environment.value_or(std::vector<std::string>{});
  const auto pointers = pointers_to(lines);
  int process = -1;
  const int error =
      ::posix_spawn(&process, what.program.c_str(), actions.get(), attributes.get(),
                    pointers_to(arguments).data(), what.environment ? pointers.data() : environ);
  if (error == ENOENT) return fail(Errc::not_found, "run: " + what.program + ": no such program");
  if (error != 0) return io_error("run", what.program, error);
  return process;
}

Result<Fd> input_file(const std::string& bytes) {
  Fd fd(::memfd_create("input", MFD_CLOEXEC));
  if (!fd.is_open()) return io_error("run", "standard input", errno);
  TRY(write_all(fd.get(), bytes, "standard input"));
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

Ended ended_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {.status = 0, .signal = WTERMSIG(wait_status)};
  return {.status = WEXITSTATUS(wait_status), .signal = 0};
}

}  // namespace core::sys
