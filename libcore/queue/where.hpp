// SPDX-License-Identifier: MIT
#pragma once

// A WHERE clause in the making. For the index_*.cpp only.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libcore/db/sqlite.hpp"

namespace core::queue {

// Its text and the values of its parameters, which are numbered from `first` on.
class Where {
 public:
  using Value = std::variant<std::int64_t, std::string>;

  explicit Where(int first = 1) : first_(first) {}

  // `before` and one parameter.
  void add(std::string_view before, Value value);
  // `column` is one of the values; no condition when there are none.
  template <typename Range, typename ValueOf>
  void add_any(std::string_view column, const Range& range, ValueOf value_of) {
    std::vector<Value> values;
    for (const auto& item : range)
      values.push_back(value_of(item));
    add_any_of(column, std::move(values));
  }
  // The id is, begins or ends with one of these.
  void add_fragments(const std::vector<std::string>& fragments);

  // "" or `first_word` (WHERE, AND) and the conditions.
  [[nodiscard]] std::string text(std::string_view first_word) const;
  void bind(db::Statement& statement) const;

 private:
  void add_any_of(std::string_view column, std::vector<Value> values);
  std::string mark(Value value);
  std::string fragment_clause(const std::string& fragment);

  int first_;
  std::vector<std::string> clauses_;
  std::vector<Value> values_;
};

}  // namespace core::queue
