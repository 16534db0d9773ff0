// SPDX-License-Identifier: MIT
#pragma once

// Serial numbers of operations: by them a queue can tell that one is missing. Numbers of a series
// are given out one after the other, from 1; a series is named by the millisecond in which it began
// and is not continued once the last number is in doubt. Text: "1795227900123-17". Values only.

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace core {

struct Serial {
  std::uint64_t series = 0;
  std::uint64_t number = 0;

  // nullopt for anything that text() would not have written.
  static std::optional<Serial> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  auto operator<=>(const Serial&) const = default;
};

// The numbers from `first` to `last`, both included; none when `last` is less.
struct SerialRange {
  std::uint64_t series = 0;
  std::uint64_t first = 1;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t count() const { return last < first ? 0 : last - first + 1; }

  bool operator==(const SerialRange&) const = default;
};

// A set of numbers that needs memory for each gap in it, not for each number.
class SerialSet {
 public:
  SerialSet() = default;
  explicit SerialSet(const SerialRange& range) { add(range); }

  // False: it was there already.
  bool add(const Serial& serial);
  void add(const SerialRange& range);
  void add(const SerialSet& other);
  [[nodiscard]] bool contains(const Serial& serial) const;
  [[nodiscard]] bool empty() const { return series_.empty(); }
  [[nodiscard]] std::uint64_t count() const;
  // In order; no two touch.
  void each(const std::function<void(const SerialRange&)>& visit) const;
  [[nodiscard]] SerialSet without(const SerialSet& other) const;
  // Of every series the numbers from 1 to the greatest: what must have been given out.
  [[nodiscard]] SerialSet filled() const;

  // "1-17,19" of one series; empty when there is none of it.
  [[nodiscard]] std::string text(std::uint64_t series) const;
  // Adds what text() wrote. False, and nothing is added, when it is not of that form.
  bool parse_into(std::uint64_t series, std::string_view text);

  bool operator==(const SerialSet&) const = default;

 private:
  using Ranges = std::map<std::uint64_t, std::uint64_t>;  // first to last; no two touch
  std::map<std::uint64_t, Ranges> series_;                // none is empty
};

}  // namespace core
