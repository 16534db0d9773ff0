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
#include "tools/offq/policy_run.hpp"
#include "tools/offq/settings.hpp"
#include "tools/offq/submit.hpp"

namespace offq {
namespace {

// CURLE_COULDNT_RESOLVE_PROXY, _HOST, CURLE_COULDNT_CONNECT: nothing was sent.
constexpr std::array k_reached_nobody{5, 6, 7};

// A request is queued also where there is no curl.
Result<Job> job_of(Context& context, const CurlOptions& options,
                   const std::optional<std::string>& input,
                   const std::optional<std::string>& offline) {
  Job job{.program = {}, .arguments = options.arguments, .input = input};
  auto program = core::sys::find_program("curl", context.environment);
  if (!program && !offline) return tl::unexpected<core::Error>(std::move(program).error());
  job.program = std::move(program).value_or("curl");
  if (options.offline.policy == OfflinePolicy::local_fallback) {
    TRY_ASSIGN(job.directory, core::sys::current_directory());
  }
  return job;
}

std::optional<std::string> why_not_now(int status) {
  if (std::ranges::find(k_reached_nobody, status) == k_reached_nobody.end()) return std::nullopt;
  return fmt::format("curl ended with {}", status);
}

// As deliveries do, whatever the mode: what is on this machine needs no network.
std::optional<std::string> why_not_at_all(Context& context, const CurlRequest& request) {
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
  auto offline = why_not_at_all(context, request);
  TRY_ASSIGN(auto job, job_of(context, options, input, offline));
  return run_by_policy(context, {.job = std::move(job),
                                 .options = options.offline,
                                 .offline = std::move(offline),
                                 .could_not = why_not_now,
                                 .queue_it = [&](const std::string& why) {
                                   return queue_it(context, request, config, input, why);
                                 }});
}

}  // namespace offq
