// SPDX-License-Identifier: MIT
#include "libcore/net/probe_line.hpp"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::net {
namespace {

using Members = std::map<std::string, std::string>;

constexpr double k_microseconds = 1000;  // in a millisecond

double milliseconds(Duration span) {
  return static_cast<double>(span.count()) / k_microseconds;
}

void add_span(codec::JsonObject& object, std::string_view name,
              const std::optional<Duration>& span) {
  if (span) object.add(name, milliseconds(*span));
}

void add_text(codec::JsonObject& object, std::string_view name, std::string_view text) {
  if (!text.empty()) object.add(name, text);
}

std::string text_of(const Members& members, const std::string& name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string{} : found->second;
}

std::optional<Duration> span_of(const Members& members, const std::string& name) {
  const auto text = text_of(members, name);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr double k_longest = 1e12;
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(std::abs(number) < k_longest)) return std::nullopt;
  return Duration{std::llround(number * k_microseconds)};
}

}  // namespace

std::string format_probe_line(const ProbeResult& result) {
  codec::JsonObject object;
  object.add("kind", name_of(result.kind)).add("endpoint", result.endpoint);
  if (result.family) object.add("family", name_of(*result.family));
  if (result.silent) object.add("silent", name_of(*result.silent));
  object.add("ok", result.is_reached()).add("outcome", name_of(result.outcome));
  object.add("ms", milliseconds(result.elapsed));
  add_span(object, "dns_ms", result.times.dns);
  add_span(object, "connect_ms", result.times.connect);
  add_span(object, "tls_ms", result.times.tls);
  add_span(object, "first_byte_ms", result.times.first_byte);
  if (result.status != 0) object.add("status", result.status);
  object.add("bytes", result.bytes);
  add_text(object, "address", result.address);
  add_text(object, "location", result.location);
  add_span(object, "retry_after_ms", result.retry_after);
  if (result.date) object.add("date", format_time(*result.date));
  add_text(object, "message", result.message);
  return std::move(object).text();
}

Result<ProbeResult> parse_probe_line(std::string_view line) {
  TRY_ASSIGN(const auto members, codec::parse_flat_object(line));
  const auto kind = value_of<ProbeKind>(text_of(members, "kind"));
  const auto outcome = value_of<ProbeOutcome>(text_of(members, "outcome"));
  if (!kind || !outcome) return fail(Errc::corrupt, "not the result of a probe");
  ProbeResult result{.kind = *kind,
                     .endpoint = text_of(members, "endpoint"),
                     .family = value_of<Family>(text_of(members, "family")),
                     .silent = value_of<Family>(text_of(members, "silent")),
                     .outcome = *outcome,
                     .elapsed = span_of(members, "ms").value_or(Duration{}),
                     .location = text_of(members, "location"),
                     .message = text_of(members, "message"),
                     .retry_after = span_of(members, "retry_after_ms"),
                     .bytes = parse_unsigned(text_of(members, "bytes")).value_or(0),
                     .address = text_of(members, "address"),
                     .times = {.dns = span_of(members, "dns_ms"),
                               .connect = span_of(members, "connect_ms"),
                               .tls = span_of(members, "tls_ms"),
                               .first_byte = span_of(members, "first_byte_ms")}};
  const auto status = parse_unsigned(text_of(members, "status")).value_or(0);
  if (status < 1000) result.status = static_cast<int>(status);
  if (const auto date = parse_time(text_of(members, "date"))) result.date = *date;
  return result;
}

}  // namespace core::net
