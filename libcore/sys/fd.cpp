// SPDX-License-Identifier: MIT
#include "libcore/sys/fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <unistd.h>

#include <fmt/core.h>

namespace core::sys {
namespace {

Errc code_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return Errc::full;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::denied;
    default:
      return Errc::io;
  }
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Result<> Fd::close() {
  const int number = std::exchange(number_, -1);
  // EINTR: Linux has closed the descriptor all the same (close(2)).
  if (number >= 0 && ::close(number) != 0 && errno != EINTR) {
    return io_error("close", fmt::format("descriptor {}", number), errno);
  }
  return {};
}

void Fd::reset() {
  const int number = std::exchange(number_, -1);
  if (number >= 0) ::close(number);
}

tl::unexpected<Error> io_error(std::string_view what, std::string_view object, int error_number) {
  return fail(code_of(error_number), fmt::format("{}: {}: {}", what, object,
                                                 std::generic_category().message(error_number)));
}

Result<> write_all(int fd, std::string_view bytes, std::string_view object) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("write", object, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_up_to(int fd, std::size_t limit, std::string_view object) {
  // Not in the string itself: it would be filled with zeros first, twice for each small file.
  std::array<char, 64UL * 1024> chunk;
  std::string bytes;
  while (bytes.size() < limit) {
    const ssize_t got = ::read(fd, chunk.data(), std::min(chunk.size(), limit - bytes.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("read", object, errno);
    if (got == 0) break;
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

Result<std::string> read_at(const Fd& fd, std::uint64_t offset, std::size_t limit,
                            std::string_view object) {
  std::string bytes(limit, '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(fd.get(), bytes.data() + have, bytes.size() - have,
                                static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("read", object, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace core::sys
