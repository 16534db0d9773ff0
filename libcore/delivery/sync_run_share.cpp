// SPDX-License-Identifier: MIT
// Several operations in one request: found, kept ready, and parted when the server will not have
// them all.

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <ranges>
#include <utility>
#include <variant>

#include "libcore/delivery/sync_run.hpp"

namespace core::delivery {
namespace {

constexpr int k_content_too_large = 413;

// What a server says of a request whatever is in its body.
bool concerns_the_whole(int status) {
  constexpr std::array k_whole{401, 405, 406, 411, 414, 415, 431};
  return std::ranges::find(k_whole, status) != k_whole.end();
}

int status_of(const net::HttpExchange& exchange) {
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  return response == nullptr ? 0 : response->status;
}

}  // namespace

// How many more operations may be given to a request.
std::uint64_t SyncRun::room_left() const {
  if (!options_.max_ops) return std::numeric_limits<std::uint64_t>::max();
  std::uint64_t taken = sent_;
  for (const auto& flight : ready_)
    if (!flight.is_counted) taken += flight.members.size();
  return *options_.max_ops - std::min(*options_.max_ops, taken);
}

// Finds others that share the request. What alternates between several requests fills several.
Result<> SyncRun::gather(Flight first, codec::Envelope first_operation) {
  TRY_ASSIGN(auto entries, next_alike(first));
  busy_.insert(first.members.front().entry.id);
  RequestGroups groups(std::move(first), std::move(first_operation));
  auto entry = entries.begin();
  for (; entry != entries.end() && !groups.are_many(); ++entry) {
    if (!busy_.contains(entry->id)) TRY(take_aboard(groups, std::move(*entry)));
  }
  for (auto& rest : std::ranges::subrange(entry, entries.end()) | std::views::reverse)
    scheduler_.put_back(std::move(rest));
  const auto first_new = static_cast<std::ptrdiff_t>(ready_.size());
  groups.move_to(ready_);
  for (auto& flight : std::ranges::subrange(ready_.begin() + first_new, ready_.end()))
    flight.index_version = scheduler_.version();
  return {};
}

Result<> SyncRun::take_aboard(RequestGroups& groups, queue::Entry entry) {
  TRY_ASSIGN(const bool is_due, is_still_due(entry));
  if (!is_due) return {};
  TRY_ASSIGN(auto operation, read(entry));
  if (!operation) return {};
  const OperationId id = entry.id;
  if (auto* flight = groups.find_alike(parts_.router, *operation)) {
    auto item = payload_item(*operation, *flight->route.batch);
    groups.join(*flight,
                {.entry = std::move(entry), .serial = operation->serial, .item = std::move(item)});
  } else {
    const std::string target = queue::Index::target_of(entry);
    TRY_ASSIGN(auto own, book(std::move(entry), *operation, target));
    if (!own) return {};
    groups.add(*std::move(own), *std::move(operation));
  }
  busy_.insert(id);
  return {};
}

Result<std::vector<queue::Entry>> SyncRun::next_alike(const Flight& first) {
  const auto& batch = *first.route.batch;
  const auto& model = first.members.front().entry;
  std::uint64_t most = batch_company(batch, model.attempts, first.route.max_attempts);
  if (const auto found = too_many_.find(&batch); found != too_many_.end()) {
    most = std::min<std::uint64_t>(most, found->second);
  }
  most = std::min(most, room_left());
  const auto alike = [&model](const queue::Entry& entry) {
    return entry.attempts == model.attempts && entry.type == model.type &&
           entry.action == model.action && entry.method == model.method && entry.url == model.url;
  };
  return scheduler_.next_alike(first.target, static_cast<std::size_t>(most - 1), alike);
}

// The first one whose target takes one more.
Result<std::optional<Flight>> SyncRun::take_ready() {
  std::size_t at = 0;
  while (at < ready_.size()) {
    if (!targets_.may_take(ready_[at].target)) {
      ++at;
      continue;
    }
    Flight flight = std::move(ready_[at]);
    ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(at));
    TRY(drop_withdrawn(flight));
    if (!flight.members.empty()) return flight;
  }
  return std::nullopt;
}

// What was cancelled or replaced while it waited here: its file has gone, or, of a line, the index
// tells.
Result<> SyncRun::drop_withdrawn(Flight& flight) {
  const bool others_wrote = scheduler_.version() != flight.index_version;
  std::vector<Member> still_there;
  still_there.reserve(flight.members.size());
  for (auto& member : flight.members) {
    auto& entry = member.entry;
    bool is_there = true;
    if (!entry.is_batch_line()) {
      const std::string path = queue::path_of(entry.state(), entry.place.file);
      TRY_ASSIGN(const auto status, parts_.store.files().status(path));
      is_there = status.has_value();
    } else if (others_wrote) {
      TRY_ASSIGN(const auto current, parts_.store.index().find(entry.id));
      is_there = current && current->state() == queue::State::pending;
    }
    if (is_there) {
      still_there.push_back(std::move(member));
    } else {
      busy_.erase(entry.id);
    }
  }
  flight.members = std::move(still_there);
  return {};
}

// One bad operation is not to be the end of those that travelled with it.
bool SyncRun::is_worth_splitting(const Flight& flight, const Verdict& verdict,
                                 const net::HttpExchange& exchange) const {
  if (flight.members.size() < 2) return false;
  switch (verdict.kind) {
    case Class::rejected:
    case Class::conflict:
      return !concerns_the_whole(status_of(exchange));
    case Class::temporary:
      // Only where that would be the end: else each is charged, and has less company next time.
      return std::ranges::any_of(flight.members, [&](const Member& member) {
        return member.entry.attempts + 1 >= flight.route.max_attempts;
      });
    default:
      return false;
  }
}

void SyncRun::split(Flight flight, const net::HttpExchange& exchange) {
  const std::size_t half = flight.members.size() / 2;
  if (status_of(exchange) == k_content_too_large) {
    const auto [known, is_new] = too_many_.emplace(flight.route.batch, half);
    known->second = std::min(known->second, half);
  }
  Flight second{.members = {},
                .target = flight.target,
                .route = flight.route,
                .request = {},
                .own_secrets = flight.own_secrets,
                .is_counted = true,
                .index_version = flight.index_version};
  Flight first = second;
  for (std::size_t i = 0; i < flight.members.size(); ++i)
    (i < half ? first : second).members.push_back(std::move(flight.members[i]));
  ready_.push_front(std::move(second));
  ready_.push_front(std::move(first));
}

}  // namespace core::delivery
