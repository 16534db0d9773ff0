// SPDX-License-Identifier: MIT
#include "libcore/netstate/override.hpp"

#include <map>

#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::netstate {
namespace {

constexpr std::string_view k_mode = "mode";
constexpr std::string_view k_since = "since";
constexpr std::string_view k_until = "until";
constexpr std::string_view k_by = "by";
constexpr std::string_view k_reason = "reason";
constexpr std::string_view k_boot = "boot";

}  // namespace

std::string format_override(const Override& override_) {
  codec::JsonObject object;
  object.add(k_mode, name_of(override_.mode)).add(k_since, format_time(override_.since));
  if (override_.until) object.add(k_until, format_time(*override_.until));
  object.add(k_by, override_.by);
  if (!override_.reason.empty()) object.add(k_reason, override_.reason);
  if (!override_.boot.empty()) object.add(k_boot, override_.boot);
  return std::move(object).text() + "\n";
}

Result<Override> parse_override(std::string_view text, Time written) {
  TRY_ASSIGN(const auto members, codec::parse_flat_object(text));
  const auto member = [&](std::string_view name) -> std::string {
    const auto found = members.find(std::string(name));
    return found == members.end() ? std::string{} : found->second;
  };
  const auto mode = value_of<Mode>(member(k_mode));
  if (!mode) return fail(Errc::corrupt, "no mode of online or offline");
  Override override_{.mode = *mode,
                     .since = written,
                     .until = {},
                     .by = members.contains(std::string(k_by)) ? member(k_by) : "unknown",
                     .reason = member(k_reason),
                     .boot = member(k_boot)};
  const auto time_of = [&](std::string_view name) -> Result<std::optional<Time>> {
    if (!members.contains(std::string(name))) return std::nullopt;
    const auto time = parse_time(member(name));
    if (!time) return fail(Errc::corrupt, std::string(name) + ": " + time.error().message);
    return *time;
  };
  TRY_ASSIGN(const auto since, time_of(k_since));
  TRY_ASSIGN(override_.until, time_of(k_until));
  override_.since = since.value_or(written);
  return override_;
}

}  // namespace core::netstate
