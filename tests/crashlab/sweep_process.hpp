// SPDX-License-Identifier: MIT
#pragma once

// Running programs for the sweep: to their end, with their output in files, or as servers. Whatever
// is started here is killed when the sweep ends, however it ends.

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

#include "libcore/base/result.hpp"

namespace sweep {

// How a program ended.
struct Ended {
  enum class How { exited, killed, hung };
  How how = How::exited;
  int code = 0;  // its exit status, or the signal that killed it
  std::string out;
  std::string err;

  [[nodiscard]] bool exited_with(int status) const { return how == How::exited && code == status; }
  [[nodiscard]] std::string text() const;  // "exit 74", "killed by signal 9", "hung"
};

// What every program that is started here sees of the world.
struct Surroundings {
  std::string scratch;                   // where the outputs go
  std::vector<std::string> variables{};  // NAME=VALUE, all there are
  std::chrono::seconds patience{60};     // then it is killed, with its children, and has hung
};

// Errors: io (it cannot be started).
core::Result<Ended> run(const std::vector<std::string>& command, const Surroundings& surroundings);

// A program in the background, killed by the destructor.
class Server {
 public:
  // Its output goes to `log`. Waits until the first line has the form "listening on URL".
  static core::Result<Server> start(const std::vector<std::string>& command,
                                    const Surroundings& surroundings, const std::string& log);
  Server(Server&& other) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();

  [[nodiscard]] const std::string& url() const { return url_; }
  // What it has said since the last call.
  std::string news();

 private:
  Server(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}

  pid_t pid_;
  std::string log_;
  std::string url_{};
  std::size_t told_ = 0;
};

// The whole file; empty if there is none.
std::string text_of_file(const std::string& path);

}  // namespace sweep
