// SPDX-License-Identifier: MIT
#include "tools/offq/run_fsck.hpp"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/fsck.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"

namespace offq {
namespace {

using core::cli::Style;
using core::queue::Checkup;
using core::queue::Finding;
using core::queue::Severity;
using core::queue::Store;

constexpr std::size_t k_longest_text = 1000;

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return Style::dim;
    case Severity::warning:
      return Style::yellow;
    case Severity::damage:
      return Style::red;
  }
  return Style::plain;
}

void print(Context& context, const Finding& finding, Format format) {
  if (format == Format::json) {
    core::cli::Record record;
    record.add("severity", core::name_of(finding.severity)).add("path", finding.path);
    record.add("what", finding.what);
    if (!finding.remedy.empty()) record.add("repair", finding.remedy);
    context.out.write(record.json() + "\n");
    return;
  }
  std::string line = core::cli::styled(fmt::format("{:<8}", core::name_of(finding.severity)),
                                       style_of(finding.severity), context.out_color) +
                     core::printable(finding.path, k_longest_text) + ": " +
                     core::printable(finding.what, k_longest_text);
  if (!finding.remedy.empty()) line += " (repair: " + finding.remedy + ")";
  context.out.write(line + "\n");
}

void print(Context& context, const Checkup& checkup, Format format) {
  for (const auto& finding : checkup.findings)
    print(context, finding, format);
}

std::string_view verdict(ExitCode code) {
  if (code == ExitCode::ok) return "clean";
  return code == ExitCode::no ? "repaired" : "damaged";
}

bool is_damaged(const Checkup& checkup) {
  return !checkup.is_healthy() || !checkup.lost.empty();
}

void print_summary(Context& context, const Checkup& checkup, ExitCode code, Format format) {
  if (format == Format::json) {
    std::string lost;
    for (const auto& id : checkup.lost)
      lost += (lost.empty() ? "" : ",") + core::codec::quote_json(id);
    core::cli::Record record;
    record.add("verdict", verdict(code)).add("files", checkup.files);
    record.add("operations", checkup.operations).add("receipts", checkup.receipts);
    record.add("blobs", checkup.blobs);
    record.add("lost", core::cli::Value{core::cli::RawJson{"[" + lost + "]"}});
    context.out.write(record.json() + "\n");
    return;
  }
  context.out.print("{} (operations {}, files {}, receipts {}, bodies {})\n", verdict(code),
                    checkup.operations, checkup.files, checkup.receipts, checkup.blobs);
  if (checkup.lost.empty()) {
    context.out.write("nothing is lost\n");
    return;
  }
  for (const auto& id : checkup.lost)
    context.out.print("lost: {}\n", id);
}

// A sync that runs would see the index go away under it.
Result<Checkup> repair(Context& context, Store& store) {
  TRY_ASSIGN(const auto lock, lock_out_syncs(store));
  TRY(store.rebuild_index());
  TRY(core::queue::repair(store.files(), store.index(), context.clock));
  return core::queue::check(store.files(), store.index(), context.clock,
                            [&store] { return store.refresh(); });
}

}  // namespace

Result<ExitCode> run_fsck(Context& context, const FsckOptions& options) {
  TRY_ASSIGN(Store store, open_to_change(context));
  // Opening the queue recovers it, and so does looking again: what that moved to failed/ was found
  // here as well. A notice alone is no repair: of a queue that cannot be written nothing was
  // mended.
  bool mended = store.recovered().is_trouble() || store.has_mended_index();
  const auto look_again = [&store, &mended]() -> Result<> {
    TRY(store.refresh());
    mended |= store.recovered().is_trouble();
    return {};
  };
  TRY_ASSIGN(const Checkup found,
             core::queue::check(store.files(), store.index(), context.clock, look_again));
  print(context, found, options.format);
  if (options.repair == Repair::no) {
    const ExitCode code = is_damaged(found) ? ExitCode::corrupt
                          : mended          ? ExitCode::no
                                            : ExitCode::ok;
    print_summary(context, found, code, options.format);
    return code;
  }
  TRY_ASSIGN(const Checkup left, repair(context, store));
  ExitCode code = found.is_healthy() && !mended ? ExitCode::ok : ExitCode::no;
  if (is_damaged(left)) {
    code = ExitCode::corrupt;
    for (const auto& finding : left.findings) {
      if (finding.severity == Severity::info) continue;
      context.complain(
          {.code = Errc::corrupt, .message = "still: " + finding.path + ": " + finding.what});
    }
  }
  print_summary(context, left, code, options.format);
  return code;
}

}  // namespace offq
