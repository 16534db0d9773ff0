// SPDX-License-Identifier: MIT
#include "libcore/net/url.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_longest_url = 8192;
constexpr std::size_t k_longest_host = 253;  // RFC 1035 2.3.4, as text
constexpr std::size_t k_longest_label = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_host_char(char c) {
  return is_digit(c) || is_alpha(c) || c == '-' || c == '_' || c == '~' ||
         static_cast<unsigned char>(c) >= 0x80;  // IDNA: libcurl translates
}

// The URL itself is left out of messages that could repeat a password or a control character.
tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Errc::usage, fmt::format("URL refused: {}", why));
}

tl::unexpected<Error> too_long() {
  return refuse("longer than 8192 bytes");
}

Result<> check_bytes(std::string_view text) {
  if (text.size() > k_longest_url) return too_long();
  for (const char c : text) {
    if (c == ' ' || c == '\t') return refuse("it contains a blank: write it as %20");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return refuse("it contains a control character");
    }
  }
  return {};
}

int default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

// "http" of "http:...", also of "mailto:x"; empty for a relative reference.
std::string_view scheme_of(std::string_view text) {
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  if (end == text.end() || *end != ':' || !is_alpha(text.front())) return {};
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// A name that DNS could never hold must be refused here: later it would look like being offline.
Result<> check_name(std::string_view host) {
  const auto name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  if (name.empty()) return refuse("it has no host");
  if (name.size() > k_longest_host) return refuse("the host is longer than 253 bytes");
  if (!is_valid_utf8(name)) return refuse("the host is not UTF-8");
  for (const auto label : split(name, '.')) {
    if (label.empty()) return refuse(fmt::format("empty label in host '{}'", printable(host)));
    if (label.size() > k_longest_label) return refuse("a label of the host exceeds 63 bytes");
    if (!std::ranges::all_of(label, is_host_char)) {
      return refuse(fmt::format("not a host: '{}'", printable(host)));
    }
  }
  return {};
}

// "[::1]", or with a zone as RFC 6874 writes it: "[fe80::1%25eth0]".
Result<> check_literal(std::string_view host) {
  const auto inner = host.substr(1, host.size() - 2);
  const auto percent = inner.find('%');
  const std::string address(inner.substr(0, percent));
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  bool good = inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
  if (percent != std::string_view::npos) {
    const auto zone = inner.substr(percent);
    good = good && zone.starts_with("%25") && zone.size() > 3 &&
           std::ranges::all_of(zone.substr(3), [](char c) {
             return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
           });
  }
  if (!good) return refuse(fmt::format("not an IPv6 address: '{}'", printable(host)));
  return {};
}

Result<> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return refuse("it names a user: credentials belong into a header or .netrc");
  }
  auto host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return refuse("'[' without ']' in the host");
    host = authority.substr(0, end + 1);
    port = authority.substr(end + 1);
    TRY(check_literal(host));
  } else {
    host = authority.substr(0, authority.find(':'));
    port = authority.substr(host.size());
    TRY(check_name(host));
  }
  url.host = to_lower(host);
  if (port.empty() || port == ":") return {};
  const auto number = parse_unsigned(port.substr(1));
  if (port.front() != ':' || port.size() > 6 || !number || *number < 1 || *number > 65535) {
    return refuse(fmt::format("not a port: '{}'", printable(port)));
  }
  url.port = static_cast<int>(*number);
  return {};
}

// RFC 3986 5.2.4, for a path that begins with "/".
std::string without_dot_segments(std::string_view path) {
  std::string result;
  auto segments = split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == ".." && !result.empty()) result.resize(result.rfind('/'));
    if (segments[i] != "." && segments[i] != "..") {
      result += '/';
      result += segments[i];
    } else if (last) {
      result += '/';
    }
  }
  return result;
}

// What a browser would escape as well. Braces stay: {{placeholders}} are bound later.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::string_view{"\"<>`\\"}.find(c) != std::string_view::npos) {
      result += fmt::format("%{:02X}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

std::string read_target(std::string_view text) {
  const auto target = text.substr(0, text.find('#'));
  const auto path = target.substr(0, target.find('?'));
  const auto query = target.substr(path.size());
  return escaped(path.empty() ? "/" : without_dot_segments(path)) + escaped(query);
}

}  // namespace

std::string Url::origin() const {
  return fmt::format("{}://{}:{}", scheme, host, port);
}

std::string Url::text() const {
  if (port == default_port(scheme)) return fmt::format("{}://{}{}", scheme, host, target);
  return origin() + target;
}

bool is_absolute(std::string_view reference) {
  const auto scheme = scheme_of(reference);
  return !scheme.empty() && reference.substr(scheme.size()).starts_with("://");
}

Result<Url> parse_url(std::string_view text) {
  if (text.empty()) return refuse("it is empty");
  TRY(check_bytes(text));
  const auto scheme = scheme_of(text);
  if (scheme.empty()) return refuse("it must begin with http:// or https://");
  Url url;
  url.scheme = to_lower(scheme);
  if (url.scheme != "http" && url.scheme != "https") {
    return refuse(fmt::format("scheme '{}': only http and https are sent", printable(scheme, 40)));
  }
  auto rest = text.substr(scheme.size() + 1);
  if (!rest.starts_with("//")) return refuse(fmt::format("'//' missing after '{}:'", scheme));
  rest.remove_prefix(2);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  url.port = default_port(url.scheme);
  TRY(read_authority(authority, url));
  url.target = read_target(rest.substr(authority.size()));
  // Escapes have made it longer.
  if (url.target.size() + authority.size() + scheme.size() + 3 > k_longest_url) return too_long();
  return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  TRY(check_bytes(reference));
  if (!scheme_of(reference).empty()) return parse_url(reference);
  if (reference.starts_with("//")) return parse_url(fmt::format("{}:{}", base.scheme, reference));
  const auto base_path = base.target.substr(0, base.target.find('?'));
  Url resolved = base;
  auto& target = resolved.target;
  if (reference.starts_with('/')) {
    target = reference;
  } else if (reference.starts_with('?')) {
    target = base_path + std::string(reference);
  } else if (!reference.empty() && !reference.starts_with('#')) {
    target = base_path.substr(0, base_path.rfind('/') + 1) + std::string(reference);
  }
  return parse_url(resolved.text());
}

}  // namespace core::net
