// SPDX-License-Identifier: MIT
#include "benchmarks/plot/figure.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "libcore/base/text.hpp"

namespace plot {
namespace {

using Fields = std::vector<std::string_view>;

std::optional<double> positive(std::string_view text) {
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value <= 0) return std::nullopt;
  return value;
}

bool add_line(const Fields& fields, Figure& figure) {
  if (figure.panels.empty() || fields.size() < 5 || fields.size() % 2 == 0) return false;
  Line line{.name = std::string(fields[1]), .look = std::string(fields[2])};
  for (std::size_t i = 3; i < fields.size(); i += 2) {
    const auto x = positive(fields[i]);
    const auto y = positive(fields[i + 1]);
    if (!x || !y) return false;
    line.points.push_back({*x, *y});
  }
  figure.panels.back().lines.push_back(std::move(line));
  return true;
}

bool add(const Fields& fields, Figure& figure) {
  if (fields[0] == "line") return add_line(fields, figure);
  if (fields[0] == "panel" && fields.size() == 3) {
    figure.panels.push_back({.title = std::string(fields[1]), .unit = std::string(fields[2])});
    return true;
  }
  if (fields[0] != "note" || fields.size() != 2) return false;
  figure.notes.emplace_back(fields[1]);
  return true;
}

}  // namespace

core::Result<Figure> parse_figure(std::istream& input) {
  Figure figure;
  std::string text;
  while (std::getline(input, text)) {
    if (!add(core::split(text, '\t'), figure)) {
      return core::fail(core::Errc::corrupt, "cannot read: " + text);
    }
  }
  for (const auto& panel : figure.panels) {
    if (panel.lines.empty()) return core::fail(core::Errc::corrupt, "no lines: " + panel.title);
  }
  if (figure.panels.empty()) return core::fail(core::Errc::corrupt, "no panels");
  return figure;
}

}  // namespace plot
