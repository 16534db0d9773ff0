// SPDX-License-Identifier: MIT
#include "libcore/net/target_probe.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_most_of_a_family = 2;
// How long IPv6 addresses are waited for when those of IPv4 are there (RFC 8305 3).
constexpr Duration k_resolution_delay = std::chrono::milliseconds{50};

// A way that is slower by that much is used by nobody who tries both.
constexpr Duration k_fair_lead = std::chrono::milliseconds{200};

// The family that is to be tried first comes first; then they alternate.
std::vector<IpAddress> interleaved(const DnsLookup& lookup) {
  std::vector<IpAddress> candidates;
  for (std::size_t i = 0; i < k_most_of_a_family; ++i) {
    for (const auto family : {Family::v6, Family::v4}) {
      const auto& some = lookup.addresses(family);
      if (i < some.size()) candidates.push_back(some[i]);
    }
  }
  return candidates;
}

// The failure that tells most: an address that cannot be reached may merely be of the wrong family.
int weight(ProbeOutcome outcome) {
  switch (outcome) {
    case ProbeOutcome::not_sent:
      return 0;
    case ProbeOutcome::unreachable:
      return 1;
    case ProbeOutcome::timeout:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

bool is_public_name(std::string_view name) {
  constexpr std::array<std::string_view, 11> k_private{"local", "localhost", "internal", "lan",
                                                       "home",  "corp",      "private",  "intranet",
                                                       "test",  "onion",     "home.arpa"};
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.find('.') == std::string_view::npos) return false;
  return std::ranges::none_of(k_private, [name](std::string_view end) {
    return name.size() > end.size() && name[name.size() - end.size() - 1] == '.' &&
           equals_ignoring_case(name.substr(name.size() - end.size()), end);
  });
}

TargetProbe::TargetProbe(ProbeTarget target, const ProbeSetting& setting)
    : target_(std::move(target)), setting_(&setting) {
  result_.kind = target_.kind;
  result_.endpoint = target_.name;
  result_.message = "not needed";
  attempts_.reserve(2 * k_most_of_a_family);
}

void TargetProbe::begin(Duration now, Duration end) {
  has_begun_ = true;
  result_.message.clear();
  begun_ = next_attempt_ = now;
  end_ = end;
  const auto& wanted = setting_->limits.family;
  if (const auto address = parse_ip(target_.host)) {
    if (wanted && address->family != *wanted) {
      return finish(ProbeOutcome::not_sent, "it has no address of that family", now);
    }
    result_.family = address->family;
    if (target_.kind == ProbeKind::dns) {
      look_up({*address}, target_.port, target_.path, now);
    } else {
      candidates_ = {*address};
    }
  } else if (equals_ignoring_case(target_.host, "localhost")) {
    for (const auto* text : {"::1", "127.0.0.1"}) {
      const auto loopback = *parse_ip(text);
      if (!wanted || loopback.family == *wanted) candidates_.push_back(loopback);
    }
  } else {
    look_up(setting_->resolvers.addresses, 53, target_.host, now);
  }
  advance(now);
}

void TargetProbe::look_up(std::vector<IpAddress> servers, int port, std::string name,
                          Duration now) {
  DnsPlan plan{.name = std::move(name),
               .families = {Family::v4, Family::v6},
               .servers = std::move(servers),
               .port = port,
               .interface = setting_->limits.interface,
               .one_try = setting_->limits.dns_try};
  if (target_.kind == ProbeKind::dns) plan.families = {Family::v4};
  if (target_.kind != ProbeKind::dns && setting_->limits.family) {
    plan.families = {*setting_->limits.family};
  }
  auto lookup = DnsLookup::begin(std::move(plan), setting_->set, setting_->random, now);
  if (!lookup) return finish(ProbeOutcome::dns_no_name, lookup.error().message, now);
  lookup_.emplace(*std::move(lookup));
}

void TargetProbe::advance(Duration now) {
  if (!has_begun_ || is_done_) return;
  if (lookup_) lookup_->advance(now);
  if (target_.kind == ProbeKind::dns) {
    if (lookup_->is_done() || now >= end_) finish_dns(now);
    return;
  }
  if (candidates_.empty()) take_addresses(now);
  if (!is_done_ && !candidates_.empty()) try_addresses(now);
}

void TargetProbe::take_addresses(Duration now) {
  const bool has_v6 = !lookup_->addresses(Family::v6).empty();
  const bool has_v4 = !lookup_->addresses(Family::v4).empty();
  if (has_v4 && !has_v6 && !lookup_->is_done(Family::v6)) {
    if (!first_v4_) first_v4_ = now;
    if (now < *first_v4_ + k_resolution_delay) return;
  }
  result_.times.dns = now - begun_;
  if (!has_v4 && !has_v6) {
    if (!lookup_->is_done() && now < end_) {
      result_.times.dns.reset();
      return;
    }
    auto message = lookup_->message();
    if (!setting_->resolvers.remark.empty()) message = setting_->resolvers.remark;
    return finish(lookup_->outcome(), std::move(message), now);
  }
  candidates_ = interleaved(*lookup_);
  next_attempt_ = now;
  const auto is_blocked = [](const IpAddress& a) { return a.realm() == Realm::nowhere; };
  if (std::ranges::all_of(candidates_, is_blocked)) {
    return finish(ProbeOutcome::dns_no_name, "the name is blocked by the DNS server", now);
  }
  if (is_public_name(target_.host) && is_hijacked()) {
    result_.address = candidates_.front().text();
    finish(ProbeOutcome::hijacked, "the name leads to " + result_.address, now);
  }
}

bool TargetProbe::is_hijacked() const {
  return std::ranges::all_of(candidates_, [&](const IpAddress& address) {
    if (address.realm() != Realm::global) return true;
    return std::ranges::any_of(setting_->limits.own, [&](const Address& own) {
      const auto mine = parse_ip(own.text);
      return mine && own.prefix > 0 && address.is_near(*mine, own.prefix);
    });
  });
}

void TargetProbe::finish_dns(Duration now) {
  candidates_ = lookup_->addresses(Family::v4);
  result_.address = target_.host;
  result_.times.dns = now - begun_;
  if (candidates_.empty()) {
    // The root has no addresses; an answer is an answer.
    const bool is_root = target_.path == ".";
    const auto outcome =
        is_root && lookup_->knows_name() ? ProbeOutcome::answered : lookup_->outcome();
    return finish(outcome, lookup_->message(), now);
  }
  if (is_public_name(target_.path) && is_hijacked()) {
    return finish(ProbeOutcome::hijacked, "the name leads to " + candidates_.front().text(), now);
  }
  finish(ProbeOutcome::answered, {}, now);
}

void TargetProbe::try_addresses(Duration now) {
  for (auto& attempt : attempts_)
    attempt.advance(now);
  while (true) {
    const auto answered = std::ranges::find_if(
        attempts_, [](const TcpAttempt& a) { return a.is_done() && a.has_answer(); });
    if (answered != attempts_.end()) return finish_with(*answered);
    const bool all_failed = std::ranges::all_of(attempts_, &TcpAttempt::is_done);
    if (attempts_.size() == candidates_.size() || now >= end_) {
      if (!all_failed) return;
      const auto most = std::ranges::max_element(attempts_, {}, [](const TcpAttempt& attempt) {
        return weight(attempt.result().outcome);
      });
      if (most != attempts_.end()) return finish_with(*most);
      return finish(ProbeOutcome::timeout, "no time was left to connect", now);
    }
    const bool is_connected = std::ranges::any_of(attempts_, [](const TcpAttempt& attempt) {
      return attempt.is_connected() && !attempt.is_done();
    });
    if (!all_failed && (is_connected || now < next_attempt_)) return;
    attempts_.emplace_back(target_, candidates_[attempts_.size()], setting_->limits, setting_->set,
                           now, end_);
    attempts_.back().advance(now);
    next_attempt_ = now + setting_->limits.stagger;
  }
}

std::optional<Duration> TargetProbe::next() const {
  if (!has_begun_ || is_done_) return std::nullopt;
  auto at = end_;
  if (lookup_) at = std::min(at, lookup_->next().value_or(at));
  if (candidates_.empty() && first_v4_) at = std::min(at, *first_v4_ + k_resolution_delay);
  if (!candidates_.empty() && attempts_.size() < candidates_.size()) {
    at = std::min(at, next_attempt_);
  }
  for (const auto& attempt : attempts_)
    at = std::min(at, attempt.next().value_or(at));
  return at;
}

void TargetProbe::finish_with(const TcpAttempt& attempt) {
  const auto& found = attempt.result();
  auto result = found;
  result.kind = result_.kind;
  result.endpoint = result_.endpoint;
  result.times.dns = result_.times.dns;
  result.bytes = 0;
  // From the first question on, those before it that failed among them.
  result.elapsed = found.elapsed + (attempt.begun() - begun_);
  result.silent = silent_beside(attempt);
  result_ = std::move(result);
  close();
}

// Of a family whose packets came back later than those of the other, which began later, nothing can
// be told when the two began within moments.
std::optional<Family> TargetProbe::silent_beside(const TcpAttempt& winner) const {
  const auto lost = std::ranges::find_if(attempts_, [&](const TcpAttempt& attempt) {
    const bool had_time = attempt.begun() < winner.begun() &&
                          winner.begun() + winner.result().elapsed - attempt.begun() >= k_fair_lead;
    return attempt.result().family != winner.result().family &&
           (attempt.is_done() ? !attempt.has_answer() : had_time);
  });
  if (lost == attempts_.end()) return std::nullopt;
  return lost->result().family;
}

void TargetProbe::finish(ProbeOutcome outcome, std::string message, Duration now) {
  result_.outcome = outcome;
  result_.message = std::move(message);
  result_.elapsed = now - begun_;
  close();
}

bool TargetProbe::is_overtaken_by(const TargetProbe& winner) const {
  const Duration lead = winner.begun_ + winner.result_.elapsed - begun_;
  return has_begun_ && !is_done_ && begun_ < winner.begun_ && lead >= k_fair_lead &&
         result_.family.has_value();
}

void TargetProbe::give_up() {
  if (is_done_) return;
  result_.outcome = ProbeOutcome::not_sent;
  result_.message = "not needed";
  close();
}

void TargetProbe::close() {
  is_done_ = true;
  if (lookup_) {
    lookup_->give_up();
    result_.bytes += lookup_->bytes();
  }
  for (auto& attempt : attempts_) {
    attempt.give_up();
    result_.bytes += attempt.result().bytes;
  }
}

}  // namespace core::net
