// SPDX-License-Identifier: MIT
#pragma once

// A netlink socket that asks the kernel for a whole list of something ("dump"). Internal to the
// files of this module that read the kernel's tables.

#include <functional>
#include <string_view>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/net/netlink_message.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {

enum class Whole { no, yes };

class NetlinkSocket {
 public:
  // NETLINK_ROUTE, NETLINK_SOCK_DIAG. Errors: denied, io.
  static Result<NetlinkSocket> open(int protocol);

  using Take = std::function<void(const NetlinkMessage&)>;
  // Hands on the messages of the answer one by one; they are gone when `take` returns. Whole::no:
  // the table changed meanwhile, so that something may be missing or there twice: forget it all,
  // and ask again. What the kernel does not have at all (a family, a table) is an empty list.
  // Errors: denied, io.
  Result<Whole> dump(std::uint16_t type, std::string_view question, const Take& take);

 private:
  explicit NetlinkSocket(sys::Fd fd) : fd_(std::move(fd)) {}

  sys::Fd fd_;
  std::uint32_t sequence_ = 0;
  std::string buffer_;
};

}  // namespace core::net
