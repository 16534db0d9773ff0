// SPDX-License-Identifier: MIT
#pragma once

// What every fuzz target is made of: an input as text, and sentences that must hold for it.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace fuzz {

// Ends the target as a crash does, so that libFuzzer keeps the input.
inline void must_hold(bool holds, std::string_view sentence, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n%.*s\n", static_cast<int>(sentence.size()),
               sentence.data(), static_cast<int>(detail.size()), detail.data());
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes what comes before the next `mark` off the front of `rest`, and the mark; all of it when
// there is none. This is how one input holds several texts and stays a file that people can read.
inline std::string_view take_until(std::string_view& rest, std::string_view mark) {
  const auto end = rest.find(mark);
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + mark.size());
  return taken;
}

}  // namespace fuzz
