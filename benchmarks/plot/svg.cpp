// SPDX-License-Identifier: MIT
#include "benchmarks/plot/svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "benchmarks/plot/axis.hpp"

namespace plot {
namespace {

constexpr double k_panel_width = 450;
constexpr double k_panel_height = 286;
constexpr double k_left = 62;
constexpr double k_right = 160;  // room for the names
constexpr double k_top = 52;
constexpr double k_bottom = 40;
constexpr double k_plot_width = k_panel_width - k_left - k_right;
constexpr double k_plot_height = k_panel_height - k_top - k_bottom;
constexpr double k_margin = 20;
constexpr double k_name_step = 15;  // from name to name
constexpr double k_note_step = 18;
constexpr double k_letter = 7.2;  // about as wide as one is

// The light colours, then the dark ones.
constexpr std::string_view k_style = R"(<style>
text { font: 12px -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; }
.title { font-size: 14px; font-weight: 600; }
.name { font-weight: 600; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.title, .value { fill: #1f2328; }
.tick, .note { fill: #59636e; }
.grid { stroke: #e4e8ec; }
.over { stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.limit.line { stroke-width: 1.4; stroke-dasharray: 5 4; }
.first.line { stroke: #0969da; } .first.dot, .first.name { fill: #0969da; }
.second.line { stroke: #1a7f37; } .second.dot, .second.name { fill: #1a7f37; }
.other.line { stroke: #818b98; } .other.dot, .other.name { fill: #6a737d; }
.limit.line { stroke: #bc4c00; } .limit.dot { fill: none; } .limit.name { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
.card { fill: #0d1117; stroke: #3d444d; }
.title, .value { fill: #e6edf3; }
.tick, .note { fill: #9198a1; }
.grid { stroke: #21262d; }
.over { stroke: #0d1117; }
.first.line { stroke: #4493f8; } .first.dot, .first.name { fill: #4493f8; }
.second.line { stroke: #3fb950; } .second.dot, .second.name { fill: #3fb950; }
.other.line { stroke: #7d8590; } .other.dot, .other.name { fill: #9198a1; }
.limit.line { stroke: #db6d28; } .limit.name { fill: #db6d28; }
}
</style>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

struct Name {
  const Line* line = nullptr;
  Point end{};  // of the line, in the picture
  double y = 0;
};

// Where a name stands: its left end, and how long it is.
struct Taken {
  Point at;
  double width = 0;
};

// From the top down each name gets room; then those that were pushed out at the bottom push back.
void spread(std::vector<Name>& names, double bottom) {
  std::ranges::stable_sort(names, {}, [](const Name& name) { return name.end.y; });
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i].y = names[i].end.y;
    if (i > 0) names[i].y = std::max(names[i].y, names[i - 1].y + k_name_step);
  }
  double limit = bottom;
  for (auto name = names.rbegin(); name != names.rend(); ++name, limit -= k_name_step)
    name->y = std::min(name->y, limit);
}

class Drawing {
 public:
  Drawing(const Panel& panel, const Axis& x, Point corner)
      : panel_(panel),
        x_(x),
        y_(Axis::of_y(panel)),
        left_(corner.x + k_left),
        top_(corner.y + k_top) {}

  [[nodiscard]] std::string svg() {
    draw_grid();
    for (const auto& line : panel_.lines)
      draw_line(line);
    draw_names();
    return std::move(out_);
  }

 private:
  [[nodiscard]] Point place(const Point& point) const {
    return {left_ + x_.share(point.x) * k_plot_width,
            top_ + (1 - y_.share(point.y)) * k_plot_height};
  }

  void text(std::string_view look, std::string_view anchor, Point at, std::string_view words) {
    out_ +=
        fmt::format("<text class=\"{}\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                    look, anchor, at.x, at.y, escaped(words));
  }

  void rule(Point from, Point to) {
    out_ += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", from.x,
                        from.y, to.x, to.y);
  }

  void draw_grid() {
    const double right = left_ + k_plot_width;
    const double bottom = top_ + k_plot_height;
    text("title", "start", {left_ - k_left + k_margin, top_ - 22}, panel_.title);
    for (const double value : y_.ticks()) {
      const double y = place({1, value}).y;
      rule({left_, y}, {right, y});
      text("tick", "end", {left_ - 8, y + 4}, with_unit(value, panel_.unit));
    }
    rule({left_, bottom}, {right, bottom});
    for (const double value : x_.ticks()) {
      const double x = place({value, 1}).x;
      rule({x, top_}, {x, bottom});
      text("tick", "middle", {x, bottom + 18}, count_in_words(value));
    }
    text("tick", "start", {right + 16, bottom + 18}, "pending");
  }

  void draw_line(const Line& line) {
    std::string path;
    std::string dots;
    for (const auto& point : line.points) {
      const Point at = place(point);
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", at.x, at.y);
      dots += fmt::format("<circle class=\"{} dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.2\"/>\n",
                          line.look, at.x, at.y);
    }
    out_ += fmt::format("<path class=\"{} line\" d=\"{}\"/>\n{}", line.look, path, dots);
  }

  // Beside the frame; where the line ends in the middle, in what room is left there.
  void draw_names() {
    std::vector<Name> beside;
    std::vector<const Line*> inside;
    for (const auto& line : panel_.lines) {
      const Point end = place(line.points.back());
      if (end.x < left_ + k_plot_width - 1) {
        inside.push_back(&line);
      } else {
        beside.push_back({.line = &line, .end = end});
      }
    }
    spread(beside, top_ + k_plot_height);
    for (const auto& name : beside)
      draw_name(*name.line, {name.end.x + 10, name.y});
    for (const auto* line : inside)
      draw_name(*line, free_place(*line, place(line->points.back())));
  }

  // Right of the end, above it, below it, or left of it: the first where no line runs through the
  // name, and no other name is.
  [[nodiscard]] Point free_place(const Line& line, Point end) const {
    const double width = width_of(line);
    const std::array<Point, 8> shifts{{{10, 0},
                                       {4, -13},
                                       {4, 13},
                                       {4, -20},
                                       {4, 20},
                                       {4, 32},
                                       {-10 - width, 0},
                                       {-4 - width, -13}}};
    for (const auto& shift : shifts) {
      const Point at{end.x + shift.x, end.y + shift.y};
      const bool is_inside = at.x > left_ && at.y > top_ + 4 && at.y < top_ + k_plot_height - 4;
      if (is_inside && is_free(at, width)) return at;
    }
    return {end.x + shifts.front().x, end.y};
  }

  [[nodiscard]] double width_of(const Line& line) const {
    const auto value = with_unit(line.points.back().y, panel_.unit);
    return k_letter * static_cast<double>(line.name.size() + 1 + value.size());
  }

  [[nodiscard]] bool is_free(Point at, double width) const {
    constexpr double k_height = 9;
    const bool is_covered = std::ranges::any_of(named_, [&](const Taken& taken) {
      return at.x < taken.at.x + taken.width && taken.at.x < at.x + width &&
             std::abs(at.y - taken.at.y) < k_name_step - 1;
    });
    if (is_covered) return false;
    for (const auto& line : panel_.lines)
      for (double x = at.x; x <= at.x + width; x += 4)
        if (std::abs(height_at(line, x) - at.y) < k_height) return false;
    return true;
  }

  // Where the line is at this x of the picture; far away where it is not.
  [[nodiscard]] double height_at(const Line& line, double x) const {
    for (std::size_t i = 1; i < line.points.size(); ++i) {
      const Point from = place(line.points[i - 1]);
      const Point to = place(line.points[i]);
      if (x >= from.x && x <= to.x) {
        return from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x);
      }
    }
    return -1e9;
  }

  void draw_name(const Line& line, Point at) {
    const bool has_value = line.look != "limit";
    named_.push_back({at, width_of(line)});
    out_ += fmt::format(
        "<text class=\"over\" x=\"{:.1f}\" y=\"{:.1f}\"><tspan class=\"{} name\">{}</tspan>", at.x,
        at.y + 4, line.look, escaped(line.name));
    if (has_value) {
      out_ += fmt::format("<tspan class=\"value\" dx=\"5\">{}</tspan>",
                          with_unit(line.points.back().y, panel_.unit));
    }
    out_ += "</text>\n";
  }

  const Panel& panel_;
  const Axis& x_;
  Axis y_;
  double left_;
  double top_;
  std::vector<Taken> named_;
  std::string out_;
};

}  // namespace

std::string format_svg(const Figure& figure) {
  const auto rows = static_cast<double>((figure.panels.size() + 1) / 2);
  const double width = 2 * k_panel_width;
  const double notes_top = rows * k_panel_height + k_margin;
  const double height = notes_top + k_note_step * static_cast<double>(figure.notes.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" role=\"img\">\n<title>How cost grows</title>\n{2}"
      "<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{3}\" height=\"{4}\" rx=\"8\"/>\n",
      width, height, k_style, width - 1, height - 1);
  const Axis x = Axis::of_x(figure);
  Point corner;
  for (const auto& panel : figure.panels) {
    svg += Drawing(panel, x, corner).svg();
    corner = corner.x == 0 ? Point{k_panel_width, corner.y} : Point{0, corner.y + k_panel_height};
  }
  double y = notes_top;
  for (const auto& note : figure.notes) {
    svg += fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text>\n", k_margin, y,
                       escaped(note));
    y += k_note_step;
  }
  return svg + "</svg>\n";
}

}  // namespace plot
