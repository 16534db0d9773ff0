// SPDX-License-Identifier: MIT
#pragma once

// A figure as SVG: two panels in a row, each line named at its end. Colours follow the reader's
// light or dark mode; the same figure gives the same bytes.

#include <string>

#include "benchmarks/plot/figure.hpp"

namespace plot {

std::string format_svg(const Figure& figure);

}  // namespace plot
