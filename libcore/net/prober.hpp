// SPDX-License-Identifier: MIT
#pragma once

// Probes: DNS, TCP and cleartext HTTP questions to several endpoints, raced against each other with
// deadlines of their own. The system's resolver is never used: with a dead server it blocks for ten
// seconds. One round at a time, without threads; whoever runs it waits for fd() or next() and calls
// advance(). HTTPS is asked by a helper process (api_prober.hpp), so that nobody else loads
// libcurl.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/probe_result.hpp"

namespace core::net {

// "tcp://1.1.1.1:443", "dns://9.9.9.9" ("?name=example.org", default "."),
// "http://host[:port]/path" ("#status=204", "#body=success", or both with "&" between them: default
// 204, or 200 with at most one byte).
//
// A name that belongs to the public DNS (not to .local, .lan, .internal and the like) and resolves
// to nothing but private addresses, or such of the own networks, is hijacked, and nobody is asked.
struct ProbeTarget {
  std::string name;  // as configured
  ProbeKind kind = ProbeKind::tcp;
  std::string host;  // address, without brackets, or name
  int port = 0;
  std::string path{};  // of HTTP, or the name to ask DNS for
  int status = 204;    // 0: any below 500 except 511
  std::string body{};  // what the answer must begin with; empty: of a 200 any of at most one byte
};

// Errors: usage, with what would have been understood.
Result<ProbeTarget> parse_probe_target(std::string_view text);
// "https://host/path", or "http://…": the whole URL is in `path`. Errors: the same.
Result<ProbeTarget> parse_api_target(std::string_view text);

struct ProbeLimits {
  Duration stagger = std::chrono::milliseconds{250};  // RFC 8305
  Duration dns_try = std::chrono::seconds{1};
  Duration connect = std::chrono::milliseconds{1500};
  Duration whole = std::chrono::seconds{3};
  std::vector<std::string> resolvers{};  // addresses; empty: of /etc/resolv.conf
  std::optional<Family> family{};        // only this one
  std::string interface{};               // bound to it; empty: any
  std::vector<Address> own{};            // addresses of this machine: names must not lead there
};

enum class StopAt { first_answer, all };

class Prober {
 public:
  Prober() = default;
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  virtual ~Prober() = default;

  // Forgets what was under way. `now` is time since boot, here and below. Errors: usage, for
  // resolvers that are no addresses; io.
  virtual Result<> start(std::vector<ProbeTarget> targets, const ProbeLimits& limits, StopAt stop,
                         Duration now) = 0;
  // Readable when advance() has something to do.
  [[nodiscard]] virtual int fd() const = 0;
  // When advance() has something to do although nothing is readable; nullopt: nothing is under way.
  [[nodiscard]] virtual std::optional<Duration> next() const = 0;
  // Ends what is under way, if anything is: it is done, with what it has cost already, as far as
  // that is known; of a URL it is when its answer is.
  virtual void give_up() = 0;
  // Does not wait.
  virtual void advance(Duration now) = 0;
  [[nodiscard]] virtual bool is_done() const = 0;
  // Of the round that is done, in the order of the targets; those that were not needed are
  // not_sent, with the bytes that they had cost already.
  [[nodiscard]] virtual const std::vector<ProbeResult>& results() const = 0;
};

}  // namespace core::net
