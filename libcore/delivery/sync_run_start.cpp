// SPDX-License-Identifier: MIT
// From what is due to a request under way.

#include <chrono>
#include <utility>

#include "libcore/delivery/sync_run.hpp"

namespace core::delivery {
namespace {

// How long a line that somebody cancels may still be sent.
constexpr Duration k_look_again{std::chrono::milliseconds{10}};

}  // namespace

Result<> SyncRun::start_more() {
  TRY(look_again());
  while (static_cast<int>(flights_.size()) < options_.concurrency) {
    if ((options_.max_ops && sent_ >= *options_.max_ops) || should_stop()) return {};
    TRY_ASSIGN(const bool started, start_one());
    if (!started) return {};
  }
  return {};
}

// Looking takes system calls, so it is not done for every operation.
Result<> SyncRun::look_again() {
  const Duration now = parts_.clock.since_boot();
  if (now - looked_at_ < k_look_again) return {};
  looked_at_ = now;
  return scheduler_.look();
}

Result<bool> SyncRun::start_one() {
  TRY_ASSIGN(auto entry,
             scheduler_.next([this](const auto& target) { return targets_.may_take(target); }));
  if (!entry) return false;
  const std::string target = queue::Index::target_of(*entry);
  if (targets_.is_probing(target) && entry->lane.empty()) {
    scheduler_.put_back(*std::move(entry));
    const auto is_new = [this](const queue::Entry& probe) {
      return !busy_.contains(probe.id) && !retried_.contains(probe.id);
    };
    TRY_ASSIGN(entry, scheduler_.probe(target, targets_.failed_probes(target), is_new));
    if (!entry) return false;
  }
  if (!busy_.contains(entry->id)) TRY(start(*std::move(entry), target));
  return true;
}

Result<> SyncRun::start(queue::Entry entry, const std::string& target) {
  if (!scheduler_.is_new(entry.id)) {
    TRY_ASSIGN(const auto current, parts_.store.index().find(entry.id));
    if (!current || current->state() != queue::State::pending) return {};
    if (retried_.contains(entry.id)) return {};
    entry = *current;
  }
  Flight flight{.entry = std::move(entry), .target = target, .route = {}, .request = {}};
  const auto refuse = [&](const std::string& message, Class kind) {
    return apply(std::move(flight), {.kind = kind, .message = message, .retry_at = {}}, nullptr);
  };
  auto operation = reader_.load(flight.entry);
  if (!operation && operation.error().code == Errc::not_found) {
    return forget_vanished(flight.entry);
  }
  if (!operation && operation.error().code == Errc::corrupt) {
    return give_up(std::move(flight.entry), codec::Reason::unreadable, operation.error().message);
  }
  if (!operation) return pass_over(flight, operation.error());
  auto route = parts_.router.route(*operation);
  if (!route && route.error().code == Errc::config) {
    targets_.lead_nowhere(target);
    return refuse(route.error().message, Class::misconfigured);
  }
  if (!route) return refuse(route.error().message, Class::rejected);
  flight.route = *std::move(route);
  if (!targets_.lead(target, flight.route)) {
    scheduler_.put_back(std::move(flight.entry));
    return {};
  }
  flight.own_secrets = own_secrets(flight.route);
  if (withheld_.take(flight.route.destination, flight.own_secrets)) {
    busy_.insert(flight.entry.id);
    return {};
  }
  return launch(std::move(flight));
}

// Moved by another process, which tells the index itself, or by a person: then the index must not
// offer it again.
Result<> SyncRun::forget_vanished(const queue::Entry& entry) {
  auto& index = parts_.store.index();
  TRY_ASSIGN(const auto current, index.find(entry.id));
  if (!current || current->state() != queue::State::pending) return {};
  return index.remove(entry.id);
}

// Binds the secrets and sends.
Result<> SyncRun::launch(Flight flight) {
  if (auto bound = bind_secrets(flight, parts_.secrets); !bound) {
    const Verdict verdict{
        .kind = Class::misconfigured, .message = bound.error().message, .retry_at = {}};
    return apply(std::move(flight), verdict, nullptr);
  }
  const std::uint64_t tag = next_tag_++;
  flight.request.tag = tag;
  if (auto started = parts_.client.start(flight.request); !started) {
    return not_started(std::move(flight), started.error());
  }
  ++sent_;
  targets_.sent(flight.target);
  busy_.insert(flight.entry.id);
  flights_.emplace(tag, std::move(flight));
  return {};
}

// What is wrong with the request is the operation's fault, a body that is gone is lost for it, and
// the rest is this machine's.
Result<> SyncRun::not_started(Flight flight, const Error& error) {
  if (error.code == Errc::usage) {
    const Verdict verdict{.kind = Class::rejected, .message = error.message, .retry_at = {}};
    return apply(std::move(flight), verdict, nullptr);
  }
  if (error.code == Errc::not_found) {
    return give_up(std::move(flight.entry), codec::Reason::unreadable, error.message);
  }
  return pass_over(flight, error);
}

// One that cannot be read now (its mode, a bad sector, too many open files) stops no other.
Result<> SyncRun::pass_over(const Flight& flight, const Error& error) {
  ++summary_.unreadable;
  if (observer_.on_warning) observer_.on_warning(error.message);
  busy_.insert(flight.entry.id);
  return {};
}

}  // namespace core::delivery
