// SPDX-License-Identifier: MIT
#pragma once

// One question to one endpoint: its name is resolved, its addresses are tried one after the other,
// each a moment after the one before (RFC 8305). Does not wait. Internal to the prober.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/net/dns_lookup.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/net/resolv_conf.hpp"
#include "libcore/net/tcp_attempt.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/random.hpp"

namespace core::net {

// What all questions of a round share; outlives them.
struct ProbeSetting {
  ProbeLimits limits;
  Resolvers resolvers;
  sys::PollSet& set;
  sys::Random& random;
};

// Whether a name is the public DNS's: what it resolves to is somewhere out there.
bool is_public_name(std::string_view name);

class TargetProbe {
 public:
  TargetProbe(ProbeTarget target, const ProbeSetting& setting);
  TargetProbe(const TargetProbe&) = delete;  // attempts point into it
  TargetProbe& operator=(const TargetProbe&) = delete;
  ~TargetProbe() = default;

  void begin(Duration now, Duration end);
  void advance(Duration now);
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] std::optional<Duration> next() const;
  // It was not needed: ends it where it stands.
  void give_up();
  [[nodiscard]] const ProbeResult& result() const { return result_; }
  // Whether it has had no answer although it began so long before `winner` had one that a way
  // that works would have brought it.
  [[nodiscard]] bool is_overtaken_by(const TargetProbe& winner) const;
  // Its result says so.
  void note_silent(Family family) { result_.silent = family; }

 private:
  void look_up(std::vector<IpAddress> servers, int port, std::string name, Duration now);
  void take_addresses(Duration now);
  [[nodiscard]] bool is_hijacked() const;
  void finish_dns(Duration now);
  void try_addresses(Duration now);
  [[nodiscard]] std::optional<Family> silent_beside(const TcpAttempt& winner) const;
  void finish(ProbeOutcome outcome, std::string message, Duration now);
  void finish_with(const TcpAttempt& attempt);
  void close();

  ProbeTarget target_;
  const ProbeSetting* setting_;
  ProbeResult result_;
  bool has_begun_ = false;
  bool is_done_ = false;
  Duration begun_{};
  Duration end_{};
  std::optional<DnsLookup> lookup_;
  std::optional<Duration> first_v4_;   // when there were IPv4 addresses, and others to come
  std::vector<IpAddress> candidates_;  // in the order in which they are tried
  std::vector<TcpAttempt> attempts_;
  Duration next_attempt_{};
};

}  // namespace core::net
