// SPDX-License-Identifier: MIT
#include "libcore/netstate/simulated_network.hpp"

#include <algorithm>
#include <utility>

namespace core::netstate {
namespace {

using net::ProbeKind;
using net::ProbeOutcome;
using net::ProbeResult;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Bytes on the wire with the headers of the link, as measured of real probes.
constexpr std::uint64_t k_syn = 74;
constexpr std::uint64_t k_connection = 280;  // and its end
constexpr std::uint64_t k_question = 59;     // for a name
constexpr std::uint64_t k_names = 250;       // with the answer
constexpr std::uint64_t k_http = 551;        // besides the connection
constexpr std::uint64_t k_https = 5500;
constexpr Duration k_again = milliseconds{300};  // until TCP sends again what was not confirmed

bool is_by_name(const net::ProbeTarget& target) {
  return target.kind == ProbeKind::http &&
         target.host.find_first_not_of("0123456789.:abcdef") != std::string::npos;
}

Family family_of(const net::ProbeTarget& target, const World& world) {
  if (target.host.find(':') != std::string::npos) return Family::v6;
  return is_by_name(target) && !world.has_route[0] ? Family::v6 : Family::v4;
}

}  // namespace

double Chance::draw() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  z ^= z >> 31U;
  constexpr double k_scale = 1.0 / (1ULL << 53U);
  return static_cast<double>(z >> 11U) * k_scale;
}

const World& SimulatedNetwork::at(Duration moment) const {
  const auto after = std::ranges::upper_bound(scenario_.events, moment, {}, &Event::at);
  return after == scenario_.events.begin() ? after->world : std::prev(after)->world;
}

// A packet there and one back, sent again after `again`, twice that, and so on.
SimulatedNetwork::Exchange SimulatedNetwork::exchange(Duration begin, Duration again, int tries,
                                                      Duration limit, Family family) {
  Exchange exchange;
  Duration offset{};
  for (int i = 0; i < tries && offset < limit; ++i) {
    ++exchange.sent;
    const World& world = at(begin + offset);
    const double arrives = (1 - world.loss) * (1 - world.loss);
    const bool is_open = world.upstream == Upstream::ok &&
                         !world.is_black_hole[static_cast<std::size_t>(family)] &&
                         world.has_way(family);
    if (is_open && chance_.draw() < arrives) {
      const Duration took = offset + world.rtt;
      if (took <= limit) exchange.took = took;
      return exchange;
    }
    offset += again;
    again *= 2;
  }
  return exchange;
}

SimulatedNetwork::Answer SimulatedNetwork::resolve(Duration begin, Duration limit, Family family) {
  const World& world = at(begin);
  if (world.dns == NameService::silent) {
    return {.outcome = ProbeOutcome::dns_timeout, .elapsed = limit, .bytes = 2 * k_question};
  }
  const auto asked = exchange(begin, seconds{1}, 2, limit, family);
  Answer answer{.outcome = ProbeOutcome::answered, .elapsed = asked.took.value_or(limit)};
  answer.bytes = static_cast<std::uint64_t>(asked.sent) * k_question;
  if (!asked.took) {
    answer.outcome = ProbeOutcome::dns_timeout;
    return answer;
  }
  answer.bytes += k_names - k_question;
  if (world.dns == NameService::refused) answer.outcome = ProbeOutcome::dns_refused;
  if (world.dns == NameService::hijacked) answer.outcome = ProbeOutcome::hijacked;
  return answer;
}

SimulatedNetwork::Answer SimulatedNetwork::connect(Duration begin, Duration limit, Family family) {
  const World& world = at(begin);
  if (world.upstream == Upstream::refused || world.upstream == Upstream::unreachable) {
    const bool is_refused = world.upstream == Upstream::refused;
    return {.outcome = is_refused ? ProbeOutcome::refused : ProbeOutcome::unreachable,
            .elapsed = world.rtt,
            .bytes = 2 * k_syn};
  }
  const auto asked = exchange(begin, seconds{1}, 2, limit, family);
  const auto lost = static_cast<std::uint64_t>(asked.sent) * k_syn;
  if (!asked.took) return {.outcome = ProbeOutcome::timeout, .elapsed = limit, .bytes = lost};
  return {.outcome = ProbeOutcome::answered,
          .elapsed = *asked.took,
          .bytes = lost + k_connection - k_syn};
}

