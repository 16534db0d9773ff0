// SPDX-License-Identifier: MIT
#include "libcore/sys/child.hpp"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace core::sys {
namespace {

// The whole input in a file without a name: nobody has to be fed, whatever the child reads.
Result<Fd> input_file(const std::string& bytes) {
  Fd fd(::memfd_create("input", MFD_CLOEXEC));
  if (!fd.is_open()) return io_error("run", "standard input", errno);
  TRY(write_all(fd.get(), bytes, "standard input"));
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

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

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What posix_spawn is told to do in the child.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none{};
    sigset_t defaults{};
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGQUIT, SIGCHLD})
      ::sigaddset(&defaults, number);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void read_from(int fd) { ::posix_spawn_file_actions_adddup2(&actions_, fd, STDIN_FILENO); }
  // This process's standard output carries our data and nothing else.
  void print_to(int fd) {
    ::posix_spawn_file_actions_adddup2(&actions_, fd < 0 ? STDERR_FILENO : fd, STDOUT_FILENO);
  }
  void complain_to(int fd) {
    if (fd >= 0) ::posix_spawn_file_actions_adddup2(&actions_, fd, STDERR_FILENO);
  }
  void run_in(const std::string& directory) {
    if (!directory.empty()) {
      ::posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    }
  }
  // Returns an errno, or 0.
  int run(int& process, const std::string& program, char* const* arguments,
          char* const* environment) {
    return ::posix_spawn(&process, program.c_str(), &actions_, &attributes_, arguments,
                         environment);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

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
  std::vector<std::string> arguments{command.program};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  auto environment = environment_of(command);
  SpawnPlan plan;
  plan.read_from(input.get());
  plan.print_to(command.output);
  plan.complain_to(command.errors);
  plan.run_in(command.directory);
  Child child;
  const int error = plan.run(child.process, command.program, pointers_to(arguments).data(),
                             pointers_to(environment).data());
  if (error == ENOENT)
    return fail(Errc::not_found, "run: " + command.program + ": no such program");
  if (error != 0) return io_error("run", command.program, error);
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
  if (WIFSIGNALED(status)) return Ended{.status = 0, .signal = WTERMSIG(status)};
  return Ended{.status = WEXITSTATUS(status), .signal = 0};
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
