// SPDX-License-Identifier: MIT
// Not sys::Files: that never follows a symbolic link, and people link their dot files.
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/core.h>

#include "libcore/config/load.hpp"
#include "libcore/sys/fd.hpp"

namespace core::config {
namespace {

constexpr std::size_t k_limit = 1U << 20U;

tl::unexpected<Error> refuse(const std::string& path, std::string_view cause) {
  return fail(Errc::config, fmt::format("{}: {}", path, cause));
}

}  // namespace

Result<std::optional<std::string>> read_config_file(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const sys::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return fail(errno == EACCES ? Errc::denied : Errc::config,
                fmt::format("{}: {}", path, std::generic_category().message(errno)));
  }
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) {
    return refuse(path, std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) return refuse(path, "not a regular file");
  auto text = sys::read_up_to(fd.get(), k_limit + 1, path);
  if (!text) return refuse(path, text.error().message);
  if (text->size() > k_limit) return refuse(path, "larger than 1 MiB");
  return *std::move(text);
}

}  // namespace core::config
