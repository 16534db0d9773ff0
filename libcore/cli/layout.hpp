// SPDX-License-Identifier: MIT
#pragma once

// Text that fits a width: wrapped paragraphs and lists of terms. Widths count characters (code
// points), not bytes.

#include <string>
#include <string_view>
#include <vector>

#include "libcore/cli/context.hpp"

namespace core::cli {

std::size_t display_width(std::string_view text);
// At most `width` characters, the last one "…" when something was cut.
std::string cut_to(std::string_view text, std::size_t width);

// How help is written: `styled` characters are escape sequences.
struct Page {
  std::size_t width = 80;
  Color color = Color::no;
};

// How results are written: wrapped where a terminal shows them, in lines of any length elsewhere.
Page result_page(const Context& context);

// Words in lines of `width` at most, but for a word that is longer: it stays whole, to be copied.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
// One paragraph beside what stands on its line already: lines after the first are indented.
std::string hanging(std::string_view text, std::size_t indent, const Page& page);

std::string bold(std::string_view text, const Page& page);
// Paragraphs (separated by an empty line) wrapped, each line indented; `code` is made bold.
std::string paragraphs(std::string_view text, std::size_t indent, const Page& page);

struct Definition {
  std::string term;
  std::string text;
};
// Terms in a column of their own, texts wrapped beside them (or below terms that are too long).
std::string definitions(const std::vector<Definition>& list, const Page& page);

}  // namespace core::cli
