// SPDX-License-Identifier: MIT
#pragma once

// Text in the language of manual pages, mdoc(7).

#include <string>
#include <string_view>
#include <vector>

namespace core::cli::mdoc {

// Text that no macro and no escape can be mistaken for; `code` is bold. A minus is written \- so
// that options can be copied from the page.
std::string escaped(std::string_view text);
// A line of its own, of what is escaped.
std::string line_of(std::string_view text);
// Sentences in short lines, each of which begins one.
std::string prose(std::string_view text);
// The same, of paragraphs with an empty line between them.
std::string paragraphs(std::string_view text);

// Lines as they stand.
std::string literal(std::string_view lines);

// "2026-11-21" -> "November 21, 2026"
std::string long_date(const std::string& date);
// "offq-queue(5)" -> ".Xr offq-queue 5"
std::string cross_references(const std::vector<std::string>& pages);

}  // namespace core::cli::mdoc
