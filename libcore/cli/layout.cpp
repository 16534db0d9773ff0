// SPDX-License-Identifier: MIT
#include "libcore/cli/layout.hpp"

#include <algorithm>
#include <limits>

#include "libcore/base/text.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_endless = std::numeric_limits<std::size_t>::max();

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The backquotes of `code` become colour and take no room then.
std::size_t shown_width(std::string_view word, const Page& page) {
  const auto quotes = page.color == Color::yes ? std::ranges::count(word, '`') : 0;
  return display_width(word) - static_cast<std::size_t>(quotes);
}

std::vector<std::string> wrap_paragraph(std::string_view text, std::size_t width,
                                        const Page& page) {
  std::vector<std::string> lines;
  std::string line;
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && shown_width(line, page) + 1 + shown_width(word, page) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

// On a terminal `code` is bold; elsewhere the backquotes stay.
std::string style_code(std::string_view text, const Page& page) {
  if (page.color == Color::no) return std::string(text);
  std::string result;
  bool inside = false;
  for (const char c : text) {
    if (c == '`') {
      inside = !inside;
      result += inside ? "\x1b[1m" : "\x1b[0m";
    } else {
      result += c;
    }
  }
  return result;
}

std::size_t room(std::size_t indent, const Page& page) {
  return page.width > indent + 20 ? page.width - indent : 20;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t characters = 0;
  std::size_t end = 0;
  while (end < text.size() && (characters + 1 < width || continues_character(text[end]))) {
    ++end;
    while (end < text.size() && continues_character(text[end]))
      ++end;
    ++characters;
  }
  return std::string(text.substr(0, end)) + "…";
}

Page result_page(const Context& context) {
  if (!context.terminal.out_is_terminal) return {.width = k_endless};
  return {.width = static_cast<std::size_t>(std::max(context.terminal.width, 40))};
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  return wrap_paragraph(text, width, {});
}

std::string hanging(std::string_view text, std::size_t indent, const Page& page) {
  if (page.width == k_endless) return std::string(text);
  std::string result;
  for (const auto& line : wrap_paragraph(text, room(indent, page), page))
    result += (result.empty() ? "" : "\n" + std::string(indent, ' ')) + line;
  return result;
}

std::string bold(std::string_view text, const Page& page) {
  return page.color == Color::yes ? "\x1b[1m" + std::string(text) + "\x1b[0m" : std::string(text);
}

std::string paragraphs(std::string_view text, std::size_t indent, const Page& page) {
  std::string result;
  while (!text.empty()) {
    const auto gap = text.find("\n\n");
    if (!result.empty()) result += '\n';
    std::string paragraph(text.substr(0, gap));
    std::ranges::replace(paragraph, '\n', ' ');
    for (const auto& line : wrap_paragraph(paragraph, room(indent, page), page)) {
      result += std::string(indent, ' ') + line + "\n";
    }
    text = gap == std::string_view::npos ? std::string_view{} : text.substr(gap + 2);
  }
  return style_code(result, page);
}

std::string definitions(const std::vector<Definition>& list, const Page& page) {
  constexpr std::size_t k_indent = 2;
  constexpr std::size_t k_gap = 2;
  constexpr std::size_t k_widest = 28;
  std::size_t column = 0;
  for (const auto& item : list) {
    const auto width = display_width(item.term);
    if (width <= k_widest) column = std::max(column, width);
  }
  const auto text_at = k_indent + column + k_gap;
  std::string result;
  for (const auto& item : list) {
    const auto width = display_width(item.term);
    result += std::string(k_indent, ' ') + item.term;
    const auto lines = wrap_paragraph(item.text, room(text_at, page), page);
    const bool beside = width <= column;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0 || !beside) result += '\n';
      const auto spaces = i == 0 && beside ? column - width + k_gap : text_at;
      result += std::string(spaces, ' ') + style_code(lines[i], page);
    }
    result += '\n';
  }
  return result;
}

}  // namespace core::cli
