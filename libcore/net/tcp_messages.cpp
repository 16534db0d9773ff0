// SPDX-License-Identifier: MIT
#include "libcore/net/tcp_messages.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include <sys/socket.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace core::net {
namespace {

constexpr unsigned char k_established = 1;  // TCP_ESTABLISHED of netinet/tcp.h

std::optional<tcp_info> facts_in(std::string_view attributes) {
  NetlinkAttributes list(attributes);
  while (const auto attribute = list.next()) {
    if (attribute->type != INET_DIAG_INFO) continue;
    // Kernels add to its end.
    tcp_info facts{};
    std::memcpy(&facts, attribute->value.data(), std::min(sizeof facts, attribute->value.size()));
    return facts;
  }
  return std::nullopt;
}

}  // namespace

std::string tcp_question(Family family) {
  inet_diag_req_v2 question{};
  question.sdiag_family = family == Family::v4 ? AF_INET : AF_INET6;
  question.sdiag_protocol = IPPROTO_TCP;
  question.idiag_ext = 1U << (INET_DIAG_INFO - 1U);
  question.idiag_states = 1U << k_established;
  return std::string(bytes_of(question));
}

std::optional<TcpConnection> parse_connection(const NetlinkMessage& message) {
  const auto fixed = read_front<inet_diag_msg>(message.payload);
  if (message.type != SOCK_DIAG_BY_FAMILY || !fixed) return std::nullopt;
  const auto bytes = bytes_of(fixed->id.idiag_dst);
  const auto peer = ip_from_bytes(fixed->idiag_family == AF_INET ? bytes.substr(0, 4) : bytes);
  const auto facts = facts_in(after_front<inet_diag_msg>(message.payload));
  if (!peer || !facts) return std::nullopt;
  return TcpConnection{.peer = *peer, .facts = *facts};
}

bool is_outside(const IpAddress& peer, std::span<const Address> own) {
  if (peer.realm() != Realm::global) return false;
  return std::ranges::none_of(own, [&](const Address& address) {
    const auto mine = parse_ip(address.text);
    // A tunnel's own address may be all that its "network" has; /0 would be everybody.
    return mine && address.prefix > 0 && peer.is_near(*mine, address.prefix);
  });
}

void TcpSurvey::add(const tcp_info& facts) {
  const std::chrono::milliseconds since{
      std::min(facts.tcpi_last_data_recv, facts.tcpi_last_ack_recv)};
  evidence_.age = evidence_.sockets == 0 ? since : std::min<Duration>(evidence_.age, since);
  ++evidence_.sockets;
  if (facts.tcpi_retransmits == 0 || facts.tcpi_unacked == 0) return;
  // The timeout doubles each time, so half of it is over since the last but one transmission.
  const Duration stall{facts.tcpi_rto / 2};
  shortest_stall_ = std::min(shortest_stall_.value_or(stall), stall);
}

std::optional<TcpEvidence> TcpSurvey::evidence() const {
  if (evidence_.sockets == 0) return std::nullopt;
  auto evidence = evidence_;
  evidence.is_stalled = shortest_stall_ && evidence.age >= *shortest_stall_;
  return evidence;
}

}  // namespace core::net
