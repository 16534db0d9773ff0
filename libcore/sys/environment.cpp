// SPDX-License-Identifier: MIT
#include "libcore/sys/environment.hpp"

#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace core::sys {

std::optional<std::string> SystemEnvironment::get(const std::string& name) const {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): see the header
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::vector<std::string> SystemEnvironment::names() const {
  std::vector<std::string> names;
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

}  // namespace core::sys
