// SPDX-License-Identifier: MIT
#include "libcore/cli/table.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "libcore/cli/layout.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_rows_to_wait_for = 256;
constexpr std::size_t k_gap = 2;
constexpr std::size_t k_narrowest = 8;

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

// The widest column gives way first when a terminal is too narrow.
void Table::settle_widths() {
  widths_.assign(columns_.size(), 0);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (options_.header == Header::yes) widths_[i] = display_width(columns_[i].header);
    for (const auto& row : waiting_)
      widths_[i] = std::max(widths_[i], display_width(row[i].text));
  }
  if (context_.terminal.out_is_terminal) {
    const auto room = static_cast<std::size_t>(std::max(context_.terminal.width, 40));
    const auto gaps = k_gap * (columns_.size() - 1);
    while (std::accumulate(widths_.begin(), widths_.end(), gaps) > room) {
      // The first column names the row: it stays whole, to be copied.
      const auto widest = std::max_element(widths_.begin() + 1, widths_.end());
      if (widest == widths_.end() || *widest <= k_narrowest) break;
      --*widest;
    }
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

void Table::print(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto text =
        context_.terminal.out_is_terminal ? cut_to(row[i].text, widths_[i]) : row[i].text;
    const auto width = display_width(text);
    const std::string padding(widths_[i] > width ? widths_[i] - width : 0, ' ');
    const auto shown = styled(text, row[i].style, context_.out_color);
    const bool last = i + 1 == row.size();
    line += columns_[i].align == Align::right ? padding + shown : shown + (last ? "" : padding);
    if (!last) line += std::string(k_gap, ' ');
  }
  context_.out.write(line + "\n");
}

}  // namespace core::cli
