// SPDX-License-Identifier: MIT
#include "tools/offq/run_verify.hpp"

#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/verify.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"

namespace offq {
namespace {

using core::OperationId;
using core::cli::Record;
using core::cli::Style;
using core::queue::Account;
using core::queue::Gap;
using core::queue::Repeat;

// An id with the time that is in it.
std::string text_of(const OperationId& id) {
  return fmt::format("{} ({})", id.text(), core::format_second(id.stem.time()));
}

std::string place_of(const Gap& gap) {
  if (gap.after && gap.before) {
    return fmt::format("between {} and {}", text_of(*gap.after), text_of(*gap.before));
  }
  if (gap.after) return "after " + text_of(*gap.after);
  if (gap.before) return "before " + text_of(*gap.before);
  return "among operations that are gone";
}

std::string text_of(const Gap& gap) {
  const auto& [series, first, last] = gap.numbers;
  return fmt::format(
      "gap: {}-{}{}: {}: no operation, no receipt: an enqueue that never printed, a removal by "
      "hand, or a loss",
      series, first, first == last ? "" : fmt::format("..{}", last), place_of(gap));
}

std::string text_of(const Repeat& repeat) {
  std::string ids;
  for (const auto& id : repeat.ids)
    ids += (ids.empty() ? "" : ", ") + id.text();
  return fmt::format("given twice: {}: {}", repeat.serial.text(), ids);
}

void print_text(Context& context, const Account& account) {
  const auto row = [&context](std::string_view what, std::uint64_t count, std::string_view remark) {
    context.out.write(
        fmt::format("{:<10} {:>9}{}{}\n", what, count, remark.empty() ? "" : "  ", remark));
  };
  const auto extra = [&row](std::string_view what, std::uint64_t count, std::string_view remark) {
    if (count > 0) row(what, count, remark);
  };
  row("pending", account.pending, "");
  row("synced", account.synced, "");
  row("failed", account.failed, "");
  extra("deleted", account.deleted, "on request");
  extra("removed", account.removed, "pruned, or settled and then removed by hand");
  extra("unprinted", account.unprinted, "an enqueue that failed, or was killed");
  extra("writing", account.writing, "being enqueued just now");
  extra("accepted", account.accepted, "known to be missing");
  extra("unnumbered", account.unnumbered, "of the above: by hand, or from an earlier version");
  extra("damaged", account.damaged,
        account.damaged_unnumbered == 0
            ? std::string("of the above: see `offq fsck`")
            : fmt::format("of the above, {} without a number that can be read: see `offq fsck`",
                          account.damaged_unnumbered));
  for (const auto& repeat : account.repeats)
    context.out.write(text_of(repeat) + "\n");
  for (const auto& gap : account.gaps) {
    context.out.write(core::cli::styled(text_of(gap), Style::red, context.out_color) + "\n");
  }
}

void print_verdict(Context& context, const Account& account) {
  std::uint64_t missing = 0;
  for (const auto& gap : account.gaps)
    missing += gap.numbers.count();
  const std::string given =
      fmt::format("{} {} given out in {} series", account.given,
                  account.given == 1 ? "number was" : "numbers were", account.series);
  if (account.is_complete()) {
    context.out.print("complete: {}, and every one is accounted for\n", given);
    return;
  }
  std::string text = "incomplete: " + given;
  if (missing > 0) {
    text += fmt::format(", {} of them in {} {} unaccounted for", missing, account.gaps.size(),
                        account.gaps.size() == 1 ? "gap is" : "gaps are");
  }
  if (!account.repeats.empty()) text += fmt::format(", {} given twice", account.repeats.size());
  context.out.write(text + "\n");
}

void print_json(Context& context, const Account& account) {
  for (const auto& gap : account.gaps) {
    Record record;
    record.add("series", gap.numbers.series).add("first", gap.numbers.first);
    record.add("last", gap.numbers.last);
    if (gap.after) record.add("after", gap.after->text());
    if (gap.before) record.add("before", gap.before->text());
    context.out.write(record.json() + "\n");
  }
  for (const auto& repeat : account.repeats) {
    std::string ids;
    for (const auto& id : repeat.ids)
      ids += (ids.empty() ? "" : ",") + core::codec::quote_json(id.text());
    Record record;
    record.add("repeated", repeat.serial.text());
    record.add("ids", core::cli::Value{core::cli::RawJson{"[" + ids + "]"}});
    context.out.write(record.json() + "\n");
  }
  Record record;
  record.add("verdict", account.is_complete() ? "complete" : "incomplete");
  record.add("series_count", account.series).add("given", account.given);
  record.add("pending", account.pending).add("synced", account.synced);
  record.add("failed", account.failed).add("deleted", account.deleted);
  record.add("removed", account.removed).add("unprinted", account.unprinted);
  record.add("writing", account.writing).add("accepted", account.accepted);
  record.add("unnumbered", account.unnumbered).add("damaged", account.damaged);
  record.add("damaged_unnumbered", account.damaged_unnumbered);
  record.add("gaps", account.gaps.size()).add("repeats", account.repeats.size());
  context.out.write(record.json() + "\n");
}

}  // namespace

Result<ExitCode> run_verify(Context& context, const VerifyOptions& options) {
  TRY_ASSIGN(auto store, open_to_change(context));
  TRY_ASSIGN(const Account account, core::queue::verify(store.files(), store.index()));
  if (options.format == Format::json) {
    print_json(context, account);
  } else {
    print_text(context, account);
    print_verdict(context, account);
  }
  if (account.is_complete()) return ExitCode::ok;
  if (options.accept == AcceptGaps::no) return ExitCode::corrupt;
  TRY(core::queue::accept(store.files(), account.gaps, context.clock.now()));
  context.note(fmt::format("accepted {} gaps", account.gaps.size()));
  return account.repeats.empty() ? ExitCode::ok : ExitCode::corrupt;
}

}  // namespace offq
