// SPDX-License-Identifier: MIT
#pragma once

// The state machine of an operation: a pure function from where it is and what happened to where
// it goes. No clock, no I/O: whoever applies a Transition does that (settle.hpp).

#include <optional>
#include <variant>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {

namespace event {
// The receiver has it.
struct Delivered {};
// Nothing was wrong with the operation: its destination is offline, throttled, suspect, or refuses
// our credential. No attempt is charged.
struct Held {};
// It was tried and may yet succeed: an attempt is charged. `again_at` is when the backoff ends.
struct TriedInVain {
  Time again_at;
};
// It said itself that it cannot be done yet: no attempt is charged.
struct Postponed {
  Time again_at;
};
// The receiver will never take it (rejected), or it collides with a newer version (conflict).
struct Refused {
  codec::Reason reason = codec::Reason::rejected;
};
// Decided here, without asking anybody: expired, cancelled, dependency, replaced, unreadable.
struct GivenUp {
  codec::Reason reason = codec::Reason::cancelled;
};
// A person wants it tried again from the start.
struct RetryRequested {};
struct DeleteRequested {};
}  // namespace event

using Event =
    std::variant<event::Delivered, event::Held, event::TriedInVain, event::Postponed,
                 event::Refused, event::GivenUp, event::RetryRequested, event::DeleteRequested>;

// What the machine needs to know of an operation.
struct Position {
  State state = State::pending;
  int attempts = 0;
  int max_attempts = 4;
};

struct Transition {
  std::optional<State> to{};                // nullopt: the operation is gone
  int attempts = 0;                         // charged so far
  std::optional<codec::Outcome> receipt{};  // nullopt: nothing worth a receipt happened
  codec::Reason reason = codec::Reason::none;
  std::optional<Time> again_at{};  // not to be tried before
};

// Errors: usage, when the event makes no sense in that state (retry what is pending, cancel what is
// synced).
Result<Transition> transition(const Position& position, const Event& event);

}  // namespace core::queue
