// SPDX-License-Identifier: MIT
#include "tools/offq/run_curl.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libcore/net/ip_address.hpp"
#include "libcore/sys/foreground.hpp"
#include "tools/offq/curl_request.hpp"
#include "tools/offq/draft.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/offline.hpp"
#include "tools/offq/settings.hpp"
#include "tools/offq/submit.hpp"

namespace offq {
namespace {

// CURLE_COULDNT_RESOLVE_PROXY, _HOST, CURLE_COULDNT_CONNECT: nothing was sent.
constexpr std::array k_reached_nobody{5, 6, 7};
constexpr int k_signals = 128;

Result<core::sys::Ended> run_now(Context& context, const CurlOptions& options,
                                 const std::optional<std::string>& input) {
  TRY_ASSIGN(auto program, core::sys::find_program("curl", context.environment));
  return core::sys::run_in_foreground(
      {.program = std::move(program), .arguments = options.arguments, .input = input});
}

// As deliveries do, whatever the mode: what is on this machine needs no network.
std::optional<std::string> why_not_now(Context& context, const CurlRequest& request) {
  const bool is_here =
      request.objection.empty() && core::net::is_on_this_machine(*request.submit.url);
  return is_here ? std::nullopt : why_offline(context);
}

Result<ExitCode> queue_it(Context& context, const CurlRequest& request,
                          const core::config::Config& config,
                          const std::optional<std::string>& input, const std::string& why) {
  if (!request.objection.empty()) {
    return fail(Errc::later,
                fmt::format("offline: {}: {} cannot be queued", why, request.objection));
  }
  const auto limit = config.queue.max_payload;
  SubmitOptions submit = request.submit;
  TRY_ASSIGN(submit.url, curl_query(request, input, limit));
  TRY_ASSIGN(auto draft, make_draft(submit, config, context.clock.now()));
  const bool is_file = submit.upload_file && *submit.upload_file != "-";
  TRY_ASSIGN(Body body,
             is_file ? read_body(submit, limit, context) : curl_body(request, input, limit));
  TRY_ASSIGN(const auto entry,
             enqueue_draft(context, std::move(draft), std::move(body), submit.if_pending, config));
  context.say(fmt::format("offline: {}: queued as {}", why, entry.id.text()));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_curl(Context& context, const CurlOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  const CurlRequest request = read_curl_words(options.arguments);
  // It is wanted twice when curl reaches nobody.
  std::optional<std::string> input;
  if (request.reads_input) {
    TRY_ASSIGN(input, context.in.all(config.queue.max_payload));
  }
  auto why = why_not_now(context, request);
  if (!why) {
    TRY_ASSIGN(const auto ended, run_now(context, options, input));
    if (ended.signal != 0) return static_cast<ExitCode>(k_signals + ended.signal);
    const bool is_offline =
        std::ranges::find(k_reached_nobody, ended.status) != k_reached_nobody.end();
    if (!is_offline) return static_cast<ExitCode>(ended.status);
    why = fmt::format("curl ended with {}", ended.status);
  }
  return queue_it(context, request, config, input, *why);
}

}  // namespace offq
