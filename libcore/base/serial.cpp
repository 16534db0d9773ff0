// SPDX-License-Identifier: MIT
#include "libcore/base/serial.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core {
namespace {

// As it is written: without leading zeros, not 0, and small enough that one more can be added.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  constexpr std::size_t k_digits = 18;
  if (text.empty() || text.size() > k_digits || text.front() == '0') return std::nullopt;
  return parse_unsigned(text);
}

}  // namespace

std::optional<Serial> Serial::parse(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto series = parse_number(text.substr(0, dash));
  const auto number = parse_number(text.substr(dash + 1));
  if (!series || !number) return std::nullopt;
  return Serial{.series = *series, .number = *number};
}

std::string Serial::text() const {
  return fmt::format("{}-{}", series, number);
}

bool SerialSet::add(const Serial& serial) {
  if (contains(serial)) return false;
  add(SerialRange{.series = serial.series, .first = serial.number, .last = serial.number});
  return true;
}

void SerialSet::add(const SerialRange& range) {
  if (range.count() == 0) return;
  auto& ranges = series_[range.series];
  auto first = range.first;
  auto last = range.last;
  auto next = ranges.upper_bound(first);
  if (next != ranges.begin()) {
    const auto before = std::prev(next);
    if (before->second + 1 >= first) {
      if (before->second >= last) return;
      first = before->first;
      next = before;
    }
  }
  while (next != ranges.end() && next->first <= last + 1) {
    last = std::max(last, next->second);
    if (next->first == first) {
      ++next;
    } else {
      next = ranges.erase(next);
    }
  }
  ranges[first] = last;
}

void SerialSet::add(const SerialSet& other) {
  other.each([this](const SerialRange& range) { add(range); });
}

bool SerialSet::contains(const Serial& serial) const {
  const auto ranges = series_.find(serial.series);
  if (ranges == series_.end()) return false;
  const auto next = ranges->second.upper_bound(serial.number);
  return next != ranges->second.begin() && std::prev(next)->second >= serial.number;
}

std::uint64_t SerialSet::count() const {
  std::uint64_t count = 0;
  each([&count](const SerialRange& range) { count += range.count(); });
  return count;
}

void SerialSet::each(const std::function<void(const SerialRange&)>& visit) const {
  for (const auto& [series, ranges] : series_) {
    for (const auto& [first, last] : ranges)
      visit({.series = series, .first = first, .last = last});
  }
}

SerialSet SerialSet::without(const SerialSet& other) const {
  SerialSet left;
  each([&](const SerialRange& range) {
    auto from = range.first;
    const auto theirs = other.series_.find(range.series);
    if (theirs != other.series_.end()) {
      auto at = theirs->second.upper_bound(from);
      if (at != theirs->second.begin()) --at;
      for (; at != theirs->second.end() && at->first <= range.last; ++at) {
        if (at->second < from) continue;
        if (at->first > from) {
          left.add({.series = range.series, .first = from, .last = at->first - 1});
        }
        from = at->second + 1;
      }
    }
    left.add({.series = range.series, .first = from, .last = range.last});
  });
  return left;
}

SerialSet SerialSet::filled() const {
  SerialSet filled;
  for (const auto& [series, ranges] : series_)
    filled.add({.series = series, .first = 1, .last = ranges.rbegin()->second});
  return filled;
}

std::string SerialSet::text(std::uint64_t series) const {
  std::string text;
  const auto ranges = series_.find(series);
  if (ranges == series_.end()) return text;
  for (const auto& [first, last] : ranges->second) {
    if (!text.empty()) text += ',';
    text += first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
  }
  return text;
}

bool SerialSet::parse_into(std::uint64_t series, std::string_view text) {
  std::vector<SerialRange> ranges;
  for (const auto part : split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = parse_number(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1));
    if (!first || !last || *last < *first) return false;
    ranges.push_back({.series = series, .first = *first, .last = *last});
  }
  for (const auto& range : ranges)
    add(range);
  return true;
}

}  // namespace core
