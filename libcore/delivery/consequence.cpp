// SPDX-License-Identifier: MIT
#include "libcore/delivery/consequence.hpp"

#include <chrono>
#include <variant>

namespace core::delivery {
namespace {

Report::Outcome outcome_of(const queue::Transition& step) {
  if (!step.receipt) return Report::Outcome::held;
  if (step.to == queue::State::synced) return Report::Outcome::delivered;
  return step.to == queue::State::failed ? Report::Outcome::failed : Report::Outcome::retry;
}

}  // namespace

queue::Event event_of(const Verdict& verdict, Time again_at) {
  switch (verdict.kind) {
    case Class::delivered:
      return queue::event::Delivered{};
    case Class::temporary:
      return queue::event::TriedInVain{.again_at = again_at};
    case Class::later:
      return queue::event::Postponed{.again_at = again_at};
    case Class::conflict:
      return queue::event::Refused{.reason = codec::Reason::conflict};
    case Class::rejected:
      return queue::event::Refused{.reason = codec::Reason::rejected};
    case Class::offline:
    case Class::throttled:
    case Class::auth:
    case Class::suspect:
    case Class::misconfigured:
      return queue::event::Held{};
  }
  return queue::event::Held{};
}

Report report_of(const queue::Entry& entry, const Verdict& verdict, const queue::Transition& step,
                 const net::HttpExchange* exchange) {
  Report report;
  report.outcome = outcome_of(step);
  report.id = entry.id;
  report.type = entry.type;
  report.verdict = verdict;
  report.attempts = step.attempts;
  report.again_at = step.again_at;
  report.reason = step.reason;
  if (exchange == nullptr) return report;
  report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(exchange->elapsed);
  const auto* response = std::get_if<net::HttpResponse>(&exchange->result);
  if (response != nullptr) report.status = response->status;
  return report;
}

}  // namespace core::delivery
