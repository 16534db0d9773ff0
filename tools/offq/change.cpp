// SPDX-License-Identifier: MIT
#include "tools/offq/change.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "libcore/base/text.hpp"
#include "libcore/cli/record.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"

namespace offq {
namespace {

using core::queue::Entry;
using core::queue::Event;
using core::queue::Store;

constexpr std::size_t k_group = 256;

std::string_view state_after(const Event& event) {
  if (std::holds_alternative<core::queue::event::RetryRequested>(event)) return "pending";
  if (std::holds_alternative<core::queue::event::GivenUp>(event)) return "failed";
  return "deleted";
}

}  // namespace

void print_changed(Context& context, const core::OperationId& id, Format format,
                   std::string_view state) {
  if (format == Format::json) {
    context.out.write(core::cli::Record().add("id", id.text()).add("state", state).json() + "\n");
  } else {
    context.out.write(id.text() + "\n");
  }
}

Result<ExitCode> change(Context& context, Store& store, const Picked& picked, const Event& event,
                        Format format) {
  ExitCode code = picked.code;
  for (std::size_t at = 0; at < picked.entries.size(); at += k_group) {
    const auto first = picked.entries.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(k_group, picked.entries.size() - at);
    const std::vector<Entry> group(first, first + static_cast<std::ptrdiff_t>(count));
    TRY_ASSIGN(const auto applied, store.apply(group, event));
    for (const auto& id : applied.done)
      print_changed(context, id, format, state_after(event));
    for (const auto& [id, error] : applied.refused) {
      context.complain({.code = error.code, .message = id.text() + ": " + error.message});
      if (code == ExitCode::ok) code = ExitCode::no;
    }
  }
  return code;
}

Result<bool> is_confirmed(Context& context, Confirm confirm, const std::string& question) {
  if (confirm == Confirm::yes) return true;
  if (!context.terminal.in_is_terminal || !context.terminal.err_is_terminal) {
    return fail(Errc::usage, "not confirmed: there is no terminal to ask on: say --yes");
  }
  context.err.print("{} [y/N] ", question);
  TRY(context.err.flush());
  TRY_ASSIGN(const auto line, context.in.line());
  const std::string answer = line ? core::to_lower(core::trim(*line)) : "";
  return answer == "y" || answer == "yes";
}

}  // namespace offq
