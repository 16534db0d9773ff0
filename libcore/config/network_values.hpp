// SPDX-License-Identifier: MIT
#pragma once

// The values of network.* and budget.* that are more than a number or a word, for the table of
// keys. Errors: config, the cause alone.

#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/config/config.hpp"
#include "libcore/config/value_text.hpp"

namespace core::config {

Result<> set_basic(Config& config, std::string_view text);
Result<> set_check(Config& config, std::string_view text);
Result<> set_need(Config& config, std::string_view text);
Result<> set_ignore(Config& config, std::string_view text);
Result<> set_rate(Config& config, std::string_view text);
Result<> set_cycle_day(Config& config, std::string_view text);

Result<> read_at_least(std::string_view text, Duration least, Duration& value);

template <auto Field, int Milliseconds>
Result<> set_at_least(Config& config, std::string_view text) {
  return read_at_least(text, std::chrono::milliseconds{Milliseconds}, config.network.*Field);
}

}  // namespace core::config
