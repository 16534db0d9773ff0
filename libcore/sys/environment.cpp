// SPDX-License-Identifier: MIT
#include "libcore/sys/environment.hpp"

#include <cstdlib>

namespace core::sys {

std::optional<std::string> SystemEnvironment::get(const std::string& name) const {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): see the header
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

}  // namespace core::sys
