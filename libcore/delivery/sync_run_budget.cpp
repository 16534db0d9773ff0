// SPDX-License-Identifier: MIT
// What may be spent. An operation for which there is too little waits for a later run, and those
// that are critical or smaller go on.

#include <algorithm>
#include <chrono>
#include <utility>

#include "libcore/delivery/sync_run.hpp"

namespace core::delivery {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;

// So many are looked at for something critical among them, and no more.
constexpr std::uint64_t k_most_passed_over = 10'000;

bool is_critical(const Flight& flight) {
  return std::ranges::all_of(flight.members,
                             [](const Member& member) { return member.entry.critical; });
}

}  // namespace

// Without reading it, for the budget has been asked for no more than that.
bool SyncRun::is_over_budget(const queue::Entry& entry) {
  const bool was_asked = summary_.budget && entry.body_bytes >= too_large_;
  if (!was_asked || entry.critical || entry.type == codec::k_command_type) return false;
  if (targets_.is_here(queue::Index::target_of(entry))) return false;
  busy_.insert(entry.id);
  ++summary_.waiting_for_budget;
  ++passed_over_;
  return true;
}

Result<std::optional<Flight>> SyncRun::allow(Flight flight) {
  if (parts_.allowance == nullptr || targets_.is_here(flight.target)) return flight;
  if (flight.allowed) return flight;  // an answer has asked for it once more
  const auto size = expected_bytes(flight);
  const auto priority = is_critical(flight) ? Priority::critical : Priority::normal;
  TRY_ASSIGN(auto hold, parts_.allowance->take(size, priority));
  if (hold) {
    pass_over_budget(flight, *std::move(hold));
    return std::nullopt;
  }
  flight.allowed = size;
  TRY_ASSIGN(const auto wait, parts_.allowance->pace(size));
  if (wait <= Duration{0}) return flight;
  paced_until_ = parts_.clock.since_boot() + wait;
  paced_ = std::move(flight);
  return std::nullopt;
}

// They are pending, and not given out again in this run.
void SyncRun::pass_over_budget(const Flight& flight, NetworkHold hold) {
  std::uint64_t bytes = 0;
  for (const auto& member : flight.members)
    bytes += member.entry.body_bytes;
  if (!is_critical(flight)) too_large_ = summary_.budget ? std::min(too_large_, bytes) : bytes;
  summary_.budget = std::move(hold);
  summary_.waiting_for_budget += flight.members.size();
  ++passed_over_;
}

// True: one has to wait for its turn, and the others behind it.
Result<bool> SyncRun::start_paced() {
  if (!paced_) return passed_over_ >= k_most_passed_over;
  if (parts_.clock.since_boot() < paced_until_) return true;
  auto flight = std::exchange(paced_, std::nullopt);
  TRY(drop_withdrawn(*flight));
  if (!flight->members.empty() && targets_.may_take(flight->target)) {
    TRY(send(*std::move(flight)));
    return false;
  }
  give_back(*flight);
  put_back(*std::move(flight));
  return false;
}

milliseconds SyncRun::until_paced(milliseconds patience) const {
  if (!paced_) return patience;
  const auto left = ceil<milliseconds>(paced_until_ - parts_.clock.since_boot());
  return std::clamp(left, milliseconds{0}, patience);
}

// The first answer of a flight is told of what it took; redirects and repetitions cost more.
void SyncRun::count_bytes(Flight& flight, const net::HttpExchange& exchange) {
  if (parts_.allowance == nullptr || targets_.is_here(flight.target)) return;
  const auto size = std::exchange(flight.allowed, std::nullopt).value_or(ByteCount{0});
  parts_.allowance->give_back(size, ByteCount{exchange.bytes_out + exchange.bytes_in});
}

void SyncRun::give_back(Flight& flight) {
  if (parts_.allowance == nullptr || !flight.allowed) return;
  parts_.allowance->give_back(*std::exchange(flight.allowed, std::nullopt), ByteCount{0});
}

}  // namespace core::delivery
