// SPDX-License-Identifier: MIT
#include "libcore/netstate/round.hpp"

#include <algorithm>
#include <iterator>

namespace core::netstate {
namespace {

constexpr std::size_t k_asked = 3;
constexpr std::size_t k_surveyed = 6;

std::vector<net::ProbeTarget> of_kind(std::span<const net::ProbeTarget> endpoints,
                                      net::ProbeKind kind) {
  std::vector<net::ProbeTarget> chosen;
  std::ranges::copy_if(endpoints, std::back_inserter(chosen),
                       [&](const auto& endpoint) { return endpoint.kind == kind; });
  return chosen;
}

std::vector<net::ProbeTarget> allowed(const Round& round,
                                      std::span<const net::ProbeTarget> endpoints) {
  if (round.tcp_only) {
    for (const auto kind : {net::ProbeKind::tcp, net::ProbeKind::dns}) {
      auto chosen = of_kind(endpoints, kind);
      if (!chosen.empty()) return chosen;
    }
  }
  return {endpoints.begin(), endpoints.end()};
}

}  // namespace

std::vector<net::ProbeTarget> targets_of(const Round& round,
                                         std::span<const net::ProbeTarget> endpoints) {
  auto targets = allowed(round, endpoints);
  if (targets.empty()) return targets;
  const auto first = static_cast<std::ptrdiff_t>(round.number % targets.size());
  std::rotate(targets.begin(), targets.begin() + first, targets.end());
  const auto most = round.stop == net::StopAt::all ? k_surveyed : k_asked;
  targets.resize(std::min(targets.size(), most));
  const std::size_t once = targets.size();
  targets.reserve(once * static_cast<std::size_t>(round.tries));
  for (int i = 1; i < round.tries; ++i) {
    for (std::size_t k = 0; k < once; ++k)
      targets.push_back(targets[k]);
  }
  return targets;
}

net::ProbeLimits limits_of(const Round& round, net::ProbeLimits limits) {
  limits.stagger = round.stagger;
  limits.whole = std::min(limits.whole, round.patience);
  limits.connect = std::min(limits.connect, round.patience);
  limits.dns_try = std::min(limits.dns_try, round.patience);
  return limits;
}

}  // namespace core::netstate
