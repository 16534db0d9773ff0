// SPDX-License-Identifier: MIT
#include "libcore/netstate/verdict.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <span>
#include <utility>

namespace core::netstate {
namespace {

using net::ProbeKind;
using net::ProbeOutcome;
using net::ProbeResult;
using Results = std::span<const ProbeResult>;

// --- one probe ---

bool is_sent(const ProbeResult& result) {
  return result.outcome != ProbeOutcome::not_sent;
}

// The endpoint is there and does what it is asked for this purpose: who is turned away has reached
// somebody.
bool is_reached(const ProbeResult& result) {
  return result.outcome == ProbeOutcome::answered || result.outcome == ProbeOutcome::throttled ||
         result.outcome == ProbeOutcome::turned_away;
}

// Something has come back from beyond the name servers, right or wrong.
bool has_come_back(const ProbeResult& result) {
  switch (result.outcome) {
    case ProbeOutcome::answered:
    case ProbeOutcome::wrong_answer:
    case ProbeOutcome::server_error:
    case ProbeOutcome::throttled:
    case ProbeOutcome::turned_away:
    case ProbeOutcome::tls:
    case ProbeOutcome::certificate_time:
      return true;
    case ProbeOutcome::hijacked:
    case ProbeOutcome::dns_timeout:
    case ProbeOutcome::dns_refused:
    case ProbeOutcome::dns_no_name:
    case ProbeOutcome::refused:
    case ProbeOutcome::unreachable:
    case ProbeOutcome::timeout:
    case ProbeOutcome::lost:
    case ProbeOutcome::not_sent:
      break;
  }
  return false;
}

bool is_about_names(const ProbeResult& result) {
  return result.outcome == ProbeOutcome::dns_timeout ||
         result.outcome == ProbeOutcome::dns_refused || result.outcome == ProbeOutcome::dns_no_name;
}

// Whether a name had to be resolved by the servers of this machine. A DNS probe asks a server of
// its own, and an API endpoint may be configured under any word: it has a name unless shown
// otherwise.
bool is_by_name(const ProbeResult& result) {
  if (result.kind == ProbeKind::dns) return false;
  if (is_about_names(result) || result.outcome == ProbeOutcome::hijacked) return true;
  const auto scheme = result.endpoint.find("://");
  if (scheme == std::string::npos) return result.kind == ProbeKind::api;
  const std::string_view host = std::string_view(result.endpoint).substr(scheme + 3);
  if (host.starts_with('[')) return false;
  const auto is_numeric = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
  return !std::ranges::all_of(host.substr(0, host.find_first_of(":/?#")), is_numeric);
}

template <typename Predicate>
int count(Results results, Predicate predicate) {
  return static_cast<int>(std::ranges::count_if(results, predicate));
}

template <typename Predicate>
bool has_any(Results results, Predicate predicate) {
  return std::ranges::any_of(results, predicate);
}

// --- the ladder ---

// A route is enough: addresses may be borrowed from another link. Where the kernel does not tell,
// probes do.
bool may_get_out(const FamilyLadder& ladder) {
  if (ladder.route != Seen::unknown) return ladder.route == Seen::yes;
  return ladder.link != Seen::no && ladder.addr != Seen::no;
}

// The first rung that is missing in both families.
Reason missing_rung(const Evidence& evidence) {
  const auto lacks = [&](Seen FamilyLadder::* rung) {
    return std::ranges::all_of(evidence.families,
                               [&](const auto& ladder) { return ladder.*rung == Seen::no; });
  };
  if (lacks(&FamilyLadder::link)) return Reason::no_link;
  return lacks(&FamilyLadder::addr) ? Reason::no_addr : Reason::no_route;
}

FamilyState state_of(Family family, const Evidence& evidence) {
  const FamilyLadder& ladder = evidence.of(family);
  if (!may_get_out(ladder)) {
    return ladder.addr == Seen::no || ladder.link == Seen::no ? FamilyState::no_addr
                                                              : FamilyState::no_route;
  }
  FamilyState state = FamilyState::unknown;
  for (const Results results : {Results(evidence.basic), Results(evidence.api)}) {
    for (const auto& result : results) {
      if (!is_sent(result)) continue;
      if (result.silent == family) state = FamilyState::failed;
      if (result.family != family) continue;
      if (has_come_back(result)) return FamilyState::ok;
      state = FamilyState::failed;
    }
  }
  return state;
}

// --- a round ---

// Only what arrived while the probes were under way speaks against their failure: what is older
// may have come before the line was cut.
bool has_received_meanwhile(const Evidence& evidence) {
  if (!evidence.passive) return false;
  Duration longest{};
  for (const Results results : {Results(evidence.basic), Results(evidence.api)}) {
    for (const auto& result : results)
      longest = std::max(longest, result.elapsed);
  }
  return evidence.passive->age < longest;
}

bool has_delivered(const Evidence& evidence) {
  return std::ranges::any_of(evidence.siblings, &SiblingReport::is_delivered);
}

const ProbeResult* find(Results results, ProbeOutcome outcome) {
  const auto found = std::ranges::find(results, outcome, &ProbeResult::outcome);
  return found == results.end() ? nullptr : std::to_address(found);
}

// Who answers in the place of others. The right answer to another question in cleartext says that
// one endpoint is strange, not the network; a verified server that says 511 knows.
const ProbeResult* stand_in(const Evidence& evidence) {
  const auto is_http = [](const auto& result) { return result.kind == ProbeKind::http; };
  const auto is_right = [&](const auto& result) { return is_http(result) && is_reached(result); };
  const ProbeResult* best = nullptr;
  const auto consider = [&](const ProbeResult& result) {
    if (result.outcome != ProbeOutcome::wrong_answer) return;
    if (best == nullptr || (best->location.empty() && !result.location.empty())) best = &result;
  };
  if (!has_any(evidence.basic, is_right)) {
    for (const auto& result : evidence.basic | std::views::filter(is_http))
      consider(result);
  }
  for (const auto& result : evidence.api)
    consider(result);
  return best;
}

bool is_named_and_reached(const ProbeResult& result) {
  return is_by_name(result) && is_reached(result);
}

// A name that leads into the own network, while none leads outside: block lists do that to some.
const ProbeResult* hijacked(const Evidence& evidence) {
  if (has_any(evidence.basic, is_named_and_reached) || has_any(evidence.api, is_named_and_reached))
    return nullptr;
  for (const Results results : {Results(evidence.basic), Results(evidence.api)}) {
    for (const auto& result : results) {
      if (result.outcome == ProbeOutcome::hijacked) return &result;
      if (result.kind == ProbeKind::dns && result.outcome == ProbeOutcome::wrong_answer)
        return &result;
    }
  }
  return nullptr;
}

// A name server that is silent or refuses fails all names; a name that does not exist is, alone,
// its own problem.
const ProbeResult* unresolved(const Evidence& evidence) {
  const ProbeResult* first = nullptr;
  bool is_server = false;
  int names = 0;
  for (const Results results : {Results(evidence.basic), Results(evidence.api)}) {
    for (const auto& result : results) {
      if (!is_sent(result) || !is_by_name(result)) continue;
      if (!is_about_names(result)) return nullptr;
      ++names;
      is_server = is_server || result.outcome != ProbeOutcome::dns_no_name;
      if (first == nullptr) first = &result;
    }
  }
  return is_server || names > 1 ? first : nullptr;
}

Reason api_reason(ProbeOutcome outcome) {
  switch (outcome) {
    case ProbeOutcome::tls:
    case ProbeOutcome::certificate_time:
      return Reason::api_tls;
    case ProbeOutcome::server_error:
      return Reason::api_5xx;
    case ProbeOutcome::dns_timeout:
    case ProbeOutcome::dns_refused:
    case ProbeOutcome::dns_no_name:
    case ProbeOutcome::hijacked:
      return Reason::api_dns;
    case ProbeOutcome::refused:
    case ProbeOutcome::unreachable:
      return Reason::api_refused;
    case ProbeOutcome::timeout:
    case ProbeOutcome::lost:
    case ProbeOutcome::answered:
    case ProbeOutcome::wrong_answer:
    case ProbeOutcome::throttled:
    case ProbeOutcome::turned_away:
    case ProbeOutcome::not_sent:
      break;
  }
  return Reason::api_timeout;
}

// The one of the failures whose reason is the most common; of equals the first.
const ProbeResult& typical_failure(Results api) {
  const auto failed = [](const auto& result) { return is_sent(result) && !is_reached(result); };
  const ProbeResult* typical = nullptr;
  int most = 0;
  for (const auto& candidate : api | std::views::filter(failed)) {
    const int like = count(api, [&](const auto& result) {
      return failed(result) && api_reason(result.outcome) == api_reason(candidate.outcome);
    });
    if (like <= most) continue;
    most = like;
    typical = &candidate;
  }
  return *typical;
}

// How all of them failed: one word when they agree.
Reason failure_of(const Evidence& evidence) {
  const Results results = evidence.basic.empty() ? evidence.api : evidence.basic;
  const auto all = [&](auto predicate) {
    return std::ranges::all_of(
        results, [&](const auto& result) { return !is_sent(result) || predicate(result); });
  };
  if (all([](const auto& r) { return r.outcome == ProbeOutcome::refused; }))
    return Reason::refused_all;
  if (all([](const auto& r) {
        return r.outcome == ProbeOutcome::unreachable || r.outcome == ProbeOutcome::refused;
      }))
    return Reason::unreachable;
  return all(is_about_names) ? Reason::dns_timeout : Reason::probe_timeout;
}

bool is_slow(const Evidence& evidence, const Policy& policy) {
  const Results results =
      has_any(evidence.basic, is_reached) ? Results(evidence.basic) : Results(evidence.api);
  bool is_any = false;
  for (const auto& result : results) {
    if (!is_reached(result)) continue;
    if (result.elapsed <= policy.slow) return false;
    is_any = true;
  }
  return is_any;
}

// --- verdicts ---

void settle(Verdict& verdict, State state, Reason reason, Weight weight) {
  verdict.state = state;
  verdict.reason = reason;
  verdict.weight = weight;
}

// Nothing was sent: the own traffic, and what siblings saw of theirs.
void judge_without_probes(Verdict& verdict, const Evidence& evidence, const Policy& policy) {
  const bool is_asking = policy.basic_endpoints + policy.api_endpoints > 0;
  const bool is_proved =
      has_delivered(evidence) || (evidence.passive && !evidence.passive->is_stalled &&
                                  evidence.passive->age <= policy.passive_is_fresh);
  if (is_asking && is_proved) {
    settle(verdict, State::connected, connected_reason(verdict.families, policy), Weight::proof);
    return;
  }
  settle(verdict, State::connected, Reason::not_probed, is_asking ? Weight::soft : Weight::hard);
}

// Endpoints of the API that fail although enough others answer.
void add_degradation(Verdict& verdict, const Evidence& evidence) {
  verdict.is_degraded = find(evidence.api, ProbeOutcome::server_error) != nullptr;
  const auto failed = std::ranges::find_if(
      evidence.api, [](const auto& result) { return is_sent(result) && !is_reached(result); });
  if (failed != evidence.api.end()) verdict.note = describe(*failed);
}

void judge_connected(Verdict& verdict, const Evidence& evidence, const Policy& policy) {
  const bool is_basic_blocked =
      count(evidence.basic, is_sent) > 0 && !has_any(evidence.basic, is_reached);
  auto reason = connected_reason(verdict.families, policy);
  if (is_slow(evidence, policy)) reason = Reason::slow;
  if (is_basic_blocked && policy.api_endpoints > 0) reason = Reason::basic_blocked;
  settle(verdict, State::connected, reason, Weight::proof);
  add_degradation(verdict, evidence);
}

void judge_api_failure(Verdict& verdict, const Evidence& evidence) {
  const ProbeResult& failure = typical_failure(evidence.api);
  verdict.note = describe(failure);
  const auto* const certificate = find(evidence.api, ProbeOutcome::certificate_time);
  if (certificate == nullptr || !evidence.clock_is_doubtful) {
    settle(verdict, State::limited, api_reason(failure.outcome), Weight::soft);
    return;
  }
  verdict.note = describe(*certificate);
  settle(verdict, State::limited, Reason::clock_skew, Weight::soft);
}

void judge_probes(Verdict& verdict, const Evidence& evidence, const Policy& policy) {
  const int asked = count(evidence.api, is_sent);
  if (has_delivered(evidence) || policy.quorum.is_met(count(evidence.api, is_reached), asked)) {
    return judge_connected(verdict, evidence, policy);
  }
  if (const auto* const portal = stand_in(evidence)) {
    verdict.login_url = portal->location;
    verdict.note = describe(*portal);
    return settle(verdict, State::limited, Reason::portal, Weight::proof);
  }
  if (const auto* const result = hijacked(evidence)) {
    verdict.note = describe(*result);
    return settle(verdict, State::limited, Reason::dns_hijack, Weight::proof);
  }
  const bool is_outside_there = has_any(evidence.basic, is_reached) ||
                                has_any(evidence.api, has_come_back) ||
                                has_received_meanwhile(evidence);
  if (!is_outside_there) {
    return settle(verdict, State::disconnected, failure_of(evidence), Weight::soft);
  }
  if (const auto* const result = unresolved(evidence)) {
    verdict.note = describe(*result);
    return settle(verdict, State::limited, Reason::dns_failure, Weight::soft);
  }
  if (asked > 0) return judge_api_failure(verdict, evidence);
  judge_connected(verdict, evidence, policy);
}

}  // namespace

bool Quorum::is_met(int answered, int asked) const {
  if (asked == 0) return false;
  switch (kind) {
    case Kind::any:
      return answered > 0;
    case Kind::all:
      return answered == asked;
    case Kind::count:
      break;
  }
  return answered >= std::min(count, asked);
}

std::string describe(const net::ProbeResult& result) {
  std::string what = result.message;
  if (what.empty() && result.status != 0) what = "HTTP " + std::to_string(result.status);
  if (what.empty()) what = name_of(result.outcome);
  return result.endpoint + ": " + what;
}

Reason connected_reason(const std::array<FamilyState, 2>& families, const Policy& policy) {
  if (policy.api_endpoints == 0) return Reason::no_api_configured;
  const auto is_out = [&](Family family) {
    const auto state = families[static_cast<std::size_t>(family)];
    return state != FamilyState::ok && state != FamilyState::unknown;
  };
  if (is_out(Family::v6) && !is_out(Family::v4)) return Reason::ok_v4_only;
  if (is_out(Family::v4) && !is_out(Family::v6)) return Reason::ok_v6_only;
  return Reason::ok;
}

std::string way_out(const std::array<FamilyState, 2>& families, const Ladder& ladder) {
  for (const bool is_known_good : {true, false}) {
    for (std::size_t i = 0; i < families.size(); ++i) {
      if (is_known_good && families[i] != FamilyState::ok) continue;
      if (!ladder[i].interface.empty()) return ladder[i].interface;
    }
  }
  return {};
}

Verdict judge(const Evidence& evidence, const Policy& policy) {
  Verdict verdict;
  for (const auto family : net::k_families) {
    verdict.families[static_cast<std::size_t>(family)] = state_of(family, evidence);
  }
  verdict.interface = way_out(verdict.families, evidence.families);
  if (std::ranges::none_of(evidence.families, may_get_out)) {
    settle(verdict, State::disconnected, missing_rung(evidence), Weight::hard);
    return verdict;
  }
  for (const auto& result : evidence.api) {
    verdict.retry_after = std::max(verdict.retry_after, result.retry_after);
  }
  if (!has_any(evidence.basic, is_sent) && !has_any(evidence.api, is_sent)) {
    judge_without_probes(verdict, evidence, policy);
  } else {
    judge_probes(verdict, evidence, policy);
  }
  return verdict;
}

Mode mode_of(State state, const Policy& policy) {
  switch (state) {
    case State::connected:
      return Mode::online;
    case State::limited:
      return policy.limited_is;
    case State::disconnected:
      break;
  }
  return Mode::offline;
}

}  // namespace core::netstate
