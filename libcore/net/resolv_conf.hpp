// SPDX-License-Identifier: MIT
#pragma once

// Whom this machine asks for names: the nameserver lines of resolv.conf(5). Its options (timeout,
// attempts, search) are for the system's resolver, and ignored here.

#include <string>
#include <string_view>
#include <vector>

#include "libcore/net/ip_address.hpp"

namespace core::net {

struct Resolvers {
  std::vector<IpAddress> addresses;  // three at most, as the system's resolver has it
  std::string remark;                // for people, where there is something to say
};

// Without any nameserver it is 127.0.0.1, with a remark.
Resolvers parse_resolv_conf(std::string_view text);
// The same for a file that cannot be read.
Resolvers load_resolv_conf(const std::string& path = "/etc/resolv.conf");

}  // namespace core::net
