// SPDX-License-Identifier: MIT
#pragma once

// Records on stdout: aligned columns for people, JSON lines or ids for programs. A row takes one
// line of the terminal: columns are cut, and where that is not enough, left out. Only what stands
// in the last column may go on below. Numbers (Align::right) are never cut, nor is the first
// column, which names the row, to be copied, unless it has a max_width.
//
//   cli::Table table(context, {{.field = "id", .header = "ID"}, …}, {.format = o.format});
//   for (…) { table.add(record); if (context.out.is_closed()) break; }
//   table.finish();

#include <string>
#include <vector>

#include "libcore/cli/context.hpp"
#include "libcore/cli/record.hpp"

namespace core::cli {

enum class Format { text, json, ids };
enum class Header { no, yes };
enum class Align { left, right };
// What becomes of text that is wider than its column: the last one may be wrapped.
enum class Overflow { cut, wrap };
enum class Style { plain, bold, dim, red, green, yellow, blue, cyan };

std::string styled(std::string_view text, Style style, Color color);

struct Column {
  std::string field = {};
  std::string header = {};
  Align align = Align::left;
  std::size_t max_width = 0;  // longer text is cut with "…"; 0: no limit
  std::size_t min_width = 8;  // to which a narrow terminal may cut it
  int yields = 0;             // when that is not enough: 1 goes first; 0 never
  Overflow overflow = Overflow::cut;
  Style (*style)(const Record& row) = nullptr;                 // may be absent
  std::string (*text)(const Record& row, Time now) = nullptr;  // instead of display_text
};

struct TableOptions {
  Format format = Format::text;
  Header header = Header::yes;
  std::string id_field = "id";  // what Format::ids prints
};

class Table {
 public:
  Table(Context& context, std::vector<Column> columns, TableOptions options);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() = default;

  // Prints at once where the format allows it. A table waits for its first rows to know how wide
  // its columns are; later rows do not change that.
  void add(const Record& record);
  // Prints what waits. Nothing at all when there was no row.
  void finish();

 private:
  struct Cell {
    std::string text;
    Style style = Style::plain;
  };
  using Row = std::vector<Cell>;

  void settle_widths();
  void fit(std::size_t room);
  [[nodiscard]] std::size_t needed(std::size_t column) const;
  [[nodiscard]] std::size_t line_width() const;
  [[nodiscard]] std::size_t needed_line_width() const;
  [[nodiscard]] bool says_nothing(std::size_t column) const;
  [[nodiscard]] bool is_last(std::size_t column) const;
  bool leave_out_one();
  void print(const Row& row);

  Context& context_;
  std::vector<Column> columns_;
  TableOptions options_;
  std::vector<Row> waiting_;
  std::vector<std::size_t> widths_;  // empty until they are settled; 0: left out
};

}  // namespace core::cli
