// SPDX-License-Identifier: MIT
#pragma once

// The success predicate: what an answer must look like to count as delivered, since the 200 of a
// captive portal is not a delivery. Written as
//   {"status": [200, "2xx"], "header": {"Content-Type": "application/json"}, "json": {"/ok": true}}
// where status may also be one of 200, "200,201", "2xx" and "200-204". Pure.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/net/http.hpp"

namespace core::delivery {

struct StatusRange {
  int first = 0;
  int last = 0;

  bool operator==(const StatusRange&) const = default;
};

struct Expect {
  std::vector<StatusRange> status;  // one of these; empty: nothing is said about it
  // Each must be there. "*" is any value; "text/html" also holds for "text/html; charset=utf-8".
  std::vector<net::HeaderField> headers;
  // RFC 6901 pointers into the body, and the JSON texts that must stand there.
  std::vector<std::pair<std::string, std::string>> json;

  // Whether an answer that meets it is hardly somebody else's: a portal has a status too.
  [[nodiscard]] bool looks_inside() const { return !headers.empty() || !json.empty(); }
  bool operator==(const Expect&) const = default;
};

// "200,201", "2xx" or "200-204". Errors: usage.
Result<std::vector<StatusRange>> parse_status_list(std::string_view list);

// Errors: usage, naming the member that is wrong.
Result<Expect> parse_expect(std::string_view json_object);

// The JSON object for what was typed: "200,201" or "2xx"; "Name: value"; "/pointer=value", where
// a value that is no JSON is a string. Errors: usage. This and the functions above need no shared
// library (expect_text.cpp).
Result<std::string> expect_json(const std::vector<std::string>& statuses,
                                const std::vector<std::string>& headers,
                                const std::vector<std::string>& pointers);

[[nodiscard]] bool holds_status(const Expect& expect, int status);

// Why the expectation does not hold ("expect: /ok is false, not true"); nullopt: it holds.
std::optional<std::string> unmet(const Expect& expect, const net::HttpResponse& response);

}  // namespace core::delivery
