// SPDX-License-Identifier: MIT
#pragma once

// A machine that says what it was told to say.

#include <map>
#include <string>
#include <utility>

#include "libcore/sys/machine.hpp"

namespace fakes {

class FakeMachine final : public core::sys::Machine {
 public:
  explicit FakeMachine(std::string mountinfo) {
    texts["/proc/self/mountinfo"] = std::move(mountinfo);
  }

  std::map<std::string, std::string> texts;
  std::string where = "/q";  // what every path resolves to

  [[nodiscard]] std::optional<std::string> read(const std::string& path) const override {
    const auto found = texts.find(path);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::string resolve(const std::string& /*path*/) const override { return where; }
};

}  // namespace fakes
