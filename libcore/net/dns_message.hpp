// SPDX-License-Identifier: MIT
#pragma once

// Questions to a DNS server and its answers, as bytes (RFC 1035). Pure. Only what a probe needs:
// the addresses of a name.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/net/ip_address.hpp"

namespace core::net {

enum class DnsType : std::uint16_t { a = 1, aaaa = 28 };
constexpr DnsType dns_type_of(Family family) {
  return family == Family::v4 ? DnsType::a : DnsType::aaaa;
}

struct DnsQuestion {
  std::uint16_t id = 0;
  std::string name;  // "example.org", also with a dot at its end; "." is the root
  DnsType type = DnsType::a;
};

enum class DnsCode {
  ok,
  no_name,  // NXDOMAIN
  refused,  // SERVFAIL, REFUSED and all others
};

struct DnsAnswer {
  DnsQuestion question;  // as the server repeats it, in lower case, without a dot at its end
  DnsCode code = DnsCode::ok;
  bool is_truncated = false;
  std::vector<IpAddress> addresses;  // of the type that was asked for
};

// Errors: usage, for a name that DNS cannot hold.
Result<std::string> format_dns_question(const DnsQuestion& question);
// Whatever the bytes are, no more than them is looked at, and it ends. Errors: corrupt, for what is
// no answer to one question; what is cut off behind its answers is taken as far as it goes.
Result<DnsAnswer> parse_dns_answer(std::string_view bytes);
// Whether it is the answer to this question.
bool answers(const DnsAnswer& answer, const DnsQuestion& question);

}  // namespace core::net
