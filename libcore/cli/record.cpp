// SPDX-License-Identifier: MIT
#include "libcore/cli/record.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::cli {
namespace {

template <typename... Cases>
struct Visitor : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Visitor(Cases...) -> Visitor<Cases...>;

}  // namespace

const Value& Record::value(std::string_view name) const {
  static const Value absent{Absent{}};
  const auto found = std::ranges::find(fields_, name, &Field::name);
  return found == fields_.end() ? absent : found->value;
}

std::string Record::json() const {
  codec::JsonObject object;
  for (const auto& field : fields_) {
    const auto& name = field.name;
    std::visit(Visitor{[](const Absent&) {},
                       [&](const std::string& text) { object.add(name, std::string_view{text}); },
                       [&](std::int64_t number) { object.add(name, number); },
                       [&](double number) { object.add(name, number); },
                       [&](bool truth) { object.add(name, truth); },
                       [&](const RawJson& raw) { object.add_raw(name, raw.text); },
                       [&](Time time) { object.add(name, std::string_view{format_time(time)}); },
                       [&](ByteCount size) { object.add(name, size.value); }},
               field.value);
  }
  return object.text();
}

std::string relative_time(Time time, Time now) {
  const auto span = now - time;
  if (span < std::chrono::seconds{1} && span > -std::chrono::milliseconds{1}) return "now";
  if (span > Duration{0}) return format_duration(span) + " ago";
  return "in " + format_duration(-span);
}

std::string display_text(const Value& value, Time now) {
  constexpr auto k_all = std::numeric_limits<std::size_t>::max();
  return std::visit(Visitor{[](const Absent&) { return std::string("-"); },
                            [](const std::string& text) { return printable(text, k_all); },
                            [](std::int64_t number) { return std::to_string(number); },
                            [](double number) { return fmt::format("{:.4g}", number); },
                            [](bool truth) { return std::string(truth ? "yes" : "no"); },
                            [](const RawJson& raw) { return printable(raw.text, k_all); },
                            [&](Time time) { return relative_time(time, now); },
                            [](ByteCount size) { return format_size(size); }},
                    value);
}

}  // namespace core::cli
