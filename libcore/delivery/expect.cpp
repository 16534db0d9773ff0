// SPDX-License-Identifier: MIT
#include "libcore/delivery/expect.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_value.hpp"
#include "libcore/net/http_message.hpp"

namespace core::delivery {
namespace {

constexpr std::size_t k_shown = 60;

bool is_value(std::string_view actual, std::string_view wanted) {
  if (wanted == "*" || actual == wanted) return true;
  return actual.starts_with(wanted) && trim(actual.substr(wanted.size())).starts_with(';');
}

std::string status_text(const Expect& expect) {
  std::string text;
  for (const auto& range : expect.status) {
    if (!text.empty()) text += ',';
    text += range.first == range.last ? std::to_string(range.first)
                                      : fmt::format("{}-{}", range.first, range.last);
  }
  return text;
}

std::optional<std::string> unmet_header(const net::HeaderField& wanted,
                                        const net::HttpResponse& response) {
  // A field may come several times: any of them will do.
  const bool held = std::ranges::any_of(response.headers, [&](const net::HeaderField& field) {
    return equals_ignoring_case(field.first, wanted.first) &&
           is_value(trim(field.second), trim(wanted.second));
  });
  if (held) return std::nullopt;
  const auto* actual = net::find_field(response.headers, wanted.first);
  if (actual == nullptr) return fmt::format("expect: header {} is missing", wanted.first);
  return fmt::format("expect: header {} is '{}', not '{}'", wanted.first,
                     printable(*actual, k_shown), printable(wanted.second, k_shown));
}

std::optional<std::string> unmet_json(const std::pair<std::string, std::string>& wanted,
                                      const net::HttpResponse& response) {
  const auto& [pointer, value] = wanted;
  const auto name = pointer.empty() ? std::string("the answer") : printable(pointer, k_shown);
  const auto found = codec::json_at(response.body, pointer);
  if (!found) {
    const auto* type = net::find_field(response.headers, "content-type");
    return fmt::format("expect: answer is not JSON: {}",
                       type == nullptr ? "no content type" : printable(*type, k_shown));
  }
  if (!*found) return fmt::format("expect: {} is missing", name);
  if (codec::json_equal(**found, value)) return std::nullopt;
  return fmt::format("expect: {} is {}, not {}", name, printable(**found, k_shown),
                     printable(value, k_shown));
}

}  // namespace

bool holds_status(const Expect& expect, int status) {
  return std::ranges::any_of(expect.status, [&](const StatusRange& range) {
    return range.first <= status && status <= range.last;
  });
}

std::optional<std::string> unmet(const Expect& expect, const net::HttpResponse& response) {
  if (!expect.status.empty() && !holds_status(expect, response.status)) {
    return fmt::format("expect: status is {}, not {}", response.status, status_text(expect));
  }
  for (const auto& wanted : expect.headers)
    if (auto reason = unmet_header(wanted, response)) return reason;
  if (!expect.json.empty() && response.truncated) {
    return fmt::format("expect: answer is too long to be checked, {} bytes were read",
                       response.body.size());
  }
  for (const auto& wanted : expect.json)
    if (auto reason = unmet_json(wanted, response)) return reason;
  return std::nullopt;
}

}  // namespace core::delivery
