// SPDX-License-Identifier: MIT
#include "libcore/cli/checks.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/layout.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/cli/table.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_longest_text = 1000;
constexpr std::size_t k_level_width = 5;

Style style_of(Level level) {
  switch (level) {
    case Level::ok:
      return Style::green;
    case Level::warn:
      return Style::yellow;
    case Level::fail:
      return Style::red;
  }
  return Style::plain;
}

}  // namespace

void print_checks(Context& context, std::span<const Check> checks) {
  std::size_t width = 0;
  for (const auto& check : checks)
    width = std::max(width, check.name.size());
  const auto indent = k_level_width + width + 2;
  const auto page = result_page(context);
  for (const auto& check : checks) {
    const auto level = fmt::format("{:<{}}", name_of(check.level), k_level_width);
    context.out.print("{}{:<{}}  {}\n", styled(level, style_of(check.level), context.out_color),
                      check.name, width,
                      hanging(printable(check.text, k_longest_text), indent, page));
    if (check.hint.empty()) continue;
    context.out.print("{:<{}}-> {}\n", "", indent,
                      hanging(printable(check.hint, k_longest_text), indent + 3, page));
  }
}

std::string checks_json(std::span<const Check> checks) {
  std::string list;
  for (const auto& check : checks) {
    Record record;
    record.add("name", check.name).add("level", name_of(check.level));
    record.add("text", check.text);
    if (!check.hint.empty()) record.add("hint", check.hint);
    list += (list.empty() ? "" : ",") + record.json();
  }
  return "[" + list + "]";
}

ExitCode code_of(std::span<const Check> checks) {
  const auto failed = std::ranges::find(checks, Level::fail, &Check::level);
  if (failed != checks.end()) return exit_code(failed->cause);
  return worst_of(checks) == Level::ok ? ExitCode::ok : ExitCode::no;
}

}  // namespace core::cli
