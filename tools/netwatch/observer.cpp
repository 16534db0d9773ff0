// SPDX-License-Identifier: MIT
#include "tools/netwatch/observer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "libcore/net/ip_address.hpp"
#include "libcore/netstate/ladder.hpp"
#include "libcore/netstate/round.hpp"

namespace netwatch {
namespace {

namespace net = core::net;
namespace netstate = core::netstate;
using core::Duration;
using namespace std::chrono_literals;

constexpr Duration k_reconcile = 5min;
constexpr Duration k_carriers_for = 1s;
constexpr Duration k_carriers_every = 50ms;
constexpr int k_share_of_reading = 10;  // a tenth
constexpr Duration k_soon = 100ms;      // after the kernel could not tell
constexpr core::Duration k_clock_tolerance = 24h;

}  // namespace

core::Result<std::unique_ptr<Observer>> Observer::create(Parts parts, Observation observation) {
  TRY_ASSIGN(auto set, core::sys::PollSet::create());
  if (parts.kernel.fd() >= 0) TRY(set.add(parts.kernel.fd()));
  for (const auto* prober : {&parts.basic, &parts.api}) {
    if (prober->fd() >= 0) TRY(set.add(prober->fd()));
  }
  return std::unique_ptr<Observer>(
      new Observer(std::move(parts), std::move(observation), std::move(set)));
}

Observer::Observer(Parts parts, Observation observation, core::sys::PollSet set)
    : parts_(std::move(parts)),
      observation_(std::move(observation)),
      set_(std::move(set)),
      monitor_(observation_.policy, observation_.timing,
               [&random = parts_.random] { return core::sys::unit_interval(random); }),
      is_passive_(observation_.is_passive) {}

void Observer::advance() {
  const Duration now = parts_.clock.since_boot();
  look_at_links(now);
  if (is_under_way_ && !monitor_.is_asking()) give_up_round();
  if (is_under_way_ && !finish_round(now)) return;
  const auto wake = monitor_.next_wake();
  if (wake && *wake <= now) look_at_traffic(now);
  // What cannot be asked is over at once, and the next may be due then.
  while (const auto round = monitor_.next_round(now)) {
    begin_round(*round, now);
    if (!finish_round(now)) return;
  }
}

void Observer::awake() {
  must_read_ = true;
  may_read_ = {};
  monitor_.awake(parts_.clock.since_boot());
}

// --- what the kernel tells ---

void Observer::look_at_links(Duration now) {
  const auto news = parts_.kernel.drain();
  if (!news) warn_once(news.error().message);
  if (!news || *news) {
    must_read_ = true;
    carriers_until_ = now + k_carriers_for;
    carriers_at_ = now + k_carriers_every;
  }
  if (reconcile_at_ <= now) must_read_ = true;
  if (must_read_ && may_read_ <= now) return read_links(now);
  if (carriers_at_ && *carriers_at_ <= now) look_at_carriers(now);
}

void Observer::read_links(Duration now) {
  auto snapshot = parts_.kernel.read();
  const Duration took = parts_.clock.since_boot() - now;
  may_read_ = now + took + ((k_share_of_reading - 1) * took);
  reconcile_at_ = now + k_reconcile;
  must_read_ = false;
  if (snapshot) {
    snapshot_ = *std::move(snapshot);
    return monitor_.see_ladder(netstate::ladder_of(snapshot_, observation_.ignore), now);
  }
  if (snapshot.error().code == core::Errc::later) {
    must_read_ = true;
    may_read_ = std::max(may_read_, now + k_soon);
    return;
  }
  warn_once(snapshot.error().message + ": what the kernel knows of links is left out");
  monitor_.see_ladder({}, now);
}

// Netlink has the last word: /sys may show the interfaces of another namespace.
void Observer::look_at_carriers(Duration now) {
  carriers_at_ = now + k_carriers_every;
  if (*carriers_at_ > carriers_until_) carriers_at_.reset();
  std::string lost;
  for (const auto& route : snapshot_.routes) {
    const auto* link = snapshot_.link(route.link);
    const bool is_watched = link != nullptr && link->has_carrier && !blind_.contains(link->name);
    if (is_watched && !parts_.kernel.has_carrier(link->name)) lost = link->name;
  }
  if (lost.empty()) return;
  read_links(now);
  const auto still = std::ranges::find(snapshot_.links, lost, &net::Link::name);
  if (still != snapshot_.links.end() && still->has_carrier) blind_.insert(lost);
}

void Observer::look_at_traffic(Duration now) {
  if (!is_passive_) return;
  const auto traffic = parts_.kernel.traffic(snapshot_.addresses);
  if (traffic) return monitor_.see_passive(*traffic, now);
  is_passive_ = false;
  warn_once(traffic.error().message + ": the machine's own traffic is left out");
}

// --- what is asked ---

void Observer::begin_round(const netstate::Round& round, Duration now) {
  auto limits = netstate::limits_of(round, observation_.limits);
  limits.own = snapshot_.addresses;
  const auto targets = netstate::targets_of(round, observation_.basic);
  is_under_way_ = true;
  asks_basic_ = !targets.empty();
  asks_api_ = round.with_api && !observation_.api.empty();
  if (asks_basic_) start(parts_.basic, targets, limits, round.stop, now);
  limits.whole = std::min(observation_.limits.whole, round.api_patience);
  if (asks_api_) start(parts_.api, observation_.api, limits, net::StopAt::all, now);
}

void Observer::start(net::Prober& prober, const std::vector<net::ProbeTarget>& targets,
                     const net::ProbeLimits& limits, net::StopAt stop, Duration now) {
  const auto started = prober.start(targets, limits, stop, now);
  if (started) return;
  warn_once(started.error().message);
  (&prober == &parts_.basic ? asks_basic_ : asks_api_) = false;
}

void Observer::give_up_round() {
  is_under_way_ = false;
  if (asks_basic_) {
    parts_.basic.give_up();
    count_cost(parts_.basic.results());
  }
  if (asks_api_) {
    parts_.api.give_up();
    count_cost(parts_.api.results());
  }
}

void Observer::count_cost(const std::vector<net::ProbeResult>& results) {
  for (const auto& result : results) {
    if (!net::is_on_this_machine(result.endpoint)) cost_.value += result.bytes;
  }
}

// False: it goes on.
bool Observer::finish_round(Duration now) {
  if (asks_basic_) parts_.basic.advance(now);
  if (asks_api_) parts_.api.advance(now);
  if ((asks_basic_ && !parts_.basic.is_done()) || (asks_api_ && !parts_.api.is_done()))
    return false;
  netstate::Evidence evidence;
  evidence.families = monitor_.evidence().families;
  if (is_passive_) {
    if (const auto traffic = parts_.kernel.traffic(snapshot_.addresses))
      evidence.passive = *traffic;
  }
  if (asks_basic_) evidence.basic = parts_.basic.results();
  if (asks_api_) evidence.api = parts_.api.results();
  count_cost(evidence.basic);
  count_cost(evidence.api);
  evidence.clock_is_doubtful = is_clock_doubtful(evidence);
  is_under_way_ = false;
  monitor_.see_round(evidence, now);
  return true;
}

bool Observer::is_clock_doubtful(const netstate::Evidence& evidence) const {
  if (!parts_.clock.is_synchronised()) return true;
  const auto wall = parts_.clock.now();
  const auto differs = [&](const net::ProbeResult& result) {
    return result.date &&
           (*result.date - wall > k_clock_tolerance || wall - *result.date > k_clock_tolerance);
  };
  return std::ranges::any_of(evidence.api, differs) || std::ranges::any_of(evidence.basic, differs);
}

Duration Observer::next() const {
  Duration next = std::max(must_read_ ? may_read_ : reconcile_at_, may_read_);
  const auto consider = [&next](std::optional<Duration> moment) {
    if (moment) next = std::min(next, *moment);
  };
  consider(monitor_.next_wake());
  if (is_under_way_ && asks_basic_) consider(parts_.basic.next());
  if (is_under_way_ && asks_api_) consider(parts_.api.next());
  consider(carriers_at_);
  return next;
}

void Observer::warn_once(const std::string& message) {
  if (told_.insert(message).second) parts_.warn(message);
}

}  // namespace netwatch
