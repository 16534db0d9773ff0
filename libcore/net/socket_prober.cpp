// SPDX-License-Identifier: MIT
#include "libcore/net/socket_prober.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

Result<Resolvers> resolvers_of(const ProbeLimits& limits) {
  if (limits.resolvers.empty()) return load_resolv_conf();
  Resolvers resolvers;
  for (const auto& text : limits.resolvers) {
    const auto address = parse_ip(text);
    if (!address) {
      return fail(Errc::usage, fmt::format("not the address of a resolver: '{}'", printable(text)));
    }
    resolvers.addresses.push_back(*address);
  }
  return resolvers;
}

}  // namespace

Result<std::unique_ptr<SocketProber>> SocketProber::create(sys::Random& random) {
  TRY_ASSIGN(auto set, sys::PollSet::create());
  return std::unique_ptr<SocketProber>(new SocketProber(std::move(set), random));
}

Result<> SocketProber::start(std::vector<ProbeTarget> targets, const ProbeLimits& limits,
                             StopAt stop, Duration now) {
  probes_.clear();
  results_.clear();
  TRY_ASSIGN(auto resolvers, resolvers_of(limits));
  setting_.emplace(ProbeSetting{
      .limits = limits, .resolvers = std::move(resolvers), .set = set_, .random = random_});
  for (auto& target : targets)
    probes_.emplace_back(std::move(target), *setting_);
  stop_ = stop;
  end_ = now + limits.whole;
  next_begin_ = now;
  is_done_ = false;
  advance(now);
  return {};
}

void SocketProber::give_up() {
  if (!is_done_) finish();
}

const TargetProbe* SocketProber::waiting() const {
  const auto found = std::ranges::find(probes_, false, &TargetProbe::has_begun);
  return found == probes_.end() ? nullptr : &*found;
}

void SocketProber::begin_what_is_due(Duration now) {
  for (auto& probe : probes_) {
    if (probe.has_begun()) continue;
    const bool is_quiet = std::ranges::all_of(
        probes_, [](const TargetProbe& other) { return !other.has_begun() || other.is_done(); });
    if (stop_ == StopAt::first_answer && !is_quiet && now < next_begin_) return;
    probe.begin(now, end_);
    if (probe.is_done() && probe.result().is_answered() && stop_ == StopAt::first_answer) return;
    next_begin_ = now + setting_->limits.stagger;
  }
}

void SocketProber::advance(Duration now) {
  if (is_done_) return;
  for (auto& probe : probes_)
    probe.advance(now);
  const auto is_answered = [](const TargetProbe& p) {
    return p.is_done() && p.result().is_answered();
  };
  const auto is_enough = [&] {
    return stop_ == StopAt::first_answer && std::ranges::any_of(probes_, is_answered);
  };
  if (!is_enough() && now < end_) begin_what_is_due(now);
  const bool all_done = std::ranges::all_of(probes_, &TargetProbe::is_done);
  if (all_done || is_enough() || now >= end_) finish();
}

std::optional<Duration> SocketProber::next() const {
  if (is_done_) return std::nullopt;
  auto at = end_;
  for (const auto& probe : probes_)
    at = std::min(at, probe.next().value_or(at));
  return waiting() == nullptr ? at : std::min(at, next_begin_);
}

// The first that was asked may be alone in its family: the others would answer for ever.
void SocketProber::note_overtaken() {
  const auto winner = std::ranges::find_if(
      probes_, [](const TargetProbe& p) { return p.is_done() && p.result().is_answered(); });
  if (winner == probes_.end()) return;
  for (const auto& probe : probes_) {
    if (probe.is_overtaken_by(*winner) && probe.result().family != winner->result().family) {
      return winner->note_silent(*probe.result().family);
    }
  }
}

void SocketProber::finish() {
  is_done_ = true;
  note_overtaken();
  for (auto& probe : probes_) {
    probe.give_up();
    results_.push_back(probe.result());
  }
}

}  // namespace core::net
