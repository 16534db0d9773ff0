// SPDX-License-Identifier: MIT
#pragma once

// Sockets of probes: non-blocking, to one address, over one interface if that is wanted; what their
// errors mean; what they cost. Internal to the prober.

#include <cstdint>
#include <string>

#include <linux/tcp.h>

#include "libcore/net/ip_address.hpp"
#include "libcore/net/probe_result.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {

enum class Transport { udp, tcp };

// Why something did not work; an errno of 0 is success.
struct SocketFailure {
  ProbeOutcome outcome = ProbeOutcome::answered;
  std::string message{};

  [[nodiscard]] bool is_failure() const { return outcome != ProbeOutcome::answered; }
};
SocketFailure failure_of(int error_number);

struct ProbeSocket {
  sys::Fd fd{};
  SocketFailure failure{};  // at once; then there may be no descriptor
};
// Connected, or about to be. `interface` empty: any.
ProbeSocket open_probe_socket(Transport transport, const IpAddress& address, int port,
                              const std::string& interface);

// --- what it costs, with the headers of IP and of the link ---

// The link is taken for Ethernet, as nearly all are or pretend to be.
constexpr std::uint64_t packet_header(Family family) {
  constexpr std::uint64_t k_ethernet = 14;
  return k_ethernet + (family == Family::v4 ? 20 : 40);
}
constexpr std::uint64_t udp_bytes(Family family, std::uint64_t payload) {
  return packet_header(family) + 8 + payload;
}
// From the kernel's counters: exact unless segments were sent again while data flowed, or came in
// another order. `and_reset` adds the segment with which it will be closed.
enum class AndReset { no, yes };
std::uint64_t tcp_bytes(const tcp_info& facts, Family family, AndReset and_reset);

// Closes it with a reset, which saves the three segments of an orderly end, and tells what all of
// it has cost.
std::uint64_t close_with_reset(sys::Fd& fd, Family family);

}  // namespace core::net
