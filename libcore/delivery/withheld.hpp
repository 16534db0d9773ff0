// SPDX-License-Identifier: MIT
#pragma once

// Operations that wait for a credential of their own: one that is missing, or was refused, holds
// those of its destination that name the same, for as long as this is kept, and no others. Nobody
// is asked again until the credential has another value.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/secrets.hpp"
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
  // All that is due is about to be taken once more, and counted anew. Values are looked at once
  // in a round.
  void begin_round();
  // `bound`: what the secrets were when they were refused; empty when they cannot be had.
  void add(const std::string& destination, const std::string& secrets, std::string bound,
           const Verdict& verdict);
  // True, and counted, when the operations are among those; these are forgotten when their secrets
  // have another value now.
  bool take(const std::string& destination, const std::string& own, std::uint64_t count,
            const Secrets& secrets);
  // Those for which something waits.
  [[nodiscard]] std::vector<HeldDestination> all() const;

 private:
  struct Entry {
    HeldDestination held;
    std::string bound;
    bool is_looked_at = false;  // in this round
  };
  std::map<std::string, Entry> entries_;  // by destination and credential
};

// What the secrets are now; empty when one of them cannot be had.
std::string bind_all(const std::string& own_secrets, const Secrets& secrets);

}  // namespace core::delivery
