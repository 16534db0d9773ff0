// SPDX-License-Identifier: MIT
// From what is due to a request under way.

#include <chrono>
#include <ranges>
#include <utility>

#include "libcore/delivery/sync_run.hpp"

namespace core::delivery {
namespace {

// How long a line that somebody cancels may still be sent.
constexpr Duration k_look_again{std::chrono::milliseconds{10}};
// And how long what leaves this machine when somebody has ended that.
constexpr Duration k_look_at_network{std::chrono::milliseconds{200}};

}  // namespace

Result<> SyncRun::start_more() {
  if (!may_start()) return {};
  TRY(look_for_writes());
  while (static_cast<int>(flights_.size()) < options_.concurrency) {
    if (should_stop()) return {};
    TRY_ASSIGN(const bool is_paced, start_paced());
    if (is_paced) return {};
    TRY_ASSIGN(const bool started, start_one());
    if (!started) return {};
  }
  return {};
}

// Looking takes system calls, so it is not done for every operation.
Result<> SyncRun::look_for_writes() {
  const Duration now = parts_.clock.since_boot();
  if (now - looked_at_ < k_look_again) return {};
  looked_at_ = now;
  if (now - looked_at_network_ >= k_look_at_network) look_at_network();
  return scheduler_.look();
}

Result<bool> SyncRun::start_one() {
  TRY_ASSIGN(auto ready, take_ready());
  if (ready) {
    TRY(launch(*std::move(ready)));
    return true;
  }
  if (room_left() == 0) return false;
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
  TRY_ASSIGN(const bool is_due, is_still_due(entry));
  if (!is_due || is_over_budget(entry)) return {};
  TRY_ASSIGN(auto operation, read(entry));
  if (!operation) return {};
  TRY_ASSIGN(auto flight, book(std::move(entry), *operation, target));
  if (!flight) return {};
  const bool is_alone = flight->route.batch == nullptr || targets_.is_probing(target);
  if (is_alone) return launch(*std::move(flight));
  return gather(*std::move(flight), *std::move(operation));
}

// What is given a second time may have been settled since it was read.
Result<bool> SyncRun::is_still_due(queue::Entry& entry) {
  if (scheduler_.is_new(entry.id)) return true;
  TRY_ASSIGN(const auto current, parts_.store.index().find(entry.id));
  if (!current || current->state() != queue::State::pending) return false;
  if (retried_.contains(entry.id)) return false;
  entry = *current;
  return true;
}

// nullopt: it cannot be read, which has been seen to.
Result<std::optional<codec::Envelope>> SyncRun::read(const queue::Entry& entry) {
  auto operation = reader_.load(entry);
  if (operation) return *std::move(operation);
  const Error& error = operation.error();
  if (error.code == Errc::not_found) {
    TRY(forget_vanished(entry));
  } else if (error.code == Errc::corrupt) {
    TRY(give_up(entry, codec::Reason::unreadable, error.message));
  } else {
    pass_over(entry.id, error);
  }
  return std::nullopt;
}

// Where it goes. nullopt: nowhere now, which has been seen to.
Result<std::optional<Flight>> SyncRun::book(queue::Entry entry, const codec::Envelope& operation,
                                            const std::string& target) {
  Flight flight{.members = {}, .target = target, .route = {}, .request = {}};
  flight.members.push_back({.entry = std::move(entry), .serial = operation.serial});
  const auto refuse = [&](const std::string& message, Class kind) -> Result<std::optional<Flight>> {
    TRY(apply(std::move(flight), {.kind = kind, .message = message, .retry_at = {}}, nullptr));
    return std::nullopt;
  };
  auto route = parts_.router.route(operation);
  if (!route && route.error().code == Errc::config) {
    targets_.lead_nowhere(target);
    return refuse(route.error().message, Class::misconfigured);
  }
  if (!route && route.error().code != Errc::usage) {  // its body cannot be read now
    pass_over(flight.members.front().entry.id, route.error());
    return std::nullopt;
  }
  if (!route) return refuse(route.error().message, Class::rejected);
  flight.route = *std::move(route);
  if (!targets_.lead(target, flight.route)) {
    put_back(std::move(flight));
    return std::nullopt;
  }
  flight.members.front().item = std::move(flight.route.item);
  flight.own_secrets = own_secrets(flight.route);
  return flight;
}

// Moved by another process, which tells the index itself, or by a person: then the index must not
// offer it again in this place. In a transaction, for the other process may be telling it now.
Result<> SyncRun::forget_vanished(const queue::Entry& entry) {
  auto& index = parts_.store.index();
  TRY_ASSIGN(auto transaction, index.begin());
  if (entry.is_batch_line()) {
    TRY_ASSIGN(const auto current, index.find(entry.id));
    const bool is_as_it_was =
        current && current->state() == entry.state() && current->is_batch_line();
    if (is_as_it_was) TRY(index.remove(entry.id));
  } else {
    TRY(index.remove_file(entry.state(), entry.place.file.text()));
  }
  return transaction.commit();
}

// Binds the secrets and sends.
Result<> SyncRun::launch(Flight flight) {
  for (const auto& member : flight.members)
    busy_.insert(member.entry.id);
  if (flight.route.command) return launch_command(std::move(flight));
  const auto count = flight.members.size();
  if (parts_.withheld.take(flight.route.destination, flight.own_secrets, count, parts_.secrets)) {
    return {};
  }
  if (flight.route.batch != nullptr) pack(flight);
  if (auto bound = bind_secrets(flight, parts_.secrets); !bound) {
    const Verdict verdict{
        .kind = Class::misconfigured, .message = bound.error().message, .retry_at = {}};
    return apply(std::move(flight), verdict, nullptr);
  }
  TRY_ASSIGN(auto allowed, allow(std::move(flight)));
  return allowed ? send(*std::move(allowed)) : Result<>{};
}

Result<> SyncRun::send(Flight flight) {
  const auto count = flight.members.size();
  const std::uint64_t tag = next_tag_++;
  flight.request.tag = tag;
  if (auto started = parts_.client.start(flight.request); !started) {
    return not_started(std::move(flight), started.error());
  }
  if (!std::exchange(flight.is_counted, true)) sent_ += count;
  targets_.sent(flight.target);
  flights_.emplace(tag, std::move(flight));
  return {};
}

// What is wrong with the request is the operation's fault, a body that is gone is lost for it, and
// the rest is this machine's.
Result<> SyncRun::not_started(Flight flight, const Error& error) {
  give_back(flight);
  if (error.code == Errc::usage) {
    const Verdict verdict{.kind = Class::rejected, .message = error.message, .retry_at = {}};
    return apply(std::move(flight), verdict, nullptr);
  }
  for (auto& member : flight.members) {
    if (error.code == Errc::not_found) {
      busy_.erase(member.entry.id);
      TRY(give_up(std::move(member.entry), codec::Reason::unreadable, error.message));
    } else {
      pass_over(member.entry.id, error);
    }
  }
  return {};
}

// One that cannot be read now (its mode, a bad sector, too many open files) stops no other.
void SyncRun::pass_over(const OperationId& id, const Error& error) {
  ++summary_.unreadable;
  if (error.code == Errc::denied) ++summary_.forbidden;
  if (observer_.on_warning) observer_.on_warning(error.message);
  busy_.insert(id);
}

// In front of its line, in the order of its members.
void SyncRun::put_back(Flight flight) {
  for (auto& member : flight.members | std::views::reverse) {
    busy_.erase(member.entry.id);
    scheduler_.put_back(std::move(member.entry));
  }
}

}  // namespace core::delivery
