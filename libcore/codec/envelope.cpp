// SPDX-License-Identifier: MIT
#include "libcore/codec/envelope.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/crc32c.hpp"
#include "libcore/codec/json_parts.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {
namespace {

constexpr std::size_t k_max_type = 64;
constexpr std::size_t k_max_method = 32;
// Longer names of lanes and keys are somebody's payload in the wrong place.
constexpr std::size_t k_max_word = 1024;
constexpr std::string_view k_sum_begin = R"(,"sum":"crc32c:)";
constexpr std::size_t k_sum_value = 6;  // where the name ends in k_sum_begin
constexpr std::string_view k_sum_end = "\"}";
constexpr std::size_t k_sum_digits = 8;
constexpr std::size_t k_usual_size = 512;

using SumDigits = std::array<char, k_sum_digits>;

SumDigits sum_digits(std::string_view text) {
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::uint32_t sum = crc32c(text);
  SumDigits digits{};
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = k_hex[sum & 15U];
    sum >>= 4U;
  }
  return digits;
}

void add_text(JsonObject& object, std::string_view key, std::string_view value) {
  if (!value.empty()) object.add(key, value);
}

void add_time(JsonObject& object, std::string_view key, const std::optional<Time>& time) {
  if (time) object.add(key, format_time(*time));
}

// Without an allocation: bulk enqueue does this for every line.
void add_serial(JsonObject& object, const Serial& serial) {
  std::array<char, 48> text{};
  const auto* const end = fmt::format_to(text.data(), "\"{}-{}\"", serial.series, serial.number);
  object.add_raw("seq", {text.data(), static_cast<std::size_t>(end - text.data())});
}

void add_json(JsonObject& object, std::string_view key, const std::optional<std::string>& json) {
  if (!json) return;
  if (json->find('\n') == std::string::npos) {
    object.add_raw(key, *json);
    return;
  }
  std::string one_line = *json;
  std::ranges::replace(one_line, '\n', ' ');
  object.add_raw(key, one_line);
}

std::string format_ids(const std::vector<OperationId>& ids) {
  std::string text;
  for (const auto& id : ids)
    text += (text.empty() ? "[\"" : ",\"") + id.text() + '"';
  return text + ']';
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

Result<> at_member(std::string_view name, Result<> checked) {
  if (!checked) return wrap(std::string(name), std::move(checked).error());
  return checked;
}

Result<> check_draft_request(const Envelope& draft) {
  const auto& request = *draft.request;
  if (!request.method.empty()) TRY(at_member("method", check_method(request.method)));
  if (request.method == "HEAD" && (draft.payload || draft.blob)) {
    return fail(Errc::usage, "method: HEAD takes no body");
  }
  for (const auto& header : request.headers)
    TRY(at_member("headers", check_header(header)));
  return {};
}

Result<> check_draft_times(const Envelope& draft) {
  for (const auto& [name, time] :
       {std::pair{"not_before", draft.not_before}, std::pair{"expires_at", draft.expires_at}}) {
    if (time && !has_four_digit_year(*time)) {
      return fail(Errc::usage, fmt::format("{}: its year is not one of 0000 to 9999", name));
    }
  }
  if (draft.expires_at && draft.not_before && *draft.expires_at <= *draft.not_before) {
    return fail(Errc::usage, "expires_at: not later than not_before");
  }
  return {};
}

std::string format_request(const Request& request) {
  JsonObject object;
  add_text(object, "method", request.method);
  add_text(object, "url", request.url);
  if (!request.headers.empty()) object.add_raw("headers", format_headers(request.headers));
  return object.text();
}

}  // namespace

std::string format_envelope(const Envelope& envelope) {
  JsonObject object(k_usual_size);
  object.add("v", k_envelope_version);
  if (envelope.id) object.add("id", envelope.id->text());
  if (envelope.serial) add_serial(object, *envelope.serial);
  object.add("type", envelope.type);
  add_text(object, "action", envelope.action);
  add_time(object, "created_at", envelope.created_at);
  object.add("priority", envelope.priority);
  if (envelope.critical) object.add("critical", true);
  add_text(object, "lane", envelope.lane);
  if (!envelope.after.empty()) object.add_raw("after", format_ids(envelope.after));
  if (envelope.after_failure != AfterFailure::fail) {
    object.add("after_failure", name_of(envelope.after_failure));
  }
  add_text(object, "key", envelope.key);
  add_time(object, "not_before", envelope.not_before);
  add_time(object, "expires_at", envelope.expires_at);
  if (envelope.max_attempts) object.add("max_attempts", *envelope.max_attempts);
  if (envelope.boot) {
    JsonObject boot;
    boot.add("id", envelope.boot->boot_id).add("us", envelope.boot->at.count());
    object.add_raw("boot", boot.text());
  }
  if (envelope.request) object.add_raw("request", format_request(*envelope.request));
  add_json(object, "payload", envelope.payload);
  if (envelope.blob) object.add_raw("blob", format_blob(*envelope.blob));
  add_text(object, "if_match", envelope.if_match);
  add_json(object, "base", envelope.base);
  add_text(object, "on_conflict", envelope.on_conflict);
  add_json(object, "expect", envelope.expect);
  add_json(object, "capture", envelope.capture);
  add_json(object, "command", envelope.command);
  add_json(object, "meta", envelope.meta);
  for (const auto& [key, json] : envelope.unknown)
    add_json(object, key, json);

  return seal_json(std::move(object).text());
}

