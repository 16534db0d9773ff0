// SPDX-License-Identifier: MIT
#include "libcore/sys/child.hpp"

#include <cerrno>
#include <string_view>

#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace core::sys {
namespace {

// NAME=VALUE lines: ours, and this process's where there is none of that name.
std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : command.variables)
    lines.push_back(name + '=' + value);
  if (command.inherits == Inherits::nothing) return lines;
  const auto own = lines.size();
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view line = *at;
    const auto name = line.substr(0, line.find('=') + 1);
    bool is_set = false;
    for (std::size_t i = 0; i < own; ++i)
      is_set |= lines[i].starts_with(name);
    if (!is_set) lines.emplace_back(line);
  }
  return lines;
}

// Waits for it: what has been killed is not long in ending.
void kill_group(int process) {
  ::kill(-process, SIGKILL);
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<bool> check_own_program(const std::string& path) {
  struct stat status{};
  const auto refuse = [&path](std::string_view why) {
    return fail(Errc::denied, "not run: " + path + ": " + std::string(why));
  };
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return io_error("not run", path, errno);
    if (::lstat(path.c_str(), &status) != 0) return false;
    return refuse("a symbolic link to nothing");
  }
  if (!S_ISREG(status.st_mode)) return refuse("not a file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refuse("it belongs to another user");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return refuse("others may write to it");
  if (::access(path.c_str(), X_OK) != 0) return refuse("not executable");
  return true;
}

// Where SIGCHLD is ignored, as a careless parent leaves it, nobody learns how a child has ended.
SystemChildren::SystemChildren() {
  ::signal(SIGCHLD, SIG_DFL);
}

Result<Children::Id> SystemChildren::start(const Command& command) {
  TRY_ASSIGN(const Fd input, input_file(command.input));
  Child child;
  TRY_ASSIGN(child.process,
             spawn({.program = command.program,
                    .arguments = command.arguments,
                    .environment = environment_of(command),
                    .directory = command.directory,
                    .input = input.get(),
                    // This process's standard output carries our data and nothing else.
                    .output = command.output < 0 ? STDERR_FILENO : command.output,
                    .errors = command.errors,
                    .not_ignored = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGQUIT, SIGCHLD},
                    .group = Spawn::Group::own}));
  child.end = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child.process, 0)));
  if (!child.end.is_open()) {
    // Nobody would be told of its end.
    const int why = errno;
    kill_group(child.process);
    return io_error("run", command.program, why);
  }
  const Id id = next_++;
  running_.emplace(id, std::move(child));
  return id;
}

int SystemChildren::fd(Id id) const {
  const auto found = running_.find(id);
  return found == running_.end() ? -1 : found->second.end.get();
}

int SystemChildren::process(Id id) const {
  const auto found = running_.find(id);
  return found == running_.end() ? 0 : found->second.process;
}

std::optional<Ended> SystemChildren::ended(Id id) {
  const auto found = running_.find(id);
  if (found == running_.end()) return Ended{};
  const auto& child = found->second;
  // While it is a zombie the number of its group is nobody else's.
  siginfo_t end{};
  const int seen =
      ::waitid(P_PID, static_cast<id_t>(child.process), &end, WEXITED | WNOHANG | WNOWAIT);
  if (seen == 0 && end.si_pid == 0) return std::nullopt;
  if (seen == 0 && child.was_told_to_end) ::kill(-child.process, SIGKILL);
  int status = 0;
  const int waited = ::waitpid(child.process, &status, WNOHANG);
  if (waited == 0 || (waited < 0 && errno == EINTR)) return std::nullopt;
  running_.erase(found);
  if (waited < 0) return Ended{.status = 0, .signal = SIGKILL};
  return ended_of(status);
}

void SystemChildren::signal(Id id, Signal signal) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  found->second.was_told_to_end = true;
  ::kill(-found->second.process, signal == Signal::kill ? SIGKILL : SIGTERM);
}

SystemChildren::~SystemChildren() {
  for (const auto& [id, child] : running_) {
    kill_group(child.process);
  }
}

}  // namespace core::sys
