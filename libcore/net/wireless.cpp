// SPDX-License-Identifier: MIT
#include "libcore/net/wireless.hpp"

#include <array>
#include <cstring>

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/wireless.h>

#include "libcore/sys/fd.hpp"

namespace core::net {

std::optional<std::string> ssid_of(const std::string& interface) {
  iwreq request{};
  if (interface.empty() || interface.size() >= sizeof(request.ifr_name)) return std::nullopt;
  const sys::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return std::nullopt;
  std::array<char, IW_ESSID_MAX_SIZE + 1> name{};
  std::memcpy(request.ifr_name, interface.data(), interface.size());
  request.u.essid.pointer = name.data();
  request.u.essid.length = IW_ESSID_MAX_SIZE;
  if (::ioctl(socket.get(), SIOCGIWESSID, &request) != 0) return std::nullopt;
  if (request.u.essid.flags == 0 || request.u.essid.length == 0) return std::nullopt;
  const std::size_t length = request.u.essid.length;
  return std::string(name.data(), length < name.size() ? length : name.size());
}

}  // namespace core::net
