// SPDX-License-Identifier: MIT
#pragma once

// Text functions that know no file format: splitting, trimming, numbers, near misses.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string to_lower(std::string_view text);  // ASCII only
std::string to_upper(std::string_view text);  // ASCII only
bool equals_ignoring_case(std::string_view a, std::string_view b);
// An order in which texts that equal each other ignoring case are neighbours.
bool precedes_ignoring_case(std::string_view a, std::string_view b);

// The whole text as a decimal number, or nothing: no sign for the unsigned one, no blanks.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);
std::optional<std::int64_t> parse_signed(std::string_view text);

// How many bytes at the front of a UTF-8 text are a character that commands a terminal instead of
// showing: C0 and C1 controls, DEL, and what turns the direction of writing (U+202A to U+202E,
// U+2066 to U+2069). 0: none.
std::size_t control_length(std::string_view text);

// Bytes that can be shown on a terminal: control characters become \xNN, the text is cut to
// `limit` bytes with an ellipsis.
std::string printable(std::string_view bytes, std::size_t limit = 120);

// The candidate that differs by the fewest edits, if that is few enough to be a slip of the hand
// (Damerau-Levenshtein distance at most 1 + a third of the length). None for a word of
// more than 100 bytes: nobody types those. For "did you mean".
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

// A token of RFC 9110 5.6.2: what methods and the names of header fields are.
bool is_token(std::string_view text);

bool is_valid_utf8(std::string_view bytes);

}  // namespace core
