// SPDX-License-Identifier: MIT
#include "libcore/cli/command.hpp"

#include "libcore/base/text.hpp"

namespace core::cli {
namespace {

std::string find_name(std::string_view names, bool (*matches)(std::string_view)) {
  for (const auto name : split(names, ',')) {
    if (matches(name)) return std::string(name);
  }
  return {};
}

}  // namespace

std::string Option::long_name() const {
  auto name = find_name(names, [](std::string_view text) { return text.starts_with("--"); });
  return name.empty() ? short_name() : name;
}

std::string Option::short_name() const {
  return find_name(names, [](std::string_view text) { return !text.starts_with("--"); });
}

std::vector<std::string_view> detail::split_list(std::string_view text) {
  return split(text, ',');
}

}  // namespace core::cli
