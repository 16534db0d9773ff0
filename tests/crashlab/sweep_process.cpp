// SPDX-License-Identifier: MIT
#include "tests/crashlab/sweep_process.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"

namespace sweep {
namespace {

using core::Errc;
using core::Result;
using core::sys::Fd;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const auto& text : texts)
    result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// In a process group of its own, so that what it starts can be killed with it.
pid_t start(const std::vector<std::string>& command, const Surroundings& surroundings,
            const std::string& out, const std::string& err) {
  auto arguments = pointers(command);
  auto variables = pointers(surroundings.variables);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  constexpr int k_flags = O_WRONLY | O_CREAT | O_TRUNC;
  constexpr mode_t k_mode = 0600;
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out.c_str(), k_flags, k_mode), STDOUT_FILENO);
  ::dup2(out == err ? STDOUT_FILENO : ::open(err.c_str(), k_flags, k_mode), STDERR_FILENO);
  // Its own outputs only: a pipe of the test that runs the sweep would be held open.
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  ::execvpe(arguments[0], arguments.data(), variables.data());
  constexpr int k_not_started = 127;
  ::_exit(k_not_started);
}

int exit_status_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::string Ended::text() const {
  switch (how) {
    case How::exited:
      return fmt::format("exit {}", code);
    case How::killed:
      return fmt::format("killed by signal {}", code);
    case How::hung:
      return "hung";
  }
  return {};
}

Result<Ended> run(const std::vector<std::string>& command, const Surroundings& surroundings) {
  const std::string out = surroundings.scratch + "/stdout";
  const std::string err = surroundings.scratch + "/stderr";
  const pid_t pid = start(command, surroundings, out, err);
  const Fd ending(pid < 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!ending.is_open()) return core::sys::io_error("start", command.front(), errno);
  pollfd polled{.fd = ending.get(), .events = POLLIN, .revents = 0};
  const std::chrono::milliseconds patience = surroundings.patience;
  const bool has_hung = ::poll(&polled, 1, static_cast<int>(patience.count())) == 0;
  if (has_hung) ::kill(-pid, SIGKILL);
  const int status = exit_status_of(pid);
  Ended ended;
  ended.how = has_hung              ? Ended::How::hung
              : WIFSIGNALED(status) ? Ended::How::killed
                                    : Ended::How::exited;
  ended.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  ended.out = text_of_file(out);
  ended.err = text_of_file(err);
  return ended;
}

Result<Server> Server::start(const std::vector<std::string>& command,
                             const Surroundings& surroundings, const std::string& log) {
  constexpr std::string_view k_greeting = "listening on ";
  const pid_t pid = sweep::start(command, surroundings, log, log);
  if (pid < 0) return core::sys::io_error("start", command.front(), errno);
  Server server(pid, log);
  const auto deadline = std::chrono::steady_clock::now() + surroundings.patience;
  while (std::chrono::steady_clock::now() < deadline) {
    const std::string text = text_of_file(log);
    const auto end = text.find('\n');
    if (end != std::string::npos && text.starts_with(k_greeting)) {
      server.url_ = text.substr(k_greeting.size(), end - k_greeting.size());
      server.told_ = end + 1;
      return server;
    }
    constexpr int k_pause_ms = 5;
    ::poll(nullptr, 0, k_pause_ms);
  }
  return core::fail(Errc::timeout, "start: " + command.front() + ": it does not listen: " + log);
}

Server::Server(Server&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      log_(std::move(other.log_)),
      url_(std::move(other.url_)),
      told_(other.told_) {}

Server::~Server() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  exit_status_of(pid_);
}

std::string Server::news() {
  std::string text = text_of_file(log_).substr(told_);
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  told_ += text.size();
  return text;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sweep
