// SPDX-License-Identifier: MIT
#include "libcore/cli/mdoc.hpp"

#include <array>
#include <cstddef>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::cli::mdoc {
namespace {

constexpr std::size_t k_line = 72;

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  bool code = false;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '`':
        code = !code;
        result += code ? "\\fB" : "\\fR";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string line_of(std::string_view text) {
  const bool special = text.starts_with('.') || text.starts_with('\'');
  return (special ? "\\&" : "") + std::string(text) + "\n";
}

std::string prose(std::string_view text) {
  std::string result;
  std::string line;
  // As a whole, for `code` may be of several words.
  const auto whole = escaped(text);
  const auto words = split(whole, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (!line.empty() && line.size() + 1 + word.size() > k_line) {
      result += line_of(line);
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    const bool ends_sentence =
        (word.ends_with('.') || word.ends_with('?') || word.ends_with(".)")) &&
        i + 1 < words.size();
    if (ends_sentence) {
      result += line_of(line);
      line.clear();
    }
  }
  if (!line.empty()) result += line_of(line);
  return result;
}

std::string paragraphs(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto gap = text.find("\n\n");
    if (!result.empty()) result += ".Pp\n";
    result += prose(text.substr(0, gap));
    text = gap == std::string_view::npos ? std::string_view{} : text.substr(gap + 2);
  }
  return result;
}

std::string literal(std::string_view lines) {
  std::string text = ".Bd -literal\n";
  for (const auto line : split(lines, '\n'))
    text += line_of(escaped(line));
  return text + ".Ed\n";
}

std::string long_date(const std::string& date) {
  static constexpr std::array<std::string_view, 12> k_months{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const auto parts = split(date, '-');
  const auto month = parts.size() == 3 ? parse_unsigned(parts[1]).value_or(0) : 0;
  const auto day = parts.size() == 3 ? parse_unsigned(parts[2]).value_or(0) : 0;
  if (month < 1 || month > k_months.size()) return date;
  return fmt::format("{} {}, {}", k_months[month - 1], day, parts[0]);
}

std::string cross_references(const std::vector<std::string>& pages) {
  std::string text;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto open = pages[i].find('(');
    const auto section = open == std::string::npos ? "1" : pages[i].substr(open + 1, 1);
    text += fmt::format(".Xr {} {}{}\n", pages[i].substr(0, open), section,
                        i + 1 < pages.size() ? " ," : "");
  }
  return text;
}

}  // namespace core::cli::mdoc