// Questions and answers over a connection that is open.
SimulatedNetwork::Answer SimulatedNetwork::talk(Duration begin, Duration limit, int turns,
                                                Family family) {
  Answer answer{.outcome = ProbeOutcome::answered};
  for (int i = 0; i < turns; ++i) {
    const Duration again = std::max<Duration>(milliseconds{200}, 2 * at(begin).rtt);
    const auto asked = exchange(begin + answer.elapsed, again, 5, limit - answer.elapsed, family);
    if (!asked.took) return {.outcome = ProbeOutcome::timeout, .elapsed = limit};
    answer.elapsed += *asked.took;
  }
  return answer;
}

bool SimulatedNetwork::is_silent(const World& world, const std::string& endpoint,
                                 Family family) const {
  return std::ranges::find(world.silent, endpoint) != world.silent.end() ||
         world.is_black_hole[static_cast<std::size_t>(family)];
}

ProbeResult SimulatedNetwork::probe(const net::ProbeTarget& target, Duration begin,
                                    Duration limit) {
  const World& world = at(begin);
  const Family family = family_of(target, world);
  ProbeResult result;
  result.kind = target.kind;
  result.endpoint = target.name;
  result.family = family;
  const auto take = [&](const Answer& answer) {
    result.outcome = answer.outcome;
    result.elapsed += answer.elapsed;
    result.bytes += answer.bytes;
    return answer.outcome == ProbeOutcome::answered;
  };
  if (!world.has_way(family)) return result;
  if (is_silent(world, target.name, family)) {
    const bool is_dns = target.kind == ProbeKind::dns;
    take({.outcome = is_dns ? ProbeOutcome::dns_timeout : ProbeOutcome::timeout,
          .elapsed = limit,
          .bytes = 2 * (is_dns ? k_question : k_syn)});
    return result;
  }
  if (target.kind == ProbeKind::dns) {
    take(resolve(begin, limit, family));
    if (result.outcome == ProbeOutcome::hijacked) result.outcome = ProbeOutcome::wrong_answer;
    return result;
  }
  if (is_by_name(target) && !take(resolve(begin, limit, family))) return result;
  const Duration connecting = std::min<Duration>(limit - result.elapsed, milliseconds{1500});
  // A portal lets nobody through but those who ask in cleartext, and those answers itself.
  if (world.portal == Portal::on && target.kind == ProbeKind::tcp) {
    take({.outcome = ProbeOutcome::timeout, .elapsed = connecting, .bytes = 2 * k_syn});
    return result;
  }
  if (!take(connect(begin + result.elapsed, connecting, family))) return result;
  if (target.kind == ProbeKind::tcp) return result;
  if (!take(talk(begin + result.elapsed, limit - result.elapsed, 1, family))) return result;
  result.bytes += k_http;
  result.status = target.status == 0 ? 200 : target.status;
  if (world.portal == Portal::on) {
    result.outcome = ProbeOutcome::wrong_answer;
    result.status = 302;
    result.location = "http://" + world.gateway + "/login";
  }
  return result;
}

ProbeResult SimulatedNetwork::probe_api(const std::string& url, Duration begin, Duration limit) {
  const World& world = at(begin);
  const Family family = world.has_route[0] && !world.is_black_hole[0] ? Family::v4 : Family::v6;
  ProbeResult result;
  result.kind = ProbeKind::api;
  result.endpoint = url;
  result.family = family;
  const auto take = [&](const Answer& answer) {
    result.outcome = answer.outcome;
    result.elapsed += answer.elapsed;
    result.bytes += answer.bytes;
    return answer.outcome == ProbeOutcome::answered;
  };
  const bool is_out_of_reach = world.portal == Portal::on || is_silent(world, url, family) ||
                               world.api == ProbeOutcome::timeout;
  if (!take(resolve(begin, limit, family))) return result;
  if (is_out_of_reach) {
    take({.outcome = ProbeOutcome::timeout, .elapsed = limit - result.elapsed, .bytes = 2 * k_syn});
    return result;
  }
  if (!take(connect(begin + result.elapsed, limit - result.elapsed, family))) return result;
  if (world.api == ProbeOutcome::refused) {
    result.outcome = ProbeOutcome::refused;
    return result;
  }
  if (!take(talk(begin + result.elapsed, limit - result.elapsed, 2, family))) return result;
  result.bytes += k_https;
  result.outcome = world.api;
  result.status = world.api_status;
  return result;
}

