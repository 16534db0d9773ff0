// SPDX-License-Identifier: MIT
#pragma once

// The network as a run of delivery knows it: what netwatch has published, and what it is told in
// return. While programs are to behave as if there was no network, whatever leaves this machine
// waits; destinations on the machine itself need none. Nobody knows: as if there was one.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/time.hpp"
#include "libcore/netstate/reading.hpp"

namespace core::delivery {

// Why nothing leaves this machine, and how that ends.
struct NetworkHold {
  std::string why;            // "the network is disconnected (no-route)"
  std::optional<Time> until;  // by itself, whatever follows; absent: nobody can say
  std::string end;            // what ends it before: "it is back", "`netwatch mode auto`"

  bool operator==(const NetworkHold&) const = default;
};

struct NetworkView {
  std::optional<NetworkHold> hold;  // absent: online, or nobody knows
  // Known to be online since then: what was held before for want of a network may be tried again.
  std::optional<Time> online_since;
  // When somebody found that it is connected by asking others, as far as that is still believed.
  std::optional<Time> connected_at;
  // Since when it is so, as those tell who ask.
  std::optional<Time> connected_since;
  // When all this is over although nothing happens.
  std::optional<Time> changes_at;
};

// Pure. `looked_at` is when the line was found out.
NetworkView view_of(const netstate::Reading& reading, std::optional<Time> looked_at);

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // As it is now; cheap enough for some times a second.
  virtual NetworkView look() = 0;
  // The right server has answered, or none could be reached; `failure` is a word for why.
  virtual void delivered(const std::string& destination) = 0;
  virtual void failed(const std::string& destination, std::string_view failure) = 0;
};

}  // namespace core::delivery
