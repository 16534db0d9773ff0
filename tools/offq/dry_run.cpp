// SPDX-License-Identifier: MIT
#include "tools/offq/dry_run.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/delivery/allowance.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/published_network.hpp"
#include "libcore/delivery/request_batch.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/net/ip_address.hpp"
#include "libcore/netstate/budget.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/sys/calendar.hpp"
#include "tools/offq/delivery_session.hpp"
#include "tools/offq/names.hpp"

namespace offq {

namespace queue = core::queue;
namespace delivery = core::delivery;
namespace netstate = core::netstate;

namespace {

struct Totals {
  std::uint64_t requests = 0;
  std::uint64_t commands = 0;
  std::uint64_t operations = 0;  // requests and commands are for
  std::uint64_t bytes = 0;
  std::uint64_t bytes_away = 0;  // of these, what leaves this machine
  std::uint64_t held = 0;
  std::string budget{};  // why not all of it may go
};

core::cli::Table table_of(Context& context, Format format) {
  return {context,
          {{.field = "id", .header = "ID"},
           {.field = "type", .header = "TYPE", .max_width = 20, .yields = 1},
           {.field = "method", .header = "METHOD", .yields = 2},
           {.field = "url", .header = "URL", .max_width = 60, .min_width = 20},
           {.field = "bytes", .header = "SIZE", .align = core::cli::Align::right},
           {.field = "problem", .header = "PROBLEM", .yields = 3}},
          {.format = format}};
}

// Requests that have room for more operations, as a sync would fill them.
class SharedRequests {
 public:
  // True: in one that another operation has begun.
  bool take(const queue::Entry& entry, const delivery::Route& route) {
    const auto bytes = delivery::batch_bytes(route.item);
    const auto has_room = [&](const Open& open) {
      return open.attempts == entry.attempts && open.room > 0 && open.bytes_left >= bytes &&
             delivery::are_shareable(open.route, route);
    };
    const auto found = std::ranges::find_if(open_, has_room);
    if (found != open_.end()) {
      --found->room;
      found->bytes_left -= bytes;
      return true;
    }
    const auto& batch = *route.batch;
    const auto company = delivery::batch_company(batch, entry.attempts, route.max_attempts);
    if (open_.size() == k_most_open) open_.pop_front();
    open_.push_back({.route = route,
                     .attempts = entry.attempts,
                     .room = company - 1,
                     .bytes_left = batch.max_size.value - std::min(batch.max_size.value, bytes)});
    return false;
  }

 private:
  static constexpr std::size_t k_most_open = 16;
  struct Open {
    delivery::Route route;
    int attempts = 0;
    std::size_t room = 0;
    std::uint64_t bytes_left = 0;
  };
  std::deque<Open> open_;
};

// Looks at operations as a sync would.
class Preview {
 public:
  Preview(Context& context, queue::Store& store, const core::config::Config& config,
          std::optional<delivery::Breakers> breakers, delivery::NetworkView network)
      : context_(context),
        store_(store),
        router_(config, store.files()),
        breakers_(std::move(breakers)),
        network_(std::move(network)) {}

  core::cli::Record look_at(const queue::Entry& entry) {
    core::cli::Record record;
    record.add("id", entry.id.text()).add("type", entry.type);
    const auto route = route_of(entry);
    std::string problem;
    if (route) {
      record.add("method", route->request.method).add("url", route->request.url);
      problem = hold_on(route->destination);
      if (!problem.empty()) ++totals_.held;
    } else {
      problem = route.error().message;
    }
    record.add("bytes", core::ByteCount{entry.body_bytes});
    if (!problem.empty()) {
      record.add("problem", problem);
      return record;
    }
    count(entry, *route);
    return record;
  }

