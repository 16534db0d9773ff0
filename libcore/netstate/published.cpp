// SPDX-License-Identifier: MIT
#include "libcore/netstate/published.hpp"

#include <array>
#include <limits>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::netstate {
namespace {

constexpr std::string_view k_unknown = "unknown";
constexpr std::string_view k_nothing = "-";
constexpr std::size_t k_ordered_words = 6;
constexpr std::uint64_t k_last_second = 253'402'300'799;  // of the year 9999

std::uint64_t seconds_of(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

tl::unexpected<Error> malformed(std::string_view line) {
  return fail(Errc::corrupt, fmt::format("not a published state: '{}'", printable(line, 60)));
}

std::optional<Time> time_of(std::string_view text) {
  const auto seconds = parse_unsigned(text);
  if (!seconds || *seconds > k_last_second) return std::nullopt;
  return Time(std::chrono::seconds(*seconds));
}

// "metered=no" and the like. False: the value is none of those that are known.
bool assign_named(Published& published, std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return true;
  const auto name = word.substr(0, equals);
  const auto value = word.substr(equals + 1);
  const auto assign = [value](auto& member) {
    const auto known = value_of<std::remove_reference_t<decltype(member)>>(value);
    if (known) member = *known;
    return known.has_value();
  };
  if (name == "metered") return assign(published.metered);
  if (name == "reason") return assign(published.reason);
  if (name == "by") return assign(published.by);
  if (name == "auto") {
    published.mode_by_itself = value_of<Mode>(value);
    return published.mode_by_itself.has_value();
  }
  if (name == "until") {
    published.mode_until = time_of(value);
    return published.mode_until.has_value();
  }
  return true;
}

}  // namespace

std::string format_published(const Published& published) {
  auto line = fmt::format(
      "{} {} {} {} {} {} metered={} reason={} by={} v=1",
      published.state ? name_of(*published.state) : k_unknown, name_of(published.mode),
      published.generation, seconds_of(published.since), seconds_of(published.valid_until),
      published.interface.empty() ? k_nothing : published.interface, name_of(published.metered),
      name_of(published.reason), name_of(published.by));
  if (published.mode_by_itself) line += fmt::format(" auto={}", name_of(*published.mode_by_itself));
  if (published.mode_until) line += fmt::format(" until={}", seconds_of(*published.mode_until));
  return line + "\n";
}

Result<Published> parse_published(std::string_view line) {
  if (!line.ends_with('\n')) return malformed(line);
  const auto words = split(line.substr(0, line.size() - 1), ' ');
  if (words.size() < k_ordered_words) return malformed(line);
  Published published;
  published.state = value_of<State>(words[0]);
  if (!published.state && words[0] != k_unknown) return malformed(line);
  const auto mode = value_of<Mode>(words[1]);
  const auto generation = parse_unsigned(words[2]);
  const auto since = time_of(words[3]);
  const auto valid_until = time_of(words[4]);
  if (!mode || !generation || !since || !valid_until) return malformed(line);
  published.mode = *mode;
  published.generation = *generation;
  published.since = *since;
  published.valid_until = *valid_until;
  if (words[5] != k_nothing) published.interface = words[5];
  for (std::size_t i = k_ordered_words; i < words.size(); ++i) {
    if (!assign_named(published, words[i])) return malformed(line);
  }
  return published;
}

}  // namespace core::netstate
