// SPDX-License-Identifier: MIT
#include "benchmarks/plot/axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

namespace plot {
namespace {

constexpr double k_air = 1.15;  // between the lines and the frame
constexpr double k_same = 1e-9;
constexpr std::array<double, 3> k_steps{1, 2, 5};

struct Extent {
  double low = 1e18;
  double high = 0;
  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

double power_below(double value) {
  return std::pow(10, std::floor(std::log10(value) + k_same));
}

double step_below(double value) {
  const double power = power_below(value);
  double best = power;
  for (const double step : k_steps)
    if (step * power <= value * (1 + k_same)) best = step * power;
  return best;
}

double step_above(double value) {
  const double power = power_below(value);
  for (const double step : k_steps)
    if (step * power >= value * (1 - k_same)) return step * power;
  return 10 * power;
}

std::string in_words(double value) {
  if (value >= 1000) {
    const auto whole = std::lround(value);
    return fmt::format("{},{:03}", whole / 1000, whole % 1000);
  }
  if (value >= 9.95) return fmt::format("{:.0f}", value);
  auto text = value >= 0.995 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
  while (text.back() == '0')
    text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

Axis Axis::of_x(const Figure& figure) {
  Extent extent;
  for (const auto& panel : figure.panels)
    for (const auto& line : panel.lines)
      for (const auto& point : line.points)
        extent.take(point.x);
  const double low = power_below(extent.low);
  double high = power_below(extent.high);
  if (high < extent.high * (1 - k_same)) high *= 10;
  return {low, std::max(high, 10 * low)};
}

Axis Axis::of_y(const Panel& panel) {
  Extent extent;
  for (const auto& line : panel.lines)
    for (const auto& point : line.points)
      extent.take(point.y);
  const double low = step_below(extent.low / k_air);
  return {low, std::max(step_above(extent.high * k_air), 10 * low)};
}

double Axis::share(double value) const {
  return std::log10(value / low_) / std::log10(high_ / low_);
}

std::vector<double> Axis::ticks() const {
  const bool is_short = high_ / low_ < 100 * (1 - k_same);
  std::vector<double> ticks;
  for (double power = power_below(low_); power <= high_ * (1 + k_same); power *= 10) {
    for (const double step : k_steps) {
      const double value = step * power;
      const bool is_inside = value >= low_ * (1 - k_same) && value <= high_ * (1 + k_same);
      if (is_inside && (step == 1 || is_short)) ticks.push_back(value);
    }
  }
  return ticks;
}

std::string with_unit(double value, std::string_view unit) {
  if (unit == "ms" && value >= 999.5) return in_words(value / 1000) + " s";
  if (unit == "µs" && value >= 999.5) return in_words(value / 1000) + " ms";
  return fmt::format("{} {}", in_words(value), unit);
}

std::string count_in_words(double value) {
  if (value >= 1e6) return in_words(value / 1e6) + "M";
  return value >= 1e3 ? in_words(value / 1e3) + "k" : in_words(value);
}

}  // namespace plot