  // After the last one: whether the budget has so much.
  Result<> look_at_budget(const core::config::BudgetConfig& limits) {
    if (totals_.bytes_away == 0) return {};
    const core::sys::LocalCalendar calendar;
    auto& files = store_.files();
    netstate::Budget budget(files, context_.clock, calendar, context_.random, limits);
    TRY_ASSIGN(const auto permission,
               budget.can_send(netstate::network_of(files, context_.clock, limits),
                               core::ByteCount{totals_.bytes_away}, netstate::Priority::normal));
    if (permission.answer == netstate::Answer::yes) return {};
    totals_.budget = delivery::budget_hold(permission, {}, calendar).why;
    return {};
  }

  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  void count(const queue::Entry& entry, const delivery::Route& route) {
    ++totals_.operations;
    if (route.command) {
      ++totals_.commands;
      return;
    }
    const bool joins = route.batch != nullptr && shared_.take(entry, route);
    if (!joins) ++totals_.requests;
    totals_.bytes += entry.body_bytes;
    if (!core::net::is_on_this_machine(route.destination)) totals_.bytes_away += entry.body_bytes;
  }

  [[nodiscard]] Result<delivery::Route> route_of(const queue::Entry& entry) const {
    TRY_ASSIGN(const auto operation, queue::load_operation(store_.files(), entry));
    return router_.route(operation);
  }

  // Empty: it is not held.
  [[nodiscard]] std::string hold_on(const std::string& destination) const {
    if (network_.hold && !core::net::is_on_this_machine(destination)) {
      return "offline: " + network_.hold->why;
    }
    const auto hold = breakers_ ? breakers_->find(destination) : std::nullopt;
    const core::Time now = context_.clock.now();
    if (!hold || !hold->is_active(now)) return {};
    return fmt::format("held: {}, next try {}", hold->reason,
                       core::cli::relative_time(hold->until, now));
  }

  Context& context_;
  queue::Store& store_;
  delivery::Router router_;
  std::optional<delivery::Breakers> breakers_;
  delivery::NetworkView network_;
  SharedRequests shared_;
  Totals totals_;
};

std::string sentence(const Totals& totals) {
  const auto count = [](std::uint64_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
  };
  const auto for_requests = totals.operations - totals.commands;
  std::string text;
  if (totals.commands > 0) text = count(totals.commands, "command") + " would be run";
  if (totals.requests > 0 || text.empty()) {
    if (!text.empty()) text += ", ";
    text += count(totals.requests, "request");
    if (for_requests > totals.requests) text += fmt::format(" for {} operations", for_requests);
    text += fmt::format(" with {} of bodies would be sent", core::format_size({totals.bytes}));
  }
  if (totals.held > 0) {
    text += fmt::format(", {} {} held", totals.held, totals.held == 1 ? "is" : "are");
  }
  if (!totals.budget.empty()) text += "; not all of it within the budget: " + totals.budget;
  return text;
}

void print_totals(Context& context, const Totals& totals, Format format) {
  if (format != Format::json) {
    context.err.print("{}\n", sentence(totals));
    return;
  }
  core::cli::Record summary;
  summary.add("dry_run", true).add("requests", totals.requests).add("commands", totals.commands);
  summary.add("bytes", totals.bytes).add("operations", totals.operations);
  summary.add("held", totals.held);
  if (!totals.budget.empty()) summary.add("budget", totals.budget);
  context.out.print("{}\n", summary.json());
}

}  // namespace

Result<ExitCode> dry_run(Context& context, queue::Store& store, const core::config::Config& config,
                         const delivery::RunOptions& options, Format format) {
  std::optional<delivery::Breakers> breakers;
  delivery::NetworkView network;
  if (!options.force) {
    TRY_ASSIGN(breakers, open_breakers(context, store));
    const auto warn = [&context](const std::string& message) { context.warn(message); };
    network = delivery::PublishedNetwork(store.files(), context.clock, warn).look();
  }
  Preview preview(context, store, config, std::move(breakers), std::move(network));
  delivery::Scheduler scheduler(store.index(), options.schedule);
  TRY(scheduler.open());
  core::cli::Table table = table_of(context, format);
  while (!options.max_ops || preview.totals().operations < *options.max_ops) {
    TRY_ASSIGN(const auto entry, scheduler.next([](const std::string&) { return true; }));
    if (!entry || context.out.is_closed()) break;
    table.add(preview.look_at(*entry));
  }
  table.finish();
  if (!options.force) TRY(preview.look_at_budget(config.budget));
  print_totals(context, preview.totals(), format);
  return ExitCode::ok;
}

}  // namespace offq
