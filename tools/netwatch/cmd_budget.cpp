// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_budget.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/ends.hpp"
#include "libcore/config/keys.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

using core::Errc;
using core::Result;

void bind(core::cli::Binder& b, BudgetOptions& o) {
  b.operand("ACTION",
            "show (without any): limits, and what is gone of them; can-send SIZE: may so much be "
            "sent now?; reserve SIZE: the same, and keep it, an id is printed; commit ID SIZE: so "
            "much of what was reserved was spent; release ID: nothing was; spend SIZE: so much was "
            "spent; set KEY VALUE...: write these settings into config.yaml of the queue; reset: "
            "forget what was.",
            o.action);
  b.operand("WORD",
            "SIZE, ID, or KEY and VALUE, as ACTION wants: KEY is a setting without `budget.`.",
            o.words);
  b.option("--priority", "PRIORITY",
           "With can-send and reserve: critical may use what is kept by budget.reserve.",
           o.priority);
  b.option("--summary", "SIZE",
           "With can-send: say `summary` where SIZE fits and the whole does not.", o.summary);
  b.option("--ttl", "DURATION", "With reserve: for how long it is kept.", o.time_to_live,
           {.default_text = "10m"});
  b.option("--purpose", "PURPOSE", "With spend and commit: on what.", o.purpose,
           {.default_text = "other"});
  bind_network(b, o.network);
  bind_json(b, o.format, "one JSON object");
}

std::size_t words_of(BudgetAction action) {
  switch (action) {
    case BudgetAction::show:
    case BudgetAction::reset:
      return 0;
    case BudgetAction::can_send:
    case BudgetAction::reserve:
    case BudgetAction::release:
    case BudgetAction::spend:
      return 1;
    case BudgetAction::commit:
    case BudgetAction::set:
      return 2;
  }
  return 0;
}

std::string_view names_of_words(BudgetAction action) {
  if (action == BudgetAction::commit) return "ID and SIZE";
  if (action == BudgetAction::release) return "ID";
  if (action == BudgetAction::set) return "KEY and VALUE, any number of them";
  return words_of(action) == 0 ? "nothing else" : "SIZE";
}

bool are_as_wanted(const std::vector<std::string>& words, BudgetAction action) {
  if (action == BudgetAction::set) return !words.empty() && words.size() % 2 == 0;
  return words.size() == words_of(action);
}

Result<> check_keys(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto key = "budget." + words[i];
    if (std::ranges::find(core::config::keys(), key, &core::config::Key::name) ==
        core::config::keys().end()) {
      return core::fail(Errc::usage, fmt::format("there is no setting '{}'", core::printable(key)));
    }
  }
  return {};
}

Result<> check(const BudgetOptions& o) {
  const auto action = o.action.value_or(BudgetAction::show);
  const bool asks = action == BudgetAction::can_send || action == BudgetAction::reserve;
  const bool spends = action == BudgetAction::spend || action == BudgetAction::commit;
  if (!are_as_wanted(o.words, action)) {
    return core::fail(Errc::usage, fmt::format("budget {} wants {}", core::name_of(action),
                                               names_of_words(action)));
  }
  if (o.priority != core::netstate::Priority::normal && !asks) {
    return core::fail(Errc::usage, "--priority is for can-send and reserve");
  }
  if (o.summary && action != BudgetAction::can_send) {
    return core::fail(Errc::usage, "--summary is for can-send");
  }
  if (o.time_to_live && action != BudgetAction::reserve) {
    return core::fail(Errc::usage, "--ttl is for reserve");
  }
  if (o.time_to_live) TRY(more_than_nothing("--ttl", *o.time_to_live));
  if (action == BudgetAction::reset && !o.network.empty()) {
    return core::fail(Errc::usage, "--network: reset forgets what was spent on all networks");
  }
  if (action == BudgetAction::set) TRY(check_keys(o.words));
  if (action == BudgetAction::set && !o.network.empty()) {
    return core::fail(Errc::usage, "--network: limits are the same for all networks");
  }
  if (o.purpose && !spends) {
    return core::fail(Errc::usage, "--purpose is for spend and commit");
  }
  return {};
}

}  // namespace

core::cli::Declaration<BudgetOptions> budget_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {
      .doc =
          {.name = "budget",
           .summary = "Say how many bytes may be spent, and count them",
           .description =
               "Counts what all programs of this queue directory spend, for each network on its "
               "own: an interface with its gateway. The limits are the settings `budget.daily` and "
               "`budget.monthly`; `budget.reserve` of each is kept for what is critical. "
               "`set` writes them, `none` for no limit.\n\n"
               "`can-send` prints one word and the reason: `yes`; `summary`, when the whole does "
               "not fit and the size of `--summary` does; `later`, when a limit must begin anew "
               "first; `no`, when it is more than a limit. What is reserved counts as spent until "
               "it is committed, released, or its time is over.",
           .group = "Budget",
           .examples = {{"netwatch budget", "What is left, and on what did it go?"},
                        {"netwatch budget can-send 5MB && upload big.log", "In a script:"},
                        {"netwatch budget can-send 5MB --summary 10KB",
                         "All of it (exit 0), a summary (1), or nothing yet (75)?"},
                        {"netwatch budget reserve 5MB --ttl 5m", "Nobody else shall have it:"},
                        {"netwatch budget set daily 50MB monthly 1GB", "So much, and no more:"},
                        {"netwatch budget commit $id 4200KB",
                         "So much it was, of the reservation whose id was printed:"}},
           .exit_codes = core::cli::exit_codes(
               {{ExitCode::ok, "Done, or yes."},
                {ExitCode::no, "No: never, or only a summary."},
                {ExitCode::corrupt,
                 "What is shown is older: budget.json is damaged, as a warning says."},
                {ExitCode::not_found, "There is no such reservation."},
                {ExitCode::later, "Not now: a limit must begin anew first."},
                {ExitCode::config, {}}},
               {Does::writes}),
           .see_also = {"offkit-network(5)"}},
      .bind = bind,
      .program = {},
      .check = check};
}

}  // namespace netwatch
