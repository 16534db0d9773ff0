// SPDX-License-Identifier: MIT
// Apart from httpd.cpp, so that only programs that serve link cpp-httplib.
#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/net/httpd.hpp"

namespace core::net {

bool ListenAddress::is_loopback() const {
  if (host == "::1" || equals_ignoring_case(host, "localhost")) return true;
  const auto parts = split(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  for (const auto part : parts) {
    const auto number = parse_unsigned(part);
    if (!number || *number > 255) return false;
  }
  return true;
}

std::string ListenAddress::text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::usage, fmt::format("not HOST:PORT: '{}': {}", printable(text), why));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("the port is missing (0: any free one)");
  const auto port = parse_unsigned(text.substr(colon + 1));
  if (!port || *port > 65535) return refuse("the port is a number up to 65535");
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refuse("an IPv6 address needs brackets, as in [::1]:8787");
  }
  if (host.empty()) return refuse("the host is missing (127.0.0.1: this machine only)");
  return ListenAddress{.host = std::string(host), .port = static_cast<int>(*port)};
}

}  // namespace core::net
