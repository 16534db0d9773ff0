// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include "libcore/config/load.hpp"
#include "libcore/sys/files.hpp"

namespace core::config {
namespace {

constexpr std::size_t k_limit = 1U << 20U;

tl::unexpected<Error> refuse(const std::string& path, std::string_view cause) {
  return fail(Errc::config, fmt::format("{}: {}", path, cause));
}

}  // namespace

Result<std::optional<std::string>> read_config_file(const std::string& path) {
  const auto as_config = [](Error error) {
    if (error.code != Errc::denied) error.code = Errc::config;
    return tl::unexpected<Error>(std::move(error));
  };
  auto fd = sys::open_input(path);
  if (!fd) return as_config(std::move(fd).error());
  if (!fd->is_open()) return std::nullopt;
  const auto status = sys::status_of(*fd, path);
  if (!status) return as_config(status.error());
  if (status->kind != sys::FileKind::regular) return refuse(path, "not a regular file");
  auto text = sys::read_up_to(fd->get(), k_limit + 1, path);
  if (!text) return as_config(std::move(text).error());
  if (text->size() > k_limit) return refuse(path, "larger than 1 MiB");
  return *std::move(text);
}

}  // namespace core::config
