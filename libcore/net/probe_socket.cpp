// SPDX-License-Identifier: MIT
#include "libcore/net/probe_socket.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/socket.h>

#include <fmt/core.h>
#include <netinet/in.h>

namespace core::net {
namespace {

constexpr unsigned char k_established = 1;  // TCP_ESTABLISHED of netinet/tcp.h
constexpr unsigned char k_syn_sent = 2;
constexpr unsigned char k_close_wait = 8;
constexpr std::uint64_t k_tcp_header = 20;
// What Linux offers: segment size, timestamps, selective acknowledgement, window scale.
constexpr std::uint64_t k_syn_options = 20;
constexpr std::uint64_t k_timestamps = 12;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const IpAddress& address, int port) {
  SocketAddress result;
  const auto network_port = htons(static_cast<std::uint16_t>(port));
  if (address.family == Family::v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = network_port;
    std::memcpy(&v4.sin_addr, address.bytes.data(), sizeof v4.sin_addr);
    result.size = sizeof v4;
    std::memcpy(&result.storage, &v4, sizeof v4);
    return result;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = network_port;
  v6.sin6_scope_id = address.scope;
  std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
  result.size = sizeof v6;
  std::memcpy(&result.storage, &v6, sizeof v6);
  return result;
}

std::string text_of(int error_number) {
  return std::generic_category().message(error_number);
}

std::uint64_t syn_answer_options(unsigned options) {
  const bool has_timestamps = (options & TCPI_OPT_TIMESTAMPS) != 0;
  const bool has_sack = (options & TCPI_OPT_SACK) != 0;
  std::uint64_t bytes = 4;                                    // segment size
  bytes += has_timestamps ? k_timestamps : has_sack ? 4 : 0;  // SACK fits beside timestamps
  if ((options & TCPI_OPT_WSCALE) != 0) bytes += 4;
  return bytes;
}

}  // namespace

SocketFailure failure_of(int error_number) {
  switch (error_number) {
    case 0:
      return {};
    case ECONNREFUSED:
      return {.outcome = ProbeOutcome::refused, .message = text_of(error_number)};
    case ECONNRESET:
    case EPIPE:
      return {.outcome = ProbeOutcome::lost, .message = text_of(error_number)};
    case ETIMEDOUT:
      return {.outcome = ProbeOutcome::timeout, .message = text_of(error_number)};
    case EINVAL:  // of a route that is a blackhole
      return {.outcome = ProbeOutcome::unreachable, .message = "the route leads nowhere"};
    case EACCES:  // of a route that is prohibited
    case EPERM:   // of a firewall of this machine
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
      return {.outcome = ProbeOutcome::unreachable, .message = text_of(error_number)};
    default:
      return {.outcome = ProbeOutcome::not_sent, .message = text_of(error_number)};
  }
}

ProbeSocket open_probe_socket(Transport transport, const IpAddress& address, int port,
                              const std::string& interface) {
  const auto not_sent = [](std::string message) {
    return ProbeSocket{
        .failure = {.outcome = ProbeOutcome::not_sent, .message = std::move(message)}};
  };
  const int type = transport == Transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  const int domain = address.family == Family::v4 ? AF_INET : AF_INET6;
  ProbeSocket result{.fd = sys::Fd(::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))};
  if (!result.fd.is_open()) return not_sent(text_of(errno));
  if (!interface.empty() &&
      ::setsockopt(result.fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) != 0) {
    return not_sent(fmt::format("interface {}: {}", interface, text_of(errno)));
  }
  const auto to = socket_address(address, port);
  if (::connect(result.fd.get(), to.get(), to.size) != 0 && errno != EINPROGRESS) {
    result.failure = failure_of(errno);
  }
  return result;
}

std::uint64_t tcp_bytes(const tcp_info& facts, Family family, AndReset and_reset) {
  const auto least = packet_header(family) + k_tcp_header;
  const std::uint64_t out = facts.tcpi_segs_out;
  const std::uint64_t in = facts.tcpi_segs_in;
  const bool was_connected = facts.tcpi_state != k_syn_sent && facts.tcpi_bytes_acked > 0;
  // Whoever refuses does so without options.
  if (!was_connected) return out * (least + k_syn_options) + in * least;
  const auto usual =
      least + ((facts.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0 ? k_timestamps : std::uint64_t{0});
  const std::uint64_t syns =
      1 + (facts.tcpi_bytes_retrans == 0 ? std::uint64_t{facts.tcpi_total_retrans} : 0);
  std::uint64_t bytes =
      syns * (least + k_syn_options) + (out - std::min(out, syns)) * usual + facts.tcpi_bytes_sent;
  // The mark of the end (FIN) takes a number as a byte does.
  const std::uint64_t received =
      facts.tcpi_bytes_received - (facts.tcpi_state == k_close_wait ? 1 : 0);
  bytes += least + syn_answer_options(facts.tcpi_options) +
           (in - std::min<std::uint64_t>(in, 1)) * usual + received;
  const bool is_open = facts.tcpi_state == k_established || facts.tcpi_state == k_close_wait;
  return bytes + (and_reset == AndReset::yes && is_open ? usual : 0);
}

std::uint64_t close_with_reset(sys::Fd& fd, Family family) {
  tcp_info facts{};
  socklen_t size = sizeof facts;
  const bool is_known = ::getsockopt(fd.get(), IPPROTO_TCP, TCP_INFO, &facts, &size) == 0;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd.reset();
  return is_known ? tcp_bytes(facts, family, AndReset::yes) : 0;
}

}  // namespace core::net
