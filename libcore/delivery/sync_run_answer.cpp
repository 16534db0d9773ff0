// SPDX-License-Identifier: MIT
// From an answer to outcomes.

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <utility>
#include <variant>

#include "libcore/delivery/answer.hpp"
#include "libcore/delivery/backoff.hpp"
#include "libcore/delivery/classify.hpp"
#include "libcore/delivery/consequence.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/blobs.hpp"

namespace core::delivery {
namespace {

// Of 407 and 511 the destination is not the author: a proxy is, or a portal.
bool may_be_of_destination(const net::HttpResponse& response) {
  return response.status != 407 && response.status != 511;
}

}  // namespace

Result<> SyncRun::finish(net::HttpExchange exchange) {
  auto found = flights_.extract(exchange.tag);
  if (found.empty()) return {};
  Flight flight = std::move(found.mapped());
  targets_.answered(flight.target);
  summary_.bytes_out += exchange.bytes_out;
  summary_.bytes_in += exchange.bytes_in;
  count_bytes(flight, exchange);
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  const bool expected = response != nullptr && !flight.route.expect.status.empty() &&
                        holds_status(flight.route.expect, response->status);
  if (response == nullptr || expected || !is_redirect(*response)) {
    return judge(std::move(flight), exchange);
  }
  auto hop = next_hop(flight.request, *response, flight.hops);
  if (auto* verdict = std::get_if<Verdict>(&hop)) {
    return apply(std::move(flight), weigh(flight, *verdict, exchange), &exchange);
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
  const auto* batch = flight.route.batch;
  const bool says_each = batch != nullptr && batch->verdict == config::BatchVerdict::each;
  if (says_each && verdict.kind == Class::delivered) {
    return judge_each(std::move(flight), exchange);
  }
  const Verdict weighed = weigh(flight, verdict, exchange);
  return apply_or_split(std::move(flight), weighed, exchange);
}

// Results for each operation are more than a portal would say; without them nothing is known of
// any operation.
Result<> SyncRun::judge_each(Flight flight, const net::HttpExchange& exchange) {
  const auto parts = read_batch_answer(std::get<net::HttpResponse>(exchange.result),
                                       *flight.route.batch, flight.members, flight.route.expect);
  if (parts) {
    targets_.vouch_for(flight.target);
    tell_network(flight, {.kind = Class::delivered, .message = {}, .retry_at = {}}, exchange);
    return decide(std::move(flight), *parts, &exchange);
  }
  const Verdict verdict{.kind = Class::suspect, .message = parts.error().message, .retry_at = {}};
  const Verdict weighed = weigh(flight, verdict, exchange);
  return apply_or_split(std::move(flight), weighed, exchange);
}

Result<> SyncRun::apply_or_split(Flight flight, const Verdict& verdict,
                                 const net::HttpExchange& exchange) {
  if (!is_worth_splitting(flight, verdict, exchange)) {
    return apply(std::move(flight), verdict, &exchange);
  }
  split(std::move(flight), exchange);
  return {};
}

// An answer that is not what was expected may be a portal's, but not after the server has proved
// to be the right one: then it is the operation that expects too much. So it is where another was
// delivered: one wrong expectation must not keep all others from their destination. Nor when
// somebody has looked since it was suspect, and found the network in order.
Verdict SyncRun::weigh(const Flight& flight, const Verdict& verdict,
                       const net::HttpExchange& exchange) {
  if (verdict.kind == Class::delivered && flight.route.expect.looks_inside()) {
    targets_.vouch_for(flight.target);
  }
  if (verdict.kind == Class::delivered) targets_.delivered_to(flight.target);
  tell_network(flight, verdict, exchange);
  if (verdict.kind != Class::suspect) return verdict;
  look_at_network();
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  const bool is_vouched_for = response != nullptr && targets_.is_vouched_for(flight.target);
  const bool is_alone = response != nullptr && may_be_of_destination(*response) &&
                        targets_.has_delivered_to(flight.target);
  if (!is_vouched_for && !is_alone && !targets_.is_suspect_alone(flight.target)) return verdict;
  Verdict own = verdict;
  own.kind = Class::temporary;
  return own;
}

// What is no more than a status over a connection that nobody has vouched for may be a portal's.
void SyncRun::tell_network(const Flight& flight, const Verdict& verdict,
                           const net::HttpExchange& exchange) {
  if (parts_.network == nullptr || targets_.is_here(flight.target)) return;
  const auto& destination = flight.route.destination;
  if (verdict.kind == Class::suspect || verdict.kind == Class::offline) {
    const auto* error = std::get_if<net::HttpError>(&exchange.result);
    parts_.network->failed(destination,
                           error == nullptr ? name_of(Class::suspect) : name_of(error->failure));
    return;
  }
  const bool is_right_server =
      (flight.request.verify_tls && flight.request.url.starts_with("https:")) ||
      (verdict.kind == Class::delivered && targets_.is_vouched_for(flight.target));
  const bool is_answer = std::holds_alternative<net::HttpResponse>(exchange.result);
  if (is_answer && is_right_server) parts_.network->delivered(destination);
}

// The same for all that the flight carries.
Result<> SyncRun::apply(Flight flight, const Verdict& verdict, const net::HttpExchange* exchange) {
  if (std::holds_alternative<queue::event::Held>(event_of(verdict, {}))) {
    return hold_back(std::move(flight), verdict, exchange);
  }
  PartAnswer part{.verdict = verdict, .status = 0, .text = {}};
  const auto* response =
      exchange == nullptr ? nullptr : std::get_if<net::HttpResponse>(&exchange->result);
  if (response != nullptr && flight.members.size() > 1) part.text = response->body;
  return decide(std::move(flight), {&part, 1}, exchange);
}

// Nothing was wrong with the operations.
Result<> SyncRun::hold_back(Flight flight, const Verdict& verdict,
                            const net::HttpExchange* exchange) {
  for (const auto& member : flight.members) {
    const auto& entry = member.entry;
    const auto position = queue::position_of(entry, parts_.retry.max_attempts);
    TRY_ASSIGN(const auto step, queue::transition(position, event_of(verdict, {})));
    auto report = report_of(entry, verdict, step, exchange);
    report.destination = flight.route.destination;
    tell(report);
  }
  const bool own_fault = !flight.own_secrets.empty() &&
                         (verdict.kind == Class::auth || verdict.kind == Class::misconfigured);
  if (own_fault) {
    parts_.withheld.add(flight.route.destination, flight.own_secrets, flight.own_bound, verdict);
    parts_.withheld.take(flight.route.destination, flight.own_secrets, flight.members.size(),
                         parts_.secrets);
    return {};
  }
  warn_of(targets_.hold(flight.target, verdict));
  put_back(std::move(flight));
  // Nor may the others go that were to follow.
  for (auto& ready : std::exchange(ready_, {}) | std::views::reverse) {
    if (targets_.is_held(ready.target)) {
      put_back(std::move(ready));
    } else {
      ready_.push_front(std::move(ready));
    }
  }
  return {};
}

Result<> SyncRun::decide(Flight flight, std::span<const PartAnswer> parts,
                         const net::HttpExchange* exchange) {
  const bool was_answered =
      exchange != nullptr && std::holds_alternative<net::HttpResponse>(exchange->result);
  if (was_answered) warn_of(targets_.release(flight.target));
  // Those that wait together come back together.
  const bool may_wait = std::ranges::any_of(
      parts, [](const auto& part) { return part.verdict.kind == Class::temporary; });
  const double jitter = may_wait ? sys::unit_interval(parts_.random) : 0;
  for (std::size_t i = 0; i < flight.members.size(); ++i) {
    const auto& part = parts.size() == 1 ? parts.front() : parts[i];
    TRY(decide_one(flight, std::move(flight.members[i]), part, exchange, jitter));
  }
  return {};
}

Result<> SyncRun::decide_one(const Flight& flight, Member member, const PartAnswer& part,
                             const net::HttpExchange* exchange, double jitter) {
  const auto& [verdict, status, text] = part;
  auto& entry = member.entry;
  auto position = queue::position_of(entry, parts_.retry.max_attempts);
  if (flight.route.max_attempts > 0) position.max_attempts = flight.route.max_attempts;
  const Time now = parts_.clock.now();
  const Time again_at = now + (verdict.kind == Class::later
                                   ? pause_after(now - entry.created_at, parts_.retry.cap)
                                   : backoff({.base = parts_.retry.base, .cap = parts_.retry.cap},
                                             position.attempts + 1, jitter));
  TRY_ASSIGN(const auto step, queue::transition(position, event_of(verdict, again_at)));
  auto report = report_of(entry, verdict, step, exchange);
  report.destination = flight.route.destination;
  if (status != 0) report.status = status;
  tell(report);
  if (step.to == queue::State::pending) retried_.insert(entry.id);
  queue::Settlement settlement{.entry = std::move(entry), .transition = step, .receipt = {}};
  settlement.receipt.serial = member.serial;
  settlement.receipt.destination = targets_.destination(flight.target);
  if (verdict.kind != Class::delivered) {
    settlement.receipt.error_class = name_of(verdict.kind);
    settlement.receipt.error_message = verdict.message;
  }
  describe(flight, part, exchange, settlement.receipt);
  keep(std::move(settlement));
  return {};
}

// The outcome matters more than what the server said about it.
void SyncRun::describe(const Flight& flight, const PartAnswer& part,
                       const net::HttpExchange* exchange, codec::Receipt& receipt) {
  if (exchange == nullptr) return;
  if (flight.members.size() > 1) {
    describe_part(*exchange, flight.members.size(), part.status, part.text, receipt);
    return;
  }
  const auto keep_body = [this](std::string_view body) {
    return queue::store_blob(parts_.store.files(), parts_.clock, parts_.random, body);
  };
  warn_of(describe_answer(*exchange, keep_body, receipt));
}

}  // namespace core::delivery
