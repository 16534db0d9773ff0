// SPDX-License-Identifier: MIT
#pragma once

// What sock_diag(7) says of TCP connections: messages to values, values to evidence. Pure.

#include <optional>
#include <span>
#include <string>

#include <linux/tcp.h>

#include "libcore/net/ip_address.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/netlink_message.hpp"
#include "libcore/net/tcp_evidence.hpp"

namespace core::net {

struct TcpConnection {
  IpAddress peer;
  tcp_info facts{};  // what this kernel does not know is 0
};

// The payload of SOCK_DIAG_BY_FAMILY: all established connections.
std::string tcp_question(Family family);

// nullopt: the message is about something else, or damaged.
std::optional<TcpConnection> parse_connection(const NetlinkMessage& message);

// Whether what comes from there has come over the way out.
bool is_outside(const IpAddress& peer, std::span<const Address> own);

// From connections to the outside, one after the other.
class TcpSurvey {
 public:
  void add(const tcp_info& facts);
  [[nodiscard]] std::optional<TcpEvidence> evidence() const;

 private:
  TcpEvidence evidence_;
  std::optional<Duration> shortest_stall_;  // what is sent again is at least this old
};

}  // namespace core::net
