// SPDX-License-Identifier: MIT
#include "libcore/cli/table.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libcore/cli/layout.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_rows_to_wait_for = 256;
constexpr std::size_t k_gap = 2;

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::red:
      return "\x1b[31m";
    case Style::green:
      return "\x1b[32m";
    case Style::yellow:
      return "\x1b[33m";
    case Style::blue:
      return "\x1b[34m";
    case Style::cyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

std::string styled(std::string_view text, Style style, Color color) {
  if (color == Color::no || style == Style::plain) return std::string(text);
  return std::string(escape_of(style)) + std::string(text) + "\x1b[0m";
}

Table::Table(Context& context, std::vector<Column> columns, TableOptions options)
    : context_(context), columns_(std::move(columns)), options_(std::move(options)) {}

void Table::add(const Record& record) {
  const auto now = context_.clock.now();
  switch (options_.format) {
    case Format::json:
      context_.out.write(record.json() + "\n");
      return;
    case Format::ids:
      context_.out.write(display_text(record.value(options_.id_field), now) + "\n");
      return;
    case Format::text:
      break;
  }
  Row row;
  for (const auto& column : columns_) {
    auto text = column.text == nullptr ? display_text(record.value(column.field), now)
                                       : column.text(record, now);
    if (column.max_width > 0) text = cut_to(text, column.max_width);
    const auto style = column.style == nullptr ? Style::plain : column.style(record);
    row.push_back({.text = std::move(text), .style = style});
  }
  if (!widths_.empty()) {
    print(row);
    return;
  }
  waiting_.push_back(std::move(row));
  if (waiting_.size() == k_rows_to_wait_for) settle_widths();
}

void Table::finish() {
  if (options_.format == Format::text && widths_.empty() && !waiting_.empty()) settle_widths();
}

void Table::settle_widths() {
  widths_.assign(columns_.size(), 0);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (options_.header == Header::yes) widths_[i] = display_width(columns_[i].header);
    for (const auto& row : waiting_)
      widths_[i] = std::max({widths_[i], display_width(row[i].text), std::size_t{1}});
  }
  if (context_.terminal.out_is_terminal) {
    fit(static_cast<std::size_t>(std::max(context_.terminal.width, 40)));
  }
  if (options_.header == Header::yes) {
    Row headers;
    for (const auto& column : columns_)
      headers.push_back({.text = column.header, .style = Style::bold});
    print(headers);
  }
  for (const auto& row : std::exchange(waiting_, {}))
    print(row);
}

std::size_t Table::needed(std::size_t column) const {
  const auto& shape = columns_[column];
  const bool is_whole = column == 0 ? shape.max_width == 0 : shape.align == Align::right;
  return is_whole ? widths_[column] : std::min(widths_[column], shape.min_width);
}

std::size_t Table::line_width() const {
  std::size_t sum = 0;
  for (const auto width : widths_)
    sum += width + (width > 0 ? k_gap : 0);
  return sum - k_gap;
}

std::size_t Table::needed_line_width() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < widths_.size(); ++i)
    sum += needed(i) + (widths_[i] > 0 ? k_gap : 0);
  return sum - k_gap;
}

bool Table::says_nothing(std::size_t column) const {
  return std::ranges::all_of(waiting_, [&](const Row& row) { return row[column].text == "-"; });
}

// A column that says nothing goes before one that says something.
bool Table::leave_out_one() {
  std::size_t chosen = 0;
  std::pair<bool, int> chosen_rank;
  for (std::size_t i = 1; i < columns_.size(); ++i) {
    if (widths_[i] == 0 || columns_[i].yields == 0) continue;
    const std::pair rank{!says_nothing(i), columns_[i].yields};
    if (chosen != 0 && rank >= chosen_rank) continue;
    chosen = i;
    chosen_rank = rank;
  }
  if (chosen != 0) widths_[chosen] = 0;
  return chosen != 0;
}

void Table::fit(std::size_t room) {
  while (needed_line_width() > room && leave_out_one()) {
  }
  while (line_width() > room) {
    std::size_t widest = 0;
    bool is_found = false;
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      if (widths_[i] > needed(i) && (!is_found || widths_[i] > widths_[widest])) {
        widest = i;
        is_found = true;
      }
    }
    if (!is_found) break;
    --widths_[widest];
  }
}

bool Table::is_last(std::size_t column) const {
  return std::all_of(widths_.begin() + static_cast<std::ptrdiff_t>(column) + 1, widths_.end(),
                     [](auto other) { return other == 0; });
}

void Table::print(const Row& row) {
  std::string line;
  std::size_t begin = 0;  // of the column
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (widths_[i] == 0) continue;
    if (i > 0) line += std::string(k_gap, ' ');
    if (context_.terminal.out_is_terminal && columns_[i].overflow == Overflow::wrap && is_last(i)) {
      std::string below;
      for (const auto& part : wrapped(row[i].text, widths_[i])) {
        line += below + styled(part, row[i].style, context_.out_color);
        below = "\n" + std::string(begin, ' ');
      }
      break;
    }
    const auto text =
        context_.terminal.out_is_terminal ? cut_to(row[i].text, widths_[i]) : row[i].text;
    const auto width = display_width(text);
    const std::string padding(widths_[i] > width ? widths_[i] - width : 0, ' ');
    const auto shown = styled(text, row[i].style, context_.out_color);
    line +=
        columns_[i].align == Align::right ? padding + shown : shown + (is_last(i) ? "" : padding);
    begin += widths_[i] + k_gap;
  }
  context_.out.write(line + "\n");
}

}  // namespace core::cli
