// SPDX-License-Identifier: MIT
#include "libcore/sys/process.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include <unistd.h>

#include "libcore/sys/fd.hpp"

namespace core::sys {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Error why_not_run(const std::string& program, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return {.code = Errc::not_found, .message = "no such program: " + program};
  }
  return io_error("cannot run", program, error).value();
}

}  // namespace

Result<std::string> executable_path() {
  std::array<char, PATH_MAX> buffer{};
  const auto length = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  if (length < 0) return io_error("cannot read", "/proc/self/exe", errno);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

int process_id() {
  return ::getpid();
}

int parent_process_id() {
  return ::getppid();
}

unsigned user_id() {
  return ::getuid();
}

Error replace_process(const std::string& path, std::span<const std::string> arguments) {
  std::vector<std::string> copies(arguments.begin(), arguments.end());
  ::execv(path.c_str(), pointers_to(copies).data());
  return why_not_run(path, errno);
}

Error replace_by_command(std::span<const std::string> arguments) {
  std::vector<std::string> copies(arguments.begin(), arguments.end());
  ::execvp(copies.front().c_str(), pointers_to(copies).data());
  return why_not_run(copies.front(), errno);
}

}  // namespace core::sys
