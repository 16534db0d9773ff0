// SPDX-License-Identifier: MIT
#include "tools/offq/dry_run.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/published_network.hpp"
#include "libcore/delivery/request_batch.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/net/ip_address.hpp"
#include "libcore/queue/operation.hpp"
#include "tools/offq/delivery_session.hpp"
#include "tools/offq/names.hpp"

namespace offq {

namespace queue = core::queue;
namespace delivery = core::delivery;

namespace {

struct Totals {
  std::uint64_t requests = 0;
  std::uint64_t operations = 0;
  std::uint64_t bytes = 0;
  std::uint64_t held = 0;
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
    const bool joins = route->batch != nullptr && shared_.take(entry, *route);
    if (!joins) ++totals_.requests;
    ++totals_.operations;
    totals_.bytes += entry.body_bytes;
    return record;
  }

  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
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

void print_totals(Context& context, const Totals& totals, Format format) {
  if (format == Format::json) {
    core::cli::Record summary;
    summary.add("dry_run", true).add("requests", totals.requests).add("bytes", totals.bytes);
    summary.add("operations", totals.operations);
    summary.add("held", totals.held);
    context.out.print("{}\n", summary.json());
    return;
  }
  const bool is_shared = totals.operations > totals.requests;
  std::string text =
      fmt::format("{} request{}{} with {} of bodies would be sent", totals.requests,
                  totals.requests == 1 ? "" : "s",
                  is_shared ? fmt::format(" for {} operations", totals.operations) : std::string{},
                  core::format_size({totals.bytes}));
  if (totals.held > 0) {
    text += fmt::format(", {} {} held", totals.held, totals.held == 1 ? "is" : "are");
  }
  context.err.print("{}\n", text);
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
  print_totals(context, preview.totals(), format);
  return ExitCode::ok;
}

}  // namespace offq
