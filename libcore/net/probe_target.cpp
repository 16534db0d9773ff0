// SPDX-License-Identifier: MIT
#include <optional>
#include <string>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/net/dns_message.hpp"
#include "libcore/net/ip_address.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/net/url.hpp"

namespace core::net {
namespace {

constexpr int k_dns_port = 53;

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Errc::usage, fmt::format("not an endpoint: '{}': {}", printable(text), why));
}

// What a right one looks like.
std::string_view form_of(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::tcp:
      return "tcp://192.0.2.1:443 or tcp://[2001:db8::1]:443";
    case ProbeKind::dns:
      return "dns://192.0.2.53 or dns://192.0.2.53?name=example.org";
    case ProbeKind::http:
      return "http://example.org/path or http://example.org/path#status=204";
    case ProbeKind::api:
      break;
  }
  return "https://api.example.com/health";
}

tl::unexpected<Error> refuse(std::string_view text, ProbeKind kind, std::string_view why) {
  return refuse(text, fmt::format("{}: write it as {}", why, form_of(kind)));
}

std::optional<ProbeKind> kind_of(std::string_view scheme) {
  if (equals_ignoring_case(scheme, "tcp")) return ProbeKind::tcp;
  if (equals_ignoring_case(scheme, "dns")) return ProbeKind::dns;
  if (equals_ignoring_case(scheme, "http")) return ProbeKind::http;
  return std::nullopt;
}

bool names_port(std::string_view rest) {
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto bracket = authority.rfind(']');
  if (bracket != std::string_view::npos) authority.remove_prefix(bracket);
  return authority.find(':') != std::string_view::npos;
}

// "status=204&body=success"
Result<> take_expectations(ProbeTarget& target, std::string_view text) {
  bool names_status = false;
  for (const auto part : split(text, '&')) {
    const auto name = part.substr(0, part.find('='));
    const auto value = part.substr(std::min(part.size(), name.size() + 1));
    if (name == "body" && !value.empty()) {
      target.body = value;
    } else if (name == "status") {
      const auto number = parse_unsigned(value);
      if (!number || *number < 100 || *number > 599)
        return refuse(target.name, target.kind, "not a status");
      target.status = static_cast<int>(*number);
      names_status = true;
    } else {
      return refuse(target.name, target.kind, "behind '#' goes status=NUMBER or body=TEXT");
    }
  }
  if (!names_status && !target.body.empty()) target.status = 200;
  return {};
}

Result<> take_name(ProbeTarget& target, std::string_view query) {
  constexpr std::string_view k_name = "name=";
  if (query.empty()) {
    target.path = ".";
    return {};
  }
  if (!query.starts_with(k_name))
    return refuse(target.name, target.kind, "behind '?' goes name=NAME");
  target.path = query.substr(k_name.size());
  if (!target.path.empty() && format_dns_question({.name = target.path})) return {};
  return refuse(target.name, target.kind, "not a name that DNS can hold");
}

}  // namespace

Result<ProbeTarget> parse_api_target(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return refuse(text, ProbeKind::api, url.error().message);
  return ProbeTarget{.name = std::string(text),
                     .kind = ProbeKind::api,
                     .host = url->host,
                     .port = url->port,
                     .path = url->text(),
                     .status = 0};
}

Result<ProbeTarget> parse_probe_target(std::string_view text) {
  constexpr std::string_view k_forms =
      "it is tcp://HOST:PORT, dns://ADDRESS or http://HOST[:PORT]/PATH";
  const auto end = text.find("://");
  const auto kind = end == std::string_view::npos ? std::nullopt : kind_of(text.substr(0, end));
  if (!kind && text.starts_with("https://")) {
    return refuse(text, "URLs of https belong into network.check");
  }
  if (!kind) return refuse(text, k_forms);
  const auto rest = text.substr(end + 3);
  const auto url = parse_url("http://" + std::string(rest));
  if (!url) return refuse(text, *kind, url.error().message);
  ProbeTarget target{.name = std::string(text), .kind = *kind, .host = url->host};
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  target.port = url->port;
  const auto path = std::string_view(url->target);
  const auto query = path.substr(std::min(path.size(), path.find('?')));
  if (*kind == ProbeKind::http) {
    target.path = url->target;
    const auto hash = rest.find('#');
    if (hash != std::string_view::npos) TRY(take_expectations(target, rest.substr(hash + 1)));
    return target;
  }
  const bool has_path = path.size() != query.size() + 1;  // more than "/"
  if (has_path || rest.find('#') != std::string_view::npos) {
    return refuse(text, *kind, "nothing goes behind it");
  }
  if (*kind == ProbeKind::tcp) {
    if (!names_port(rest)) return refuse(text, *kind, "it needs a port");
    if (!query.empty()) return refuse(text, *kind, "nothing goes behind it");
    return target;
  }
  if (!names_port(rest)) target.port = k_dns_port;
  if (!parse_ip(target.host)) return refuse(text, *kind, "a DNS server is named by its address");
  TRY(take_name(target, query.empty() ? query : query.substr(1)));
  return target;
}

}  // namespace core::net