// As net::Prober does it: one after the other, until the first answers, or all are done.
std::vector<ProbeResult> SimulatedNetwork::race(const Round& round, Duration begin, Duration& end) {
  std::vector<ProbeResult> results;
  std::vector<Duration> ends;
  Duration start = begin;
  Duration first = begin + round.patience;  // answer
  Duration last = begin;
  for (const auto& target : targets_of(round, scenario_.basic)) {
    if (start >= first && round.stop == net::StopAt::first_answer) break;
    if (start >= begin + round.patience) break;
    const Duration left = begin + round.patience - start;
    const Duration limit =
        target.kind == ProbeKind::tcp ? std::min<Duration>(left, milliseconds{1500}) : left;
    results.push_back(probe(target, start, limit));
    const Duration done = start + results.back().elapsed;
    ends.push_back(done);
    if (results.back().is_answered()) first = std::min(first, done);
    last = std::max(last, done);
    const bool is_at_once =
        results.back().outcome != ProbeOutcome::timeout && !results.back().is_answered();
    start = is_at_once ? std::min(done, start + round.stagger) : start + round.stagger;
  }
  const bool is_won = round.stop == net::StopAt::first_answer &&
                      std::ranges::any_of(results, &ProbeResult::is_answered);
  end = is_won ? first : last;
  if (!is_won) return results;
  // Who has not answered by then is not waited for.
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (ends[i] > end) results[i].outcome = ProbeOutcome::not_sent;
  }
  return results;
}

SimulatedNetwork::Found SimulatedNetwork::ask(const Round& round, Duration begin) {
  Found found{.evidence = {}, .end = begin};
  found.evidence.basic = race(round, begin, found.end);
  if (round.with_api) {
    for (const auto& url : scenario_.check) {
      found.evidence.api.push_back(probe_api(url, begin, round.api_patience));
      found.end = std::max(found.end, begin + found.evidence.api.back().elapsed);
    }
  }
  for (const auto* results : {&found.evidence.basic, &found.evidence.api}) {
    for (const auto& result : *results)
      found.bytes += result.bytes;
  }
  found.evidence.clock_is_doubtful = at(begin).clock == ClockIs::doubtful;
  return found;
}

std::optional<net::TcpEvidence> SimulatedNetwork::passive(Duration moment) {
  const auto hear = [&](Duration until) {
    if (answered_ && *answered_ <= until)
      heard_ = std::max(heard_.value_or(*answered_), *answered_);
  };
  while (next_tick_ <= moment) {
    hear(next_tick_);
    const World& world = at(next_tick_);
    if (!world.traffic) {
      asked_.reset();
      heard_.reset();
      const auto next = std::ranges::upper_bound(scenario_.events, next_tick_, {}, &Event::at);
      next_tick_ = next == scenario_.events.end() ? Duration::max() : next->at;
      continue;
    }
    const auto answer = exchange(next_tick_, k_again, 5, seconds{10}, Family::v4);
    const bool is_waiting = asked_ && (!answered_ || *answered_ > next_tick_);
    if (!is_waiting) {
      asked_ = next_tick_;
      answered_.reset();
    }
    if (answer.took && world.portal == Portal::off) {
      const Duration arrival = next_tick_ + *answer.took;
      answered_ = std::min(answered_.value_or(arrival), arrival);
    }
    next_tick_ += *world.traffic;
  }
  hear(moment);
  if (!asked_ || !heard_) return std::nullopt;
  const bool is_answered = answered_ && *answered_ <= moment;
  return net::TcpEvidence{.age = moment - *heard_,
                          .is_stalled = !is_answered && moment >= *asked_ + k_again,
                          .sockets = 1};
}

}  // namespace core::netstate
