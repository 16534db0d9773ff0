// SPDX-License-Identifier: MIT
#pragma once

// What an answer, or the lack of one, means for an operation: the classes of offkit(7), "Life of
// an operation". What follows from a class is decided by the queue's transition, not here.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"

namespace core::delivery {

enum class Class {
  delivered,
  offline,    // the network's fault: no attempt charged
  temporary,  // try again with backoff, attempt charged
  throttled,  // the server asks for a pause: no attempt charged
  auth,       // our own credential was refused: no attempt charged
  conflict,
  suspect,   // somebody else may have answered: a portal, a broken or impersonated server
  rejected,  // trying again would not help
  // The configuration does not say where it goes, or a secret that it names is missing: no attempt
  // charged, nobody was asked.
  misconfigured,
  // A command says itself that it cannot be done now: no attempt charged, and nobody else waits.
  later,
};

struct Verdict {
  Class kind = Class::temporary;
  std::string message;           // for receipts and people; never holds secrets
  std::optional<Time> retry_at;  // when the server said so
};

}  // namespace core::delivery

template <>
inline constexpr std::array<std::string_view, 10> core::enum_names<core::delivery::Class>{
    "delivered", "offline", "temporary", "throttled",     "auth",
    "conflict",  "suspect", "rejected",  "misconfigured", "later"};