std::string seal_json(std::string object) {
  object.pop_back();  // the sum covers everything before its comma
  const SumDigits digits = sum_digits(object);
  object += k_sum_begin;
  object.append(digits.data(), digits.size());
  object += k_sum_end;
  object += '\n';
  return object;
}

SealState seal_state(std::string_view line) {
  constexpr auto k_size = k_sum_begin.size() + k_sum_digits + k_sum_end.size();
  line = trim(line);
  if (line.size() < k_size || !line.ends_with(k_sum_end)) return SealState::absent;
  const auto seal = line.substr(line.size() - k_size);
  if (!seal.starts_with(k_sum_begin)) {
    // A seal whose name was damaged must not pass for a file that never had one. "key" is the one
    // member of that length whose value may look like this.
    const bool looks_sealed = seal.substr(k_sum_value).starts_with(k_sum_begin.substr(k_sum_value));
    return looks_sealed && !seal.starts_with(R"(,"key")") ? SealState::broken : SealState::absent;
  }
  const auto digits = seal.substr(k_sum_begin.size(), k_sum_digits);
  const SumDigits sum = sum_digits(line.substr(0, line.size() - k_size));
  return std::ranges::equal(digits, sum) ? SealState::good : SealState::broken;
}

bool is_sealed(std::string_view line) {
  return seal_state(line) == SealState::good;
}

std::optional<Serial> leading_serial(std::string_view line, const OperationId& id) {
  const auto skip = [&line](std::string_view text) {
    if (!line.starts_with(text)) return false;
    line.remove_prefix(text.size());
    return true;
  };
  if (!skip(R"({"v":1,"id":")") || !skip(id.text()) || !skip(R"(","seq":")")) return std::nullopt;
  const auto end = line.find('"');
  return end == std::string_view::npos ? std::nullopt : Serial::parse(line.substr(0, end));
}

Result<> check_type(std::string_view type) {
  if (type.empty()) return fail(Errc::usage, "empty");
  if (type.size() > k_max_type) {
    return fail(Errc::usage, fmt::format("longer than {} characters", k_max_type));
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  };
  if (!std::ranges::all_of(type, allowed)) {
    return fail(Errc::usage, "only a-z, 0-9, _, . and - are allowed: '" + printable(type) + "'");
  }
  return {};
}

bool is_safe_method(std::string_view method) {
  constexpr std::array<std::string_view, 4> k_safe{"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::ranges::find(k_safe, method) != k_safe.end();
}

Result<> check_method(std::string_view method) {
  if (method.size() > k_max_method || !is_token(method)) {
    return fail(Errc::usage, "not an HTTP method: '" + printable(method, 60) + "'");
  }
  if (method == "CONNECT") return fail(Errc::usage, "CONNECT is for proxies");
  return {};
}

Result<> check_header(const Header& header) {
  const auto& [name, value] = header;
  if (!is_token(name)) {
    return fail(Errc::usage, "not a header name: '" + printable(name, 60) + "'");
  }
  // The value itself is not shown: it may be a credential.
  const auto forbidden = [](char c) { return c != '\t' && is_control(c); };
  if (std::ranges::any_of(value, forbidden)) {
    return fail(Errc::usage, "header " + name + ": control character in the value");
  }
  if (!is_valid_utf8(value)) return fail(Errc::usage, "header " + name + ": not UTF-8");
  return {};
}

Result<> check_word(std::string_view word) {
  if (word.size() > k_max_word) {
    return fail(Errc::usage, fmt::format("it is longer than {} bytes", k_max_word));
  }
  if (!is_valid_utf8(word)) return fail(Errc::usage, "not UTF-8");
  if (std::ranges::any_of(word, is_control)) {
    return fail(Errc::usage, "it holds a control character");
  }
  return {};
}

Result<> check_draft(const Envelope& draft) {
  TRY(at_member("type", check_type(draft.type)));
  TRY(at_member("action", check_word(draft.action)));
  TRY(at_member("lane", check_word(draft.lane)));
  TRY(at_member("key", check_word(draft.key)));
  TRY(at_member("if_match", check_word(draft.if_match)));
  TRY(at_member("on_conflict", check_word(draft.on_conflict)));
  if (draft.request) TRY(at_member("request", check_draft_request(draft)));
  TRY(check_draft_times(draft));
  if (draft.max_attempts && *draft.max_attempts < 1) {
    return fail(Errc::usage, "max_attempts: must be 1 or more");
  }
  return {};
}

}  // namespace core::codec
