// SPDX-License-Identifier: MIT
#pragma once

// Text of a setting -> its value: one read() for each type of value, for the table of keys. What
// cannot be read leaves the value as it was. Errors: config, the cause alone.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/text.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"

namespace core::config {

inline tl::unexpected<Error> refuse(std::string message) {
  return fail(Errc::config, std::move(message));
}

Result<> read(std::string_view text, ByteCount& value);
Result<> read(std::string_view text, std::optional<ByteCount>& value);  // "none" is nullopt
Result<> read(std::string_view text, Duration& value);
Result<> read(std::string_view text, std::uint64_t& value);
Result<> read(std::string_view text, int& value);  // 1 to 10,000
Result<> read(std::string_view text, std::optional<int>& value);
Result<> read(std::string_view text, bool& value);
Result<> read(std::string_view text, double& value);
Result<> read(std::string_view text, std::string& value);

inline constexpr std::string_view k_none = "none";

// "a b", "a,b" and "a, b"; nothing of "none". The text borrows.
std::vector<std::string_view> list_items(std::string_view text);
// Whether a text could be one item of a list. Errors: config.
Result<> check_list_item(std::string_view text);

template <typename E>
  requires std::is_enum_v<E>
Result<> read(std::string_view text, E& value) {
  const auto known = value_of<E>(text);
  if (!known) return refuse("not " + list_names<E>() + ": '" + printable(text, 60) + "'");
  value = *known;
  return {};
}

}  // namespace core::config
