// SPDX-License-Identifier: MIT
#pragma once

// Who is contacted because the configuration names them, and what that costs in a month of 30 days
// at most: as if the machine were idle and awake all the time (pure).

#include <cstdint>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/config/config.hpp"

namespace core::netstate {

struct Contact {
  std::string endpoint;
  std::uint64_t bytes = 0;
  bool operator==(const Contact&) const = default;
};

struct Contacts {
  std::vector<Contact> who;         // the basic endpoints, then the URLs
  std::uint64_t bytes = 0;          // all of them
  std::uint64_t bytes_metered = 0;  // where bytes cost money
};

// Who is on this machine is not outside, and costs nothing. The basic endpoints take turns, one for
// each look; every URL is asked each time. Where bytes cost money there are connections only.
Contacts contacts_of(const config::NetworkConfig& network);

// What asking this endpoint once costs on the wire, in both directions.
std::uint64_t price_of(const std::string& endpoint);

}  // namespace core::netstate
