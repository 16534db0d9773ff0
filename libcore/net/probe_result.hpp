// SPDX-License-Identifier: MIT
#pragma once

// What came of one probe: a small question to one endpoint, asked to learn whether the network
// works. Values only.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/family.hpp"

namespace core::net {

enum class ProbeKind { dns, tcp, http, api };

enum class ProbeOutcome {
  answered,          // as it should be
  wrong_answer,      // an answer, and not the expected one: 3xx, 511, another body
  hijacked,          // a name resolves to an address that cannot be its own
  server_error,      // 5xx
  throttled,         // 429: it can be reached
  turned_away,       // 401, 403, 404 and the like: it can be reached
  dns_timeout,       //
  dns_refused,       // SERVFAIL, REFUSED
  dns_no_name,       // NXDOMAIN, or no address
  refused,           // RST
  unreachable,       // ICMP, or no route
  timeout,           // nothing came in time
  lost,              // the connection broke
  tls,               // the handshake failed, or the certificate is for somebody else
  certificate_time,  // the certificate is not valid yet, or no more
  not_sent,          // could not be tried: no such family, over budget
};

// How long each step took, from the end of the one before. Absent: there was none.
struct ProbeTimes {
  std::optional<Duration> dns;
  std::optional<Duration> connect;
  std::optional<Duration> tls;
  std::optional<Duration> first_byte;

  bool operator==(const ProbeTimes&) const = default;
};

struct ProbeResult {
  ProbeKind kind = ProbeKind::tcp;
  std::string endpoint{};  // its name in the configuration
  std::optional<Family> family{};
  // The other family was tried first, and failed, or had not answered when this one did.
  std::optional<Family> silent{};
  ProbeOutcome outcome = ProbeOutcome::not_sent;
  Duration elapsed{};
  int status = 0;                         // of HTTP
  std::string location{};                 // of a portal: where to log in
  std::string message{};                  // for people; empty: nothing to add
  std::optional<Duration> retry_after{};  // of 429 and 503
  std::optional<Time> date{};             // what the server takes for the time
  std::uint64_t bytes = 0;  // on the wire, both ways, with the headers of IP and Ethernet
  std::string address{};    // that was asked; empty: it did not come to that
  ProbeTimes times{};

  [[nodiscard]] bool is_answered() const { return outcome == ProbeOutcome::answered; }
  // The endpoint itself has answered, and is not out of order.
  [[nodiscard]] bool is_reached() const {
    return is_answered() || outcome == ProbeOutcome::throttled ||
           outcome == ProbeOutcome::turned_away;
  }
};

}  // namespace core::net

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::net::ProbeKind>{
    "dns", "tcp", "http", "api"};
template <>
inline constexpr std::array<std::string_view, 16> core::enum_names<core::net::ProbeOutcome>{
    "answered",    "wrong-answer", "hijacked",         "server-error", "throttled",   "turned-away",
    "dns-timeout", "dns-refused",  "dns-no-name",      "refused",      "unreachable", "timeout",
    "lost",        "tls",          "certificate-time", "not-sent"};
