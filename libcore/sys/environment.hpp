// SPDX-License-Identifier: MIT
#pragma once

// Environment variables as a parameter. Unset and empty are told apart; most settings treat both
// as "not given" (value_or_nothing does).

#include <optional>
#include <string>
#include <vector>

namespace core::sys {

class Environment {
 public:
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  virtual ~Environment() = default;

  [[nodiscard]] virtual std::optional<std::string> get(const std::string& name) const = 0;
  // Of all that are set, in no order.
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;

  // nullopt when unset or empty.
  [[nodiscard]] std::optional<std::string> value_or_nothing(const std::string& name) const {
    auto value = get(name);
    return value && !value->empty() ? value : std::nullopt;
  }
};

// getenv(3); nobody in offkit calls setenv, so this is safe in threads.
class SystemEnvironment final : public Environment {
 public:
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;
};

}  // namespace core::sys
