// SPDX-License-Identifier: MIT
// From an answer to outcomes.

#include <utility>
#include <variant>

#include "libcore/delivery/answer.hpp"
#include "libcore/delivery/backoff.hpp"
#include "libcore/delivery/classify.hpp"
#include "libcore/delivery/consequence.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/blobs.hpp"

namespace core::delivery {

Result<> SyncRun::finish(net::HttpExchange exchange) {
  auto found = flights_.extract(exchange.tag);
  if (found.empty()) return {};
  Flight flight = std::move(found.mapped());
  targets_.answered(flight.target);
  summary_.bytes_out += exchange.bytes_out;
  summary_.bytes_in += exchange.bytes_in;
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  const bool expected = response != nullptr && !flight.route.expect.status.empty() &&
                        holds_status(flight.route.expect, response->status);
  if (response == nullptr || expected || !is_redirect(*response)) {
    return judge(std::move(flight), exchange);
  }
  auto hop = next_hop(flight.request, *response, flight.hops);
  if (auto* verdict = std::get_if<Verdict>(&hop)) {
    return apply(std::move(flight), *verdict, &exchange);
  }
  ++flight.hops;
  flight.request = std::get<net::HttpRequest>(std::move(hop));
  const std::uint64_t tag = next_tag_++;
  flight.request.tag = tag;
  if (auto started = parts_.client.start(flight.request); !started) {
    return not_started(std::move(flight), started.error());
  }
  targets_.sent(flight.target);
  flights_.emplace(tag, std::move(flight));
  return {};
}

Result<> SyncRun::judge(Flight flight, const net::HttpExchange& exchange) {
  const Credential credential =
      flight.late_bound ? Credential::late_bound : Credential::of_operation;
  const Verdict verdict = classify(exchange, flight.route.expect,
                                   {.credential = credential, .now = parts_.clock.now()});
  if (verdict.kind == Class::auth && !flight.refreshed) {
    if (has_new_credential(flight, parts_.secrets)) return launch(std::move(flight));
  }
  const Verdict weighed = weigh(flight, verdict, exchange);
  return apply(std::move(flight), weighed, &exchange);
}

// An answer that is not what was expected may be a portal's, but not after the server has proved
// to be the right one: then it is the operation that expects too much.
Verdict SyncRun::weigh(const Flight& flight, const Verdict& verdict,
                       const net::HttpExchange& exchange) {
  if (verdict.kind == Class::delivered && flight.route.expect.looks_inside()) {
    targets_.vouch_for(flight.target);
  }
  const bool has_answer = std::holds_alternative<net::HttpResponse>(exchange.result);
  if (verdict.kind != Class::suspect || !has_answer || !targets_.is_vouched_for(flight.target)) {
    return verdict;
  }
  Verdict own = verdict;
  own.kind = Class::temporary;
  return own;
}

Result<> SyncRun::apply(Flight flight, const Verdict& verdict, const net::HttpExchange* exchange) {
  auto position = queue::position_of(flight.entry, parts_.retry.max_attempts);
  if (flight.route.max_attempts > 0) position.max_attempts = flight.route.max_attempts;
  Time again_at;
  if (verdict.kind == Class::temporary) {
    again_at =
        parts_.clock.now() + backoff({.base = parts_.retry.base, .cap = parts_.retry.cap},
                                     position.attempts + 1, sys::unit_interval(parts_.random));
  }
  TRY_ASSIGN(const auto step, queue::transition(position, event_of(verdict, again_at)));
  auto report = report_of(flight.entry, verdict, step, exchange);
  report.destination = flight.route.destination;
  tell(report);
  const bool own_fault = !flight.own_secrets.empty() &&
                         (verdict.kind == Class::auth || verdict.kind == Class::misconfigured);
  if (!step.receipt && own_fault) {
    withheld_.add(flight.route.destination, flight.own_secrets, verdict);
    withheld_.take(flight.route.destination, flight.own_secrets);
    busy_.insert(flight.entry.id);
    return {};
  }
  const bool was_answered =
      exchange != nullptr && std::holds_alternative<net::HttpResponse>(exchange->result);
  if (!step.receipt) warn_of(targets_.hold(flight.target, verdict));
  if (step.receipt && was_answered) warn_of(targets_.release(flight.target));
  if (step.receipt && step.to == queue::State::pending) retried_.insert(flight.entry.id);
  if (!step.receipt) {
    busy_.erase(flight.entry.id);
    scheduler_.put_back(std::move(flight.entry));
    return {};
  }
  queue::Settlement settlement{.entry = std::move(flight.entry), .transition = step, .receipt = {}};
  settlement.receipt.destination = targets_.destination(flight.target);
  if (verdict.kind != Class::delivered) {
    settlement.receipt.error_class = name_of(verdict.kind);
    settlement.receipt.error_message = verdict.message;
  }
  const auto keep_body = [this](std::string_view body) {
    return queue::store_blob(parts_.store.files(), parts_.clock, parts_.random, body);
  };
  // The outcome matters more than what the server said about it.
  if (exchange != nullptr) warn_of(describe_answer(*exchange, keep_body, settlement.receipt));
  return keep(std::move(settlement));
}

}  // namespace core::delivery
