// SPDX-License-Identifier: MIT
#include "libcore/sys/machine.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fcntl.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// Blanks, tabs, newlines and backslashes are \ooo in there.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(i + 1, 3);
    if (text[i] == '\\' && digits.size() == 3 && std::ranges::all_of(digits, is_octal)) {
      result +=
          static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

void add_options(Mount& mount, std::string_view text) {
  for (const auto option : split(text, ','))
    mount.options.push_back(unescaped(option));
}

}  // namespace

std::optional<std::string> RealMachine::read(const std::string& path) const {
  constexpr std::size_t k_limit = 1U << 20U;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) return std::nullopt;
  auto text = read_up_to(fd.get(), k_limit, path);
  return text ? std::optional(*std::move(text)) : std::nullopt;
}

std::string RealMachine::resolve(const std::string& path) const {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (error) return path;
  const auto resolved = std::filesystem::weakly_canonical(absolute, error);
  return error ? absolute.lexically_normal().string() : resolved.string();
}

std::optional<std::string> Mount::option(std::string_view name) const {
  for (const auto& option : options) {
    const auto equals = option.find('=');
    if (std::string_view(option).substr(0, equals) != name) continue;
    return equals == std::string::npos ? std::string{} : option.substr(equals + 1);
  }
  return std::nullopt;
}

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const auto line : split(mountinfo, '\n')) {
    // id parent major:minor root point options [tag…] - type source super-options
    const auto fields = split(line, ' ');
    const auto dash = std::ranges::find(fields, std::string_view("-"));
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    Mount mount;
    mount.device = std::string(fields[2]);
    mount.point = unescaped(fields[4]);
    mount.type = std::string(dash[1]);
    mount.source = unescaped(dash[2]);
    add_options(mount, fields[5]);
    add_options(mount, dash[3]);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

const Mount* mount_of(std::span<const Mount> mounts, std::string_view path) {
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    const bool is_root = mount.point == "/";
    const bool is_above =
        path.starts_with(mount.point) &&
        (is_root || path.size() == mount.point.size() || path[mount.point.size()] == '/');
    // Of two on one point, the later one hides the earlier one.
    if (is_above && (best == nullptr || mount.point.size() >= best->point.size())) best = &mount;
  }
  return best;
}

}  // namespace core::sys
