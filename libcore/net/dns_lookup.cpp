// SPDX-License-Identifier: MIT
#include "libcore/net/dns_lookup.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>

namespace core::net {
namespace {

constexpr std::size_t k_longest_answer = 4096;

std::uint16_t draw_id(sys::Random& random) {
  std::array<std::uint8_t, 2> bytes{};
  random.fill(bytes);
  return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

}  // namespace

Result<DnsLookup> DnsLookup::begin(DnsPlan plan, sys::PollSet& set, sys::Random& random,
                                   Duration now) {
  DnsLookup lookup(std::move(plan), set);
  for (const auto family : lookup.plan_.families) {
    lookup.questions_.push_back(
        {.id = draw_id(random), .name = lookup.plan_.name, .type = dns_type_of(family)});
    TRY(format_dns_question(lookup.questions_.back()));
  }
  for (const auto& address : lookup.plan_.servers) {
    Server server{.family = address.family,
                  .socket = open_probe_socket(Transport::udp, address, lookup.plan_.port,
                                              lookup.plan_.interface),
                  .fates = std::vector(lookup.questions_.size(), Fate::waiting)};
    if (server.socket.failure.is_failure()) {
      lookup.fail_server(server, server.socket.failure);
    } else {
      TRY(set.add(server.socket.fd.get()));
      lookup.ask(server);
    }
    lookup.servers_.push_back(std::move(server));
  }
  lookup.deadline_ = now + lookup.plan_.one_try;
  lookup.advance(now);
  return lookup;
}

void DnsLookup::ask(Server& server) {
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (server.fates[i] != Fate::waiting) continue;
    const auto bytes = format_dns_question(questions_[i]).value_or("");
    if (::send(server.socket.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
      // The error may be that of a question before.
      if (errno != EAGAIN && errno != EINTR) return fail_server(server, failure_of(errno));
      continue;
    }
    bytes_ += udp_bytes(server.family, bytes.size());
  }
}

void DnsLookup::fail_server(Server& server, const SocketFailure& failure) {
  auto fate = Fate::unreachable;
  if (failure.outcome == ProbeOutcome::refused) fate = Fate::refused;
  if (failure.outcome == ProbeOutcome::not_sent) fate = Fate::not_sent;
  std::ranges::replace(server.fates, Fate::waiting, fate);
  message_ = failure.message;
}

void DnsLookup::listen(Server& server) {
  std::array<char, k_longest_answer> buffer{};
  while (server.socket.fd.is_open()) {
    const auto size = ::recv(server.socket.fd.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0) return fail_server(server, failure_of(errno));
    bytes_ += udp_bytes(server.family, static_cast<std::uint64_t>(size));
    take(server, {buffer.data(), static_cast<std::size_t>(size)});
  }
}

void DnsLookup::take(Server& server, std::string_view bytes) {
  const auto answer = parse_dns_answer(bytes);
  if (!answer) return;
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (server.fates[i] != Fate::waiting || !answers(*answer, questions_[i])) continue;
    auto& found = found_[static_cast<std::size_t>(plan_.families[i])];
    if (found.empty()) found = answer->addresses;
    const bool is_cut = answer->is_truncated && answer->addresses.empty();
    if (!answer->addresses.empty()) {
      server.fates[i] = Fate::addresses;
    } else if (answer->code == DnsCode::no_name) {
      server.fates[i] = Fate::no_name;
    } else {
      server.fates[i] = answer->code == DnsCode::ok && !is_cut ? Fate::no_addresses : Fate::refused;
    }
  }
}

void DnsLookup::advance(Duration now) {
  if (is_done_) return;
  for (auto& server : servers_)
    listen(server);
  const bool all_done = std::ranges::all_of(plan_.families, [&](Family f) { return is_done(f); });
  if (all_done) return finish();
  if (now < deadline_) return;
  if (was_repeated_) return finish();
  was_repeated_ = true;
  deadline_ += plan_.one_try;
  for (auto& server : servers_)
    if (server.socket.fd.is_open()) ask(server);
  if (!any(Fate::waiting)) finish();
}

bool DnsLookup::is_done(Family family) const {
  if (is_done_ || !addresses(family).empty()) return true;
  const auto found = std::ranges::find(plan_.families, family);
  if (found == plan_.families.end()) return true;
  const auto at = static_cast<std::size_t>(found - plan_.families.begin());
  return std::ranges::none_of(servers_,
                              [&](const Server& s) { return s.fates[at] == Fate::waiting; });
}

bool DnsLookup::any(Fate fate) const {
  return std::ranges::any_of(servers_, [&](const Server& server) {
    return std::ranges::find(server.fates, fate) != server.fates.end();
  });
}

bool DnsLookup::knows_name() const {
  return any(Fate::addresses) || any(Fate::no_addresses);
}

ProbeOutcome DnsLookup::outcome() const {
  if (any(Fate::addresses)) return ProbeOutcome::answered;
  if (any(Fate::no_addresses) || any(Fate::no_name)) return ProbeOutcome::dns_no_name;
  if (any(Fate::refused)) return ProbeOutcome::dns_refused;
  if (any(Fate::waiting)) return ProbeOutcome::dns_timeout;
  return any(Fate::unreachable) ? ProbeOutcome::unreachable : ProbeOutcome::not_sent;
}

std::optional<Duration> DnsLookup::next() const {
  return is_done_ ? std::nullopt : std::optional(deadline_);
}

void DnsLookup::finish() {
  is_done_ = true;
  for (auto& server : servers_)
    server.socket.fd.reset();
}

}  // namespace core::net
