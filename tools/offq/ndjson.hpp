// SPDX-License-Identifier: MIT
#pragma once

// A stream of lines, one operation each. With a URL or a type on the command line a line is the
// payload of that request; otherwise it is an operation of its own (codec/envelope_draft.hpp).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/cli/context.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/config/config.hpp"
#include "libcore/queue/blobs.hpp"
#include "libcore/queue/enqueue.hpp"
#include "libcore/sys/files.hpp"
#include "tools/offq/submit_options.hpp"

namespace offq {

// Gives one draft after the other, in constant memory; bodies above k_inline_limit become blobs.
class DraftLines {
 public:
  // Borrows everything. Errors: what make_draft says about the options; usage for options that
  // would describe lines which describe themselves.
  static core::Result<DraftLines> open(core::cli::Context& context, core::cli::Input& input,
                                       const SubmitOptions& options,
                                       const core::config::Config& config, core::sys::Files& files);

  // nullopt at the end. Errors: corrupt, for a bad line, with its number; not with --skip-bad,
  // where bad lines are reported on stderr, counted, and left out.
  core::Result<std::optional<core::codec::Envelope>> next();

  // What became of the drafts, in order: removes the bodies of those that were refused or kept.
  void tidy(const core::Result<std::vector<core::queue::Enqueued>>& entries);

  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

 private:
  DraftLines(core::cli::Context& context, core::cli::Input& input, BadLines bad_lines,
             const core::config::Config& config, core::sys::Files& files)
      : context_(context),
        input_(input),
        bad_lines_(bad_lines),
        config_(config),
        blobs_(files, context.clock, context.random) {}

  core::Result<core::codec::Envelope> draft_of(std::string_view line);
  core::Result<> check(const core::codec::Envelope& draft);
  core::Result<> place_payload(core::codec::Envelope& draft);

  core::cli::Context& context_;
  core::cli::Input& input_;
  BadLines bad_lines_;
  const core::config::Config& config_;
  core::queue::NewBlobs blobs_;
  std::vector<std::pair<std::size_t, std::string>> bodies_;  // draft, digest
  std::size_t drafts_ = 0;                                   // that were given
  std::optional<core::codec::Envelope> pattern_;             // of payload lines
  std::uint64_t number_ = 0;
  std::uint64_t skipped_ = 0;
  // The destination that was checked last: most lines have the same.
  std::string checked_type_;
  std::string checked_url_;
};

}  // namespace offq
