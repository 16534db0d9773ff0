// SPDX-License-Identifier: MIT
//
// usage: plot <FILE >SVG
//
// Draws logarithmic diagrams whose lines are named where they end. A plotting program would not
// keep the names from overlapping, nor follow the reader's light or dark mode in one file. Input,
// fields between tabs:
//
//   panel TITLE UNIT            begins a diagram; UNIT is of the y axis
//   line  NAME LOOK X Y [X Y]…  LOOK: first second (ours), other, limit (dashed, without its value)
//   note  TEXT                  a line of text below everything

#include <cstdio>
#include <iostream>

#include <fmt/core.h>

#include "benchmarks/plot/figure.hpp"
#include "benchmarks/plot/svg.hpp"

int main() {
  const auto figure = plot::parse_figure(std::cin);
  if (!figure) {
    fmt::print(stderr, "plot: {}\n", figure.error().message);
    return 1;
  }
  fmt::print("{}", plot::format_svg(*figure));
}
