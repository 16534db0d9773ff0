// SPDX-License-Identifier: MIT
#pragma once

// One name asked for at several DNS servers at once, over UDP; those that have not answered after a
// while are asked once more. Does not wait. Internal to the prober.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/dns_message.hpp"
#include "libcore/net/probe_socket.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/random.hpp"

namespace core::net {

struct DnsPlan {
  std::string name;
  std::vector<Family> families;    // of the addresses that are wanted
  std::vector<IpAddress> servers;  // at least one
  int port = 53;
  std::string interface;
  Duration one_try{};
};

class DnsLookup {
 public:
  // Sends the questions. `set`, which outlives this, gets the sockets. Errors: usage, for a name
  // that DNS cannot hold.
  static Result<DnsLookup> begin(DnsPlan plan, sys::PollSet& set, sys::Random& random,
                                 Duration now);

  void advance(Duration now);
  [[nodiscard]] std::optional<Duration> next() const;
  // Nothing more is to be expected.
  [[nodiscard]] bool is_done() const { return is_done_; }
  // Nothing more is to be expected of this family.
  [[nodiscard]] bool is_done(Family family) const;
  // Of the first server that had some.
  [[nodiscard]] const std::vector<IpAddress>& addresses(Family family) const {
    return found_[static_cast<std::size_t>(family)];
  }
  // A server has answered, and knows the name.
  [[nodiscard]] bool knows_name() const;
  // Once it is done: answered, when there are addresses; else why there are none.
  [[nodiscard]] ProbeOutcome outcome() const;
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Ends it where it stands.
  void give_up() { finish(); }

 private:
  // What became of one question to one server.
  enum class Fate { waiting, addresses, no_addresses, no_name, refused, unreachable, not_sent };
  struct Server {
    Family family = Family::v4;
    ProbeSocket socket;
    std::vector<Fate> fates;  // as the families of the plan
  };

  DnsLookup(DnsPlan plan, sys::PollSet& set) : plan_(std::move(plan)), set_(&set) {}
  void ask(Server& server);
  void listen(Server& server);
  void take(Server& server, std::string_view bytes);
  void fail_server(Server& server, const SocketFailure& failure);
  [[nodiscard]] bool any(Fate fate) const;
  void finish();

  DnsPlan plan_;
  sys::PollSet* set_;
  std::vector<DnsQuestion> questions_;  // as the families of the plan
  std::vector<Server> servers_;
  std::array<std::vector<IpAddress>, 2> found_;  // by Family
  Duration deadline_{};
  bool was_repeated_ = false;
  bool is_done_ = false;
  std::string message_;
  std::uint64_t bytes_ = 0;
};

}  // namespace core::net
