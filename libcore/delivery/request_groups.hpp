// SPDX-License-Identifier: MIT
#pragma once

// Operations of one target sort themselves into flights: each with those that can share its
// request, while there is room.

#include <cstdint>
#include <deque>
#include <vector>

#include "libcore/codec/envelope.hpp"
#include "libcore/delivery/flight.hpp"
#include "libcore/delivery/request_batch.hpp"
#include "libcore/delivery/route.hpp"

namespace core::delivery {

class RequestGroups {
 public:
  // Each flight comes with one member, and with its operation.
  RequestGroups(Flight first, codec::Envelope operation) {
    open(std::move(first), std::move(operation));
  }

  // Whose route serves this operation too; nullptr: none that is known.
  [[nodiscard]] Flight* find_alike(const Router& router, const codec::Envelope& operation);
  // One that find_alike has found.
  void join(Flight& flight, Member member);
  // To those that it can share a request with, or to a group of its own.
  void add(Flight flight, codec::Envelope operation);

  // So many different requests that looking for a group costs more than it saves.
  [[nodiscard]] bool are_many() const;
  void move_to(std::deque<Flight>& ready);

 private:
  struct Group {
    Flight flight;
    codec::Envelope model;
    std::uint64_t bytes = 0;
  };
  void open(Flight flight, codec::Envelope operation);
  void join(Group& group, Member member);

  std::deque<Group> groups_;  // whose addresses stay
  std::vector<Flight> full_;
};

}  // namespace core::delivery
