// SPDX-License-Identifier: MIT
#include "libcore/net/request_check.hpp"

#include <string_view>
#include <variant>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

Result<> check_method(const HttpRequest& request) {
  if (!is_token(request.method)) {
    return fail(Errc::usage, fmt::format("not a method: '{}'", printable(request.method, 40)));
  }
  if (request.method == "CONNECT") return fail(Errc::usage, "method CONNECT is for proxies");
  if (request.method == "HEAD" && !std::holds_alternative<std::monostate>(request.body)) {
    return fail(Errc::usage, "method HEAD takes no body");
  }
  return {};
}

Result<> check_field(const HeaderField& field) {
  const auto& [name, value] = field;
  if (!is_token(name)) {
    return fail(Errc::usage, fmt::format("not a header name: '{}'", printable(name, 40)));
  }
  if (value.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos) {
    return fail(Errc::usage, fmt::format("header {}: its value holds CR, LF or NUL", name));
  }
  return {};
}

}  // namespace

Result<Url> check_request(const HttpRequest& request) {
  TRY(check_method(request));
  for (const auto& field : request.headers)
    TRY(check_field(field));
  return parse_url(request.url);
}

}  // namespace core::net
