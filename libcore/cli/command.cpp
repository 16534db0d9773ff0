// SPDX-License-Identifier: MIT
#include "libcore/cli/command.hpp"

#include "libcore/base/text.hpp"

namespace core::cli {
namespace {

// Asked of every option by every command line: split() would allocate each time.
std::string find_name(std::string_view names, bool (*matches)(std::string_view)) {
  while (true) {
    const auto comma = names.find(',');
    const auto name = names.substr(0, comma);
    if (matches(name)) return std::string(name);
    if (comma == std::string_view::npos) return {};
    names.remove_prefix(comma + 1);
  }
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
