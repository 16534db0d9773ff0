// SPDX-License-Identifier: MIT
#include "tools/offq/run_enqueue.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/enqueue.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/draft.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/ndjson.hpp"
#include "tools/offq/settings.hpp"
#include "tools/offq/submit.hpp"

namespace offq {
namespace {

using core::queue::Enqueued;

void print_entry(Context& context, const Enqueued& entry, PrintAs format) {
  if (format == PrintAs::id) {
    context.out.write(entry.id.text() + "\n");
    return;
  }
  core::cli::Record record;
  record.add("id", entry.id.text());
  record.add("kept", core::cli::Value{entry.how == Enqueued::How::kept});
  context.out.write(record.json() + "\n");
}

// Whoever never got the id must learn that from the exit code: the operation is queued.
Result<> finish_printing(Context& context, const std::string& what) {
  const auto flushed = context.out.flush();
  if (flushed && !context.out.is_closed()) return {};
  const std::string cause = flushed ? "nobody reads standard output" : flushed.error().message;
  return fail(Errc::io, fmt::format("print id: {} is queued, but: {}", what, cause));
}

Result<ExitCode> enqueue_one(Context& context, const EnqueueOptions& options,
                             const core::config::Config& config) {
  TRY_ASSIGN(const Enqueued entry, submit(context, options.submit, config));
  print_entry(context, entry, options.submit.print);
  TRY(finish_printing(context, entry.id.text()));
  return ExitCode::ok;
}

void print_entries(Context& context, const std::vector<Enqueued>& entries, PrintAs format) {
  for (const auto& entry : entries) {
    print_entry(context, entry, format);
    if (context.out.is_closed()) return;
  }
}

Result<ExitCode> enqueue_lines(Context& context, const EnqueueOptions& options,
                               const core::config::Config& config) {
  const SubmitOptions& submit = options.submit;
  const std::string path = submit.ndjson.value.value_or("-");
  core::sys::Fd fd;
  if (path != "-") {
    TRY_ASSIGN(fd, open_input_file(path));
  }
  core::cli::FdInput file(fd.get(), path);
  TRY_ASSIGN(const auto files,
             core::queue::open_directory(context.directory, core::queue::Create::yes, context.clock,
                                         context.random));
  TRY_ASSIGN(
      auto lines,
      DraftLines::open(context, fd.is_open() ? static_cast<core::cli::Input&>(file) : context.in,
                       submit, config, *files));
  core::queue::Enqueuer enqueuer(*files, context.clock, context.random, limits_of(config),
                                 submit.if_pending);
  // An interruption takes back what was written so far.
  core::sys::catch_interruptions();
  auto added = enqueuer.add_batch([&lines] { return lines.next(); });
  lines.tidy(added);
  TRY_ASSIGN(const auto entries, std::move(added));
  print_entries(context, entries, submit.print);
  if (!entries.empty()) {
    TRY(finish_printing(context, fmt::format("a batch of {} operations", entries.size())));
  }
  return lines.skipped() == 0 ? ExitCode::ok : ExitCode::corrupt;
}

}  // namespace

Result<ExitCode> run_enqueue(Context& context, const EnqueueOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  return options.submit.ndjson.given ? enqueue_lines(context, options, config)
                                     : enqueue_one(context, options, config);
}

}  // namespace offq
