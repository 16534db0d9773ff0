// SPDX-License-Identifier: MIT
#pragma once

// What commands emit: named values in a fixed order. The same record becomes a row of a table for
// people or a JSON object for programs (table.hpp).

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"

namespace core::cli {

struct Absent {};
struct RawJson {
  std::string text;
};

using Value =
    std::variant<Absent, std::string, std::int64_t, double, bool, RawJson, Time, ByteCount>;

class Record {
 public:
  struct Field {
    std::string name;
    Value value;
  };

  Record& add(std::string name, Value value) {
    fields_.push_back({.name = std::move(name), .value = std::move(value)});
    return *this;
  }
  Record& add(std::string name, std::string_view text) {
    return add(std::move(name), Value{std::string(text)});
  }
  Record& add(std::string name, const char* text) {
    return add(std::move(name), std::string_view{text});
  }
  Record& add(std::string name, const std::string& text) {
    return add(std::move(name), std::string_view{text});
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Record& add(std::string name, T number) {
    return add(std::move(name), Value{static_cast<std::int64_t>(number)});
  }

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  // Absent when there is no such field.
  [[nodiscard]] const Value& value(std::string_view name) const;
  // One object; absent fields are left out, times are RFC 3339, sizes plain numbers.
  [[nodiscard]] std::string json() const;

 private:
  std::vector<Field> fields_;
};

// For people: "3m ago", "in 5s", "1.2 kB", "yes", "-" for nothing; no control characters.
std::string display_text(const Value& value, Time now);
std::string relative_time(Time time, Time now);

}  // namespace core::cli
