// SPDX-License-Identifier: MIT
#include "libcore/net/httpd_listen.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/tcp.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

constexpr int k_backlog = 512;

Result<sys::Fd> bind_one(const addrinfo& candidate, const std::string& subject) {
  sys::Fd fd(
      ::socket(candidate.ai_family, candidate.ai_socktype | SOCK_CLOEXEC, candidate.ai_protocol));
  if (!fd.is_open()) return sys::io_error("listen", subject, errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted ones inherit it
  if (candidate.ai_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(fd.get(), candidate.ai_addr, candidate.ai_addrlen) != 0 ||
      ::listen(fd.get(), k_backlog) != 0) {
    const int error_number = errno;
    if (error_number == EADDRINUSE) {
      return fail(Errc::later, fmt::format("listen: {}: another program listens there", subject));
    }
    return sys::io_error("listen", subject, error_number);
  }
  return fd;
}

}  // namespace

Result<sys::Fd> bind_socket(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int outcome = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (outcome != 0) {
    return fail(Errc::usage,
                fmt::format("listen: {}: {}", address.text(), ::gai_strerror(outcome)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Result<sys::Fd> bound = sys::Fd{};
  for (const auto* candidate = found; candidate != nullptr; candidate = candidate->ai_next) {
    bound = bind_one(*candidate, address.text());
    // "localhost" may stand for ::1 first, on a machine without IPv6. But where somebody else
    // listens, a server on another address of the same name would only hide the mistake.
    if (bound || bound.error().code == Errc::later) break;
  }
  return bound;
}

int port_of(const sys::Fd& fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  std::array<char, NI_MAXSERV> port{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the socket API wants it
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(fd.get(), address, &length) != 0) return 0;
  ::getnameinfo(address, length, nullptr, 0, port.data(), port.size(), NI_NUMERICSERV);
  return static_cast<int>(parse_unsigned(port.data()).value_or(0));
}

}  // namespace core::net
