// SPDX-License-Identifier: MIT
#pragma once

// What plot draws: diagrams with logarithmic axes, and the lines in them.

#include <istream>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"

namespace plot {

// Both are above 0.
struct Point {
  double x = 0;
  double y = 0;
};

struct Line {
  std::string name;
  std::string look;  // first second other limit: the classes of the style sheet
  std::vector<Point> points{};
};

struct Panel {
  std::string title;
  std::string unit;  // of the y axis
  std::vector<Line> lines{};
};

struct Figure {
  std::vector<Panel> panels{};
  std::vector<std::string> notes{};
};

// The format is described in plot.cpp. Errors: corrupt, with the line.
core::Result<Figure> parse_figure(std::istream& input);

}  // namespace plot
