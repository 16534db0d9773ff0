// SPDX-License-Identifier: MIT
#pragma once

// Operations that wait for a credential of their own: one that is missing, or was refused, holds
// those of its destination that name the same, for the rest of a run, and no others.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/verdict.hpp"

namespace core::delivery {

// What is due and was not sent, and why: a destination, or those operations of one that share a
// credential.
struct HeldDestination {
  Hold hold;
  std::uint64_t waiting = 0;  // operations; of a destination those not due included
};

// The headers of the operation's and its type's own that name secrets, as they are in the queue;
// empty: none.
std::string own_secrets(const Route& route);

class Withheld {
 public:
  void add(const std::string& destination, const std::string& secrets, const Verdict& verdict);
  // True, and counted, when the operations are among those.
  bool take(const std::string& destination, const std::string& secrets, std::uint64_t count);
  [[nodiscard]] std::vector<HeldDestination> all() const;

 private:
  std::map<std::string, HeldDestination> held_;  // by destination and credential
};

}  // namespace core::delivery
