// SPDX-License-Identifier: MIT
#include "tools/netwatch/metering.hpp"

#include <chrono>

#include <poll.h>

#include "libcore/cli/tool.hpp"
#include "libcore/sys/wait.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
using core::Duration;

constexpr Duration k_ask_again = std::chrono::minutes{10};

// Of the family that goes that way.
std::string gateway_of(const netstate::Ladder& ladder, const std::string& interface) {
  for (const auto& family : ladder) {
    if (family.interface == interface && !family.gateway.empty()) return family.gateway;
  }
  return {};
}

}  // namespace

netstate::Metered Metering::of(const core::config::NetworkConfig& network,
                               const netstate::Monitor& monitor) {
  const std::string interface = monitor.verdict() ? monitor.verdict()->interface : "";
  const auto gateway = gateway_of(monitor.evidence().families, interface);
  if (interface != evidence_.interface || gateway != gateway_) {
    gateway_ = gateway;
    evidence_ = netstate::metered_evidence(machine_, interface, gateway);
    evidence_.interface = interface;
    asked_.reset();
  }
  const Duration now = context_.clock.since_boot();
  take_answer(now);
  const bool is_open = network.metered == core::config::MeteredSetting::automatic;
  const bool is_due = !asked_ || now - *asked_ >= k_ask_again;
  if (is_open && is_due && !question_ && !interface.empty()) ask(now);
  return netstate::metered_of(network.metered, evidence_);
}

void Metering::ask(Duration now) {
  asked_ = now;
  asked_about_ = evidence_.interface;
  if (!netstate::has_system_bus(context_.environment, machine_)) return;
  const auto helper = core::cli::helper_path("netwatch-metered", context_.environment);
  if (!helper) return;
  question_ = netstate::NetworkManagerQuestion::ask(children_, *helper, asked_about_, now);
  // Without it the answer is seen at the deadline.
  if (question_ && wakes_ != nullptr) (void)wakes_->add(question_->fd());
}

void Metering::take_answer(Duration now) {
  if (!question_ || !question_->tend(now)) return;
  // What was asked about another way out says nothing of this one.
  if (asked_about_ == evidence_.interface) evidence_.network_manager = question_->answer();
  question_.reset();
}

std::optional<Duration> Metering::deadline() const {
  return question_ ? std::optional(question_->deadline()) : std::nullopt;
}

netstate::Metered Metering::find(const core::config::NetworkConfig& network,
                                 const netstate::Monitor& monitor) {
  auto metered = of(network, monitor);
  while (question_) {
    const Duration left = question_->deadline() - context_.clock.since_boot();
    if (!core::sys::wait_for(question_->fd(), POLLIN, left)) return metered;  // a signal
    metered = of(network, monitor);
  }
  return metered;
}

netstate::Bytes bytes_of(netstate::Metered metered) {
  const bool costs = metered == netstate::Metered::yes || metered == netstate::Metered::guess_yes;
  return costs ? netstate::Bytes::cost_money : netstate::Bytes::count_little;
}

}  // namespace netwatch
