// SPDX-License-Identifier: MIT
#pragma once

// Input, output and environment variables that are kept in memory.

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/cli/input.hpp"
#include "libcore/cli/output.hpp"
#include "libcore/sys/environment.hpp"

namespace fakes {

class StringInput final : public core::cli::Input {
 public:
  explicit StringInput(std::string text) : text_(std::move(text)) {}

 protected:
  core::Result<std::size_t> read(std::span<char> buffer) override {
    const auto count = std::min(buffer.size(), text_.size() - at_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), count, buffer.begin());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class StringOutput final : public core::cli::Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  core::Result<> flush() override { return {}; }
  [[nodiscard]] bool is_closed() const override { return false; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class MapEnvironment final : public core::sys::Environment {
 public:
  explicit MapEnvironment(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const override {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional{found->second};
  }
  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_)
      names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace fakes
