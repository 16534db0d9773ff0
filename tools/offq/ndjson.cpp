// SPDX-License-Identifier: MIT
#include "tools/offq/ndjson.hpp"

#include <initializer_list>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope_draft.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/delivery/expect.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/draft.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::codec::Envelope;
using core::queue::Enqueued;

// What an operation may have besides its payload.
constexpr std::uint64_t k_line_overhead = 64UL * 1024;

// Lines that describe themselves take no description from the command line.
Result<> refuse_description(const SubmitOptions& o) {
  const std::initializer_list<std::pair<const char*, bool>> options{
      {"--method", o.method.has_value()},
      {"--header", !o.headers.empty()},
      {"--action", o.action.has_value()},
      {"--priority", o.priority != 0},
      {"--critical", o.critical == Critical::yes},
      {"--lane", o.lane.has_value()},
      {"--after", !o.after.empty()},
      {"--not-before", o.not_before.has_value()},
      {"--expires-at", o.expires_at.has_value()},
      {"--max-attempts", o.max_attempts.has_value()},
      {"--if-match", o.if_match.has_value()},
      {"--expect-status", o.expect_status.has_value()},
      {"--expect-header", !o.expect_headers.empty()},
      {"--expect-json", !o.expect_json.empty()},
      {"--meta", o.meta.has_value()}};
  for (const auto& [name, given] : options) {
    if (given) {
      return fail(Errc::usage,
                  fmt::format("option needs another: {} with --ndjson needs a URL or --type: "
                              "lines without them are operations of their own",
                              name));
    }
  }
  return {};
}

// The position that check_json reports is within the line.
core::Error at_line(std::uint64_t number, core::Error error) {
  constexpr std::string_view k_only_line = "line 1, ";
  const auto text = std::string_view(error.message);
  error.message = text.starts_with(k_only_line)
                      ? fmt::format("line {}, {}", number, text.substr(k_only_line.size()))
                      : fmt::format("line {}: {}", number, text);
  return error;
}

bool is_about_the_line(const core::Error& error) {
  return error.code == Errc::corrupt || error.code == Errc::usage || error.code == Errc::config;
}

}  // namespace

Result<DraftLines> DraftLines::open(Context& context, core::cli::Input& input,
                                    const SubmitOptions& options,
                                    const core::config::Config& config, core::sys::Files& files) {
  DraftLines lines(context, input, options.bad_lines, config, files);
  if (options.url || options.type) {
    TRY_ASSIGN(lines.pattern_, make_draft(options, config, context.clock.now()));
  } else {
    TRY(refuse_description(options));
  }
  return lines;
}

Result<> DraftLines::check(const Envelope& draft) {
  const std::string_view url = draft.request ? draft.request->url : std::string_view{};
  if (draft.type != checked_type_ || url != checked_url_) {
    TRY(check_destination(draft, config_));
    checked_type_ = draft.type;
    checked_url_ = url;
  }
  TRY(check_action(draft, config_));
  if (draft.expires_at && *draft.expires_at <= context_.clock.now()) {
    return fail(Errc::corrupt, "expires_at: it has passed");
  }
  if (draft.expect) TRY(core::delivery::parse_expect(*draft.expect));
  return {};
}

Result<> DraftLines::place_payload(Envelope& draft) {
  if (!draft.payload) return {};
  const auto limit = config_.queue.max_payload;
  if (draft.payload->size() > limit.value) {
    return fail(Errc::corrupt,
                fmt::format("payload: {} is more than {} (queue.max_payload)",
                            core::format_size({draft.payload->size()}), core::format_size(limit)));
  }
  if (draft.payload->size() <= k_inline_limit.value) return {};
  TRY_ASSIGN(draft.blob, blobs_.store(*draft.payload));
  draft.blob->media_type = "application/json";
  draft.payload.reset();
  return {};
}

Result<Envelope> DraftLines::draft_of(std::string_view line) {
  if (!pattern_) {
    TRY_ASSIGN(Envelope draft, core::codec::parse_draft(line));
    TRY(check(draft));
    TRY(place_payload(draft));
    return draft;
  }
  TRY(core::codec::check_json(line));
  Envelope draft = *pattern_;
  draft.payload = std::string(core::trim(line));
  TRY(place_payload(draft));
  return draft;
}

Result<std::optional<Envelope>> DraftLines::next() {
  while (true) {
    ++number_;
    auto read = input_.line({config_.queue.max_payload.value + k_line_overhead});
    if (!read) return tl::unexpected<core::Error>(at_line(number_, std::move(read).error()));
    if (!*read) return std::nullopt;
    const std::string_view line = **read;
    if (core::trim(line).empty()) continue;
    auto draft = draft_of(line);
    if (draft) {
      if (draft->blob) bodies_.emplace_back(drafts_, draft->blob->sha256);
      ++drafts_;
      return *std::move(draft);
    }
    if (!is_about_the_line(draft.error())) {
      return tl::unexpected<core::Error>(std::move(draft).error());
    }
    core::Error error = at_line(number_, std::move(draft).error());
    // Whatever is wrong with a line is wrong with the input.
    error.code = Errc::corrupt;
    if (bad_lines_ == BadLines::stop) return tl::unexpected<core::Error>(std::move(error));
    error.message += " (skipped)";
    context_.complain(error);
    ++skipped_;
  }
}

void DraftLines::tidy(const Result<std::vector<Enqueued>>& entries) {
  std::set<std::string> named;
  for (const auto& [draft, digest] : bodies_) {
    if (entries && (*entries)[draft].how == Enqueued::How::added) named.insert(digest);
  }
  [[maybe_unused]] const auto tidied = blobs_.take_back(named);
}

}  // namespace offq
