// SPDX-License-Identifier: MIT
#include "libcore/queue/where.hpp"

#include <fmt/core.h>

#include "libcore/base/ids.hpp"

namespace core::queue {
namespace {

constexpr std::string_view k_id_text = "(stem || CASE line WHEN 0 THEN '' ELSE '.' || line END)";

}  // namespace

void Where::add(std::string_view before, Value value) {
  clauses_.push_back(std::string(before) + mark(std::move(value)));
}

void Where::add_any_of(std::string_view column, std::vector<Value> values) {
  if (values.empty()) return;
  std::string marks;
  for (auto& value : values) {
    if (!marks.empty()) marks += ",";
    marks += mark(std::move(value));
  }
  clauses_.push_back(fmt::format("{} IN ({})", column, marks));
}

void Where::add_fragments(const std::vector<std::string>& fragments) {
  std::string any;
  for (const auto& fragment : fragments) {
    any += (any.empty() ? "" : " OR ") + fragment_clause(fragment);
  }
  if (!any.empty()) clauses_.push_back("(" + any + ")");
}

std::string Where::text(std::string_view first_word) const {
  std::string text;
  for (const auto& clause : clauses_) {
    text += fmt::format(" {} {}", text.empty() ? first_word : "AND", clause);
  }
  return text;
}

void Where::bind(db::Statement& statement) const {
  int at = first_;
  for (const auto& value : values_) {
    std::visit([&](const auto& held) { statement.bind(at, held); }, value);
    ++at;
  }
}

std::string Where::mark(Value value) {
  values_.push_back(std::move(value));
  return fmt::format("?{}", first_ + static_cast<int>(values_.size()) - 1);
}

// Fragments hold only the id alphabet and dots, so LIKE has nothing to escape.
std::string Where::fragment_clause(const std::string& fragment) {
  if (const auto id = OperationId::parse(fragment)) {
    const std::string stem = mark(id->stem.text());
    return fmt::format("(stem = {} AND line = {})", stem, id->line);
  }
  const std::string start = fragment.substr(0, Ulid::k_length);
  const std::string from = mark(start);
  const std::string to = mark(start + "~");
  const std::string prefix = mark(fragment + "%");
  const std::string suffix = mark("%" + fragment);
  return fmt::format("(stem >= {1} AND stem < {2} AND {0} LIKE {3}) OR {0} LIKE {4}", k_id_text,
                     from, to, prefix, suffix);
}

}  // namespace core::queue
