// SPDX-License-Identifier: MIT
#include "libcore/sys/supervisor.hpp"

#include <algorithm>
#include <cstddef>

#include <sys/socket.h>
#include <sys/un.h>

#include "libcore/sys/fd.hpp"

namespace core::sys {

void Supervisor::tell(std::string_view state) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return;
  address.sun_family = AF_UNIX;
  std::ranges::copy(socket_, &address.sun_path[0]);
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const auto* to = reinterpret_cast<const sockaddr*>(&address);  // NOLINT: what sendto(2) takes
  // A manager that has gone, or is too busy to read, is no reason to stop or to wait.
  ::sendto(fd.get(), state.data(), state.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to, size);
}

}  // namespace core::sys
