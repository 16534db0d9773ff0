// SPDX-License-Identifier: MIT
#include "libcore/sys/foreground.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/paths.hpp"

namespace core::sys {
namespace {

// As system(3): what the keyboard sends is for the program, and we tell how it ended.
class LeavesSignals {
 public:
  LeavesSignals() {
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    for (std::size_t i = 0; i < k_signals.size(); ++i)
      ::sigaction(k_signals[i], &ignore, &before_[i]);
  }
  LeavesSignals(const LeavesSignals&) = delete;
  LeavesSignals& operator=(const LeavesSignals&) = delete;
  ~LeavesSignals() {
    for (std::size_t i = 0; i < k_signals.size(); ++i)
      ::sigaction(k_signals[i], &before_[i], nullptr);
  }

 private:
  static constexpr std::array k_signals{SIGINT, SIGQUIT};
  std::array<struct sigaction, k_signals.size()> before_{};
};

// Until nobody holds the other end any more.
Result<> pass_on(const Fd& output, const std::function<Result<>(std::string_view)>& sink) {
  std::array<char, 65536> buffer{};
  while (true) {
    const auto count = ::read(output.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("read", "what the command prints", errno);
    if (count == 0) return {};
    TRY(sink({buffer.data(), static_cast<std::size_t>(count)}));
  }
}

Result<Ended> wait_for_end(int process, const std::string& program) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return io_error("wait for", program, errno);
  }
  return ended_of(status);
}

}  // namespace

Result<Ended> run_in_foreground(const Foreground& foreground) {
  // Where SIGCHLD is ignored nobody learns how a child has ended.
  ::signal(SIGCHLD, SIG_DFL);
  const LeavesSignals leaves;
  Fd input;
  if (foreground.input) {
    TRY_ASSIGN(input, input_file(*foreground.input));
  }
  Fd read_end;
  Fd write_end;
  if (foreground.on_output) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return io_error("make", "a pipe", errno);
    read_end = Fd(ends[0]);
    write_end = Fd(ends[1]);
  }
  TRY_ASSIGN(const int process, spawn({.program = foreground.program,
                                       .arguments = foreground.arguments,
                                       .input = input.get(),
                                       .output = write_end.get(),
                                       .not_ignored = {SIGINT, SIGQUIT, SIGPIPE, SIGCHLD}}));
  write_end.reset();
  Result<> passed;
  if (read_end.is_open()) passed = pass_on(read_end, foreground.on_output);
  read_end.reset();
  TRY_ASSIGN(const auto ended, wait_for_end(process, foreground.program));
  TRY(passed);
  return ended;
}

Result<std::string> current_directory() {
  std::array<char, PATH_MAX> buffer{};
  if (::getcwd(buffer.data(), buffer.size()) == nullptr) {
    return io_error("look at", "the current directory", errno);
  }
  return std::string(buffer.data());
}

Result<std::string> find_program(const std::string& name, const Environment& environment) {
  TRY_ASSIGN(const auto here, current_directory());
  const auto absolute = [&here](std::string_view path) {
    return path.starts_with('/') ? std::string(path) : join_path(here, std::string(path));
  };
  bool is_denied = false;
  const auto is_program = [&is_denied](const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (::access(path.c_str(), X_OK) == 0) return true;
    is_denied = true;
    return false;
  };
  if (name.find('/') != std::string::npos) {
    if (is_program(absolute(name))) return absolute(name);
  } else {
    const auto path = environment.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    for (const auto part : split(path, ':')) {
      const auto candidate = join_path(absolute(part.empty() ? "." : part), name);
      if (is_program(candidate)) return candidate;
    }
  }
  if (is_denied) return fail(Errc::denied, "run: " + name + ": not executable");
  return fail(Errc::not_found, "run: " + name + ": no such program");
}

}  // namespace core::sys
