// SPDX-License-Identifier: MIT
#include "tools/offq/run_list.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/base/ids.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/operation_record.hpp"

namespace offq {
namespace {

using core::queue::Entry;
using core::queue::Query;

constexpr std::uint64_t k_screenful = 20;

Result<Query> query_of(const ListOptions& options, core::Time now) {
  Query query;
  for (const auto& id : options.ids) {
    TRY_ASSIGN(auto fragment, core::parse_id_fragment(id));
    query.id_fragments.push_back(std::move(fragment));
  }
  query.states = options.states;
  query.types = options.types;
  query.lanes = options.lanes;
  query.keys = options.keys;
  query.reasons = options.reasons;
  if (options.older_than) query.created_before = now - *options.older_than;
  if (options.newer_than) query.created_after = now - *options.newer_than;
  query.sort = options.sort;
  query.direction = options.direction;
  if (options.limit) query.limit = static_cast<std::uint64_t>(*options.limit);
  return query;
}

// An id that was typed must be there, whatever the other conditions say.
Result<ExitCode> check_named(Context& context, core::queue::Index& index, const Query& query) {
  ExitCode code = ExitCode::ok;
  for (const auto& fragment : query.id_fragments) {
    Query one;
    one.id_fragments = {fragment};
    TRY_ASSIGN(const auto count, index.count(one));
    if (count > 0) continue;
    context.complain({.code = Errc::not_found, .message = "no such operation: " + fragment});
    code = ExitCode::not_found;
  }
  return code;
}

Result<> print_rows(Context& context, core::queue::Store& store, const Query& query,
                    const ListOptions& options) {
  core::cli::Table table(context, operation_columns(),
                         {.format = options.format, .header = options.header});
  auto selected = store.index().select(query, [&](const Entry& entry) -> Result<> {
    table.add(operation_record(entry, context.clock, store.files()));
    if (context.out.is_closed()) return fail(Errc::interrupted, "nobody reads on");
    return {};
  });
  table.finish();
  if (context.out.is_closed()) return {};
  return selected;
}

// What the limit that nobody asked for has hidden.
Result<> tell_rest(Context& context, core::queue::Index& index, Query query) {
  query.limit.reset();
  TRY_ASSIGN(const auto all, index.count(query));
  if (all <= k_screenful || context.verbosity == core::cli::Verbosity::quiet) return {};
  context.err.print("{} of {} shown; --limit {} shows all\n", k_screenful, all, all);
  return {};
}

ExitCode nothing_there(Context& context, const ListOptions& options) {
  for (const auto& id : options.ids)
    context.complain({.code = Errc::not_found, .message = "no such operation: " + id});
  if (!options.ids.empty()) return ExitCode::not_found;
  if (context.terminal.out_is_terminal && options.format == Format::text &&
      context.verbosity != core::cli::Verbosity::quiet) {
    context.err.print("nothing here yet: {}\n", context.directory);
  }
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_list(Context& context, const ListOptions& options) {
  TRY_ASSIGN(Query query, query_of(options, context.clock.now()));
  TRY_ASSIGN(auto store, open_to_look(context));
  if (!store) return nothing_there(context, options);
  const bool by_itself =
      !options.limit && context.terminal.out_is_terminal && options.format == Format::text;
  if (by_itself) query.limit = k_screenful;
  TRY_ASSIGN(const ExitCode code, check_named(context, store->index(), query));
  TRY(print_rows(context, *store, query, options));
  if (by_itself) TRY(tell_rest(context, store->index(), query));
  TRY_ASSIGN(const auto count, store->index().count({}));
  if (count == 0 && code == ExitCode::ok) return nothing_there(context, options);
  return code;
}

}  // namespace offq
