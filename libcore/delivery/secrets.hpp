// SPDX-License-Identifier: MIT
#pragma once

// Secrets are named in the queue and bound when sending: ${env:NAME} and ${file:PATH} in header
// values. "$${" stands for a plain "${". Values appear in no message, and what they hold is never
// expanded again.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libcore/base/result.hpp"

namespace core::delivery {

class Secrets {
 public:
  // nullopt: no such variable.
  using Environment = std::function<std::optional<std::string>(const std::string& name)>;
  // nullopt: no such file.
  using FileReader = std::function<Result<std::optional<std::string>>(const std::string& path)>;

  Secrets(Environment environment, FileReader files)
      : environment_(std::move(environment)), files_(std::move(files)) {}

  // Whether bind() would look anything up.
  static bool has_secret(std::string_view text);

  // Errors: config, for a name that is not there, a value with CR, LF or NUL (those that end a
  // file are cut off), and a placeholder that is unknown or not closed.
  [[nodiscard]] Result<std::string> bind(std::string_view text) const;

 private:
  [[nodiscard]] Result<std::string> look_up(std::string_view placeholder) const;
  [[nodiscard]] Result<std::string> from_environment(const std::string& name) const;
  [[nodiscard]] Result<std::string> from_file(const std::string& path) const;

  Environment environment_;
  FileReader files_;
};

}  // namespace core::delivery
