// SPDX-License-Identifier: MIT
#include "libcore/net/netlink_socket.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/time.h>

#include <linux/netlink.h>

namespace core::net {
namespace {

// The kernel fills datagrams of a dump to 32 KiB at most.
constexpr std::size_t k_buffer = 64UL * 1024;
// It answers at once; whatever stands in for one may not.
constexpr timeval k_patience{.tv_sec = 2, .tv_usec = 0};

bool is_absence(int error) {
  return error == ENOENT || error == EOPNOTSUPP || error == EAFNOSUPPORT;
}

// 0, or the errno that an NLMSG_ERROR or NLMSG_DONE brings.
int error_of(const NetlinkMessage& message) {
  return -read_front<int>(message.payload).value_or(0);
}

}  // namespace

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
  sys::Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd.is_open()) return sys::io_error("open", "netlink", errno);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &k_patience, sizeof k_patience);
  // With it the kernel looks at the question and leaves out other tables; older ones do not know.
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes, sizeof yes);
  return NetlinkSocket(std::move(fd));
}

Result<Whole> NetlinkSocket::dump(std::uint16_t type, std::string_view question, const Take& take) {
  const auto request = format_message({.type = type,
                                       .flags = NLM_F_REQUEST | NLM_F_DUMP,
                                       .sequence = ++sequence_,
                                       .payload = question});
  if (::send(fd_.get(), request.data(), request.size(), 0) < 0) {
    return sys::io_error("ask", "netlink", errno);
  }
  buffer_.resize(k_buffer);
  auto whole = Whole::yes;
  while (true) {
    const auto size = ::recv(fd_.get(), buffer_.data(), buffer_.size(), MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return sys::io_error("read", "netlink", errno);
    const auto length = static_cast<std::size_t>(size);
    if (length > buffer_.size()) return fail(Errc::io, "read: netlink: a message is too long");
    NetlinkMessages messages(std::string_view(buffer_).substr(0, length));
    while (const auto message = messages.next()) {
      if (message->sequence != sequence_) continue;  // of a question that was given up
      if ((message->flags & NLM_F_DUMP_INTR) != 0) whole = Whole::no;
      if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
        const int error = error_of(*message);
        if (error == 0 || is_absence(error)) return whole;
        return sys::io_error("read", "netlink", error);
      }
      take(*message);
    }
  }
}

}  // namespace core::net
