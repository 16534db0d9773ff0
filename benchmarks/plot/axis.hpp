// SPDX-License-Identifier: MIT
#pragma once

// A logarithmic axis, and how its values are written.

#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/plot/figure.hpp"

namespace plot {

class Axis {
 public:
  static Axis of_x(const Figure& figure);  // whole decades
  static Axis of_y(const Panel& panel);    // from and to 1, 2 or 5 of a decade

  // Where the value is: 0 at the low end, 1 at the high one.
  [[nodiscard]] double share(double value) const;
  // Decades, with 2 and 5 between them where there is room.
  [[nodiscard]] std::vector<double> ticks() const;

 private:
  Axis(double low, double high) : low_(low), high_(high) {}

  double low_;
  double high_;
};

// Three figures at most: "2.3 ms", "48 µs", "1.5 s" for 1500 ms.
std::string with_unit(double value, std::string_view unit);
// "100", "10k", "1M".
std::string count_in_words(double value);

}  // namespace plot
