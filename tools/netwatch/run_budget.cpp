// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_budget.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/cli/layout.hpp"
#include "libcore/config/load.hpp"
#include "tools/netwatch/budget_report.hpp"
#include "tools/netwatch/config_file.hpp"
#include "tools/netwatch/open_budget.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Answer;
using netstate::Permission;

constexpr core::Duration k_time_to_live = std::chrono::minutes{10};

ExitCode code_of(Answer answer) {
  switch (answer) {
    case Answer::yes:
      return ExitCode::ok;
    case Answer::summary:
    case Answer::never:
      return ExitCode::no;
    case Answer::later:
      break;
  }
  return ExitCode::later;
}

Result<ExitCode> show(Context& context, const OpenBudget& open, const BudgetOptions& options) {
  TRY_ASSIGN(const auto account, open.budget->account());
  if (options.format == Format::json) {
    context.out.write(budget_json(context, open, account) + "\n");
  } else {
    show_budget(context, open, account);
  }
  return open.budget->is_damaged() ? ExitCode::corrupt : ExitCode::ok;
}

Result<ExitCode> can_send(Context& context, const OpenBudget& open, const BudgetOptions& options) {
  TRY_ASSIGN(const auto size, size_of(options.words[0]));
  TRY_ASSIGN(const auto permission,
             open.budget->can_send(open.network, size, options.priority, options.summary));
  if (options.format == Format::json) {
    context.out.write(record_of(permission, options.priority, *open.calendar).json() + "\n");
  } else {
    const auto text =
        sentence(permission, size, options.priority, *open.calendar, context.clock.now());
    const auto indent = text.find(' ') + 2;
    context.out.print(
        "{}{}\n", text.substr(0, indent),
        core::cli::hanging(text.substr(indent), indent, core::cli::result_page(context)));
  }
  return code_of(permission.answer);
}

Result<ExitCode> reserve(Context& context, const OpenBudget& open, const BudgetOptions& options) {
  TRY_ASSIGN(const auto size, size_of(options.words[0]));
  TRY_ASSIGN(const auto reserved,
             open.budget->reserve(open.network, size, options.priority,
                                  options.time_to_live.value_or(k_time_to_live)));
  if (!reserved.reservation) {
    context.complain({.code = Errc::later,
                      .message = "budget: " + sentence(reserved.permission, size, options.priority,
                                                       *open.calendar, context.clock.now())});
    return code_of(reserved.permission.answer);
  }
  context.out.write((options.format == Format::json ? record_of(*reserved.reservation).json()
                                                    : reserved.reservation->id) +
                    "\n");
  return ExitCode::ok;
}

Result<ExitCode> settle_reservation(Context& context, const OpenBudget& open,
                                    const BudgetOptions& options) {
  ByteCount spent{0};
  if (options.action == BudgetAction::commit) {
    TRY_ASSIGN(spent, size_of(options.words[1]));
  }
  TRY_ASSIGN(const auto reservation,
             open.budget->commit(options.words[0], spent,
                                 options.purpose.value_or(netstate::Purpose::other)));
  if (!reservation.holds(context.clock.now())) {
    context.warn(fmt::format("{}: its time was over: others may have had it", reservation.id));
  }
  if (options.format == Format::json) context.out.write(record_of(reservation).json() + "\n");
  return ExitCode::ok;
}

Result<ExitCode> perform(Context& context, const OpenBudget& open, const BudgetOptions& options) {
  switch (options.action.value_or(BudgetAction::show)) {
    case BudgetAction::show:
      return show(context, open, options);
    case BudgetAction::can_send:
      return can_send(context, open, options);
    case BudgetAction::reserve:
      return reserve(context, open, options);
    case BudgetAction::commit:
    case BudgetAction::release:
      return settle_reservation(context, open, options);
    case BudgetAction::spend: {
      TRY_ASSIGN(const auto size, size_of(options.words[0]));
      TRY(open.budget->spend(open.network, size,
                             options.purpose.value_or(netstate::Purpose::other)));
      return ExitCode::ok;
    }
    case BudgetAction::set:  // there is nothing of the account in it
      return ExitCode::ok;
    case BudgetAction::reset:
      TRY(open.budget->reset());
      return ExitCode::ok;
  }
  return ExitCode::ok;
}

Result<ExitCode> set(Context& context, const BudgetOptions& options) {
  core::config::Settings settings;
  for (std::size_t i = 0; i < options.words.size(); i += 2)
    settings.emplace_back(options.words[i], options.words[i + 1]);
  TRY_ASSIGN(const auto place, queue_config(context));
  TRY_ASSIGN(const auto text, core::config::read_config_file(place.path));
  TRY_ASSIGN(const auto block, core::config::budget_block(text.value_or(""), settings, place.path));
  TRY(write_block(context, place.path, block));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_budget(Context& context, const BudgetOptions& options) {
  if (options.action == BudgetAction::set) return set(context, options);
  TRY_ASSIGN(const auto open, open_budget(context, options.network));
  auto code = perform(context, open, options);
  open.tell_remarks(context);
  return code;
}

}  // namespace netwatch
