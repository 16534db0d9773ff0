// SPDX-License-Identifier: MIT
#include "libcore/sys/process.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include <unistd.h>

#include "libcore/sys/fd.hpp"

namespace core::sys {

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
  std::vector<char*> pointers;
  pointers.reserve(copies.size() + 1);
  for (auto& copy : copies)
    pointers.push_back(copy.data());
  pointers.push_back(nullptr);
  ::execv(path.c_str(), pointers.data());
  if (errno == ENOENT || errno == ENOTDIR) {
    return {.code = Errc::not_found, .message = "no such program: " + path};
  }
  return io_error("cannot run", path, errno).value();
}

}  // namespace core::sys
