// SPDX-License-Identifier: MIT
#include "libcore/queue/transition.hpp"

#include <string>

namespace core::queue {
namespace {

using codec::Outcome;
using codec::Reason;

tl::unexpected<Error> wrong_state(const char* verb, State state) {
  return fail(Errc::usage,
              std::string("cannot ") + verb + ": it is " + std::string(name_of(state)));
}

class Machine {
 public:
  explicit Machine(const Position& position) : at_(position) {}

  // A delivery settles the operation wherever it is: it may have been cancelled or replaced while
  // its request was under way, and what the receiver has is a fact.
  Result<Transition> operator()(const event::Delivered& /*event*/) const {
    return Transition{
        .to = State::synced, .attempts = at_.attempts + 1, .receipt = Outcome::synced};
  }

  Result<Transition> operator()(const event::Held& /*event*/) const {
    return Transition{.to = at_.state, .attempts = at_.attempts};
  }

  Result<Transition> operator()(const event::TriedInVain& event) const {
    const int attempts = at_.attempts + 1;
    if (at_.state != State::pending) return Transition{.to = at_.state, .attempts = at_.attempts};
    if (attempts >= at_.max_attempts) {
      return Transition{.to = State::failed,
                        .attempts = attempts,
                        .receipt = Outcome::failed,
                        .reason = Reason::exhausted};
    }
    return Transition{.to = State::pending,
                      .attempts = attempts,
                      .receipt = Outcome::attempted,
                      .again_at = event.again_at};
  }

  Result<Transition> operator()(const event::Postponed& event) const {
    if (at_.state != State::pending) return Transition{.to = at_.state, .attempts = at_.attempts};
    return Transition{.to = State::pending,
                      .attempts = at_.attempts,
                      .receipt = Outcome::attempted,
                      .again_at = event.again_at};
  }

  Result<Transition> operator()(const event::Refused& event) const {
    if (at_.state != State::pending) return Transition{.to = at_.state, .attempts = at_.attempts};
    return Transition{.to = State::failed,
                      .attempts = at_.attempts + 1,
                      .receipt = Outcome::failed,
                      .reason = event.reason};
  }

  Result<Transition> operator()(const event::GivenUp& event) const {
    if (at_.state != State::pending) return wrong_state("give up", at_.state);
    return Transition{.to = State::failed,
                      .attempts = at_.attempts,
                      .receipt = Outcome::failed,
                      .reason = event.reason};
  }

  Result<Transition> operator()(const event::RetryRequested& /*event*/) const {
    if (at_.state != State::failed) return wrong_state("retry", at_.state);
    return Transition{.to = State::pending, .attempts = 0, .receipt = Outcome::retried};
  }

  Result<Transition> operator()(const event::DeleteRequested& /*event*/) const {
    return Transition{.to = std::nullopt, .attempts = at_.attempts, .receipt = Outcome::deleted};
  }

 private:
  Position at_;
};

}  // namespace

Result<Transition> transition(const Position& position, const Event& event) {
  return std::visit(Machine(position), event);
}

}  // namespace core::queue
