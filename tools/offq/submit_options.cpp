// SPDX-License-Identifier: MIT
#include "tools/offq/submit_options.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::cli::Binder;
using core::cli::Complete;

constexpr const char* k_one_body = "an operation has one body, and several are not joined";

void bind_request(Binder& b, SubmitOptions& o) {
  b.operand("URL",
            "Where to send the request: absolute, or relative to the endpoint of the type. May be "
            "left out when the type's route says it all.",
            o.url);
  b.option("-X,--method", "METHOD", "HTTP method; POST when there is a body, else GET.", o.method,
           {.choices = {"GET", "POST", "PUT", "PATCH", "DELETE"}});
  b.option("-H,--header", "HEADER",
           "Add the header HEADER, as `NAME: VALUE`. `${env:NAME}` and `${file:PATH}` in it are "
           "filled in when the request is "
           "sent and never stored.",
           o.headers);
  b.option("-d,--data", "DATA",
           "JSON body. `@FILE` reads it from FILE and `-` from standard input, and both leave out "
           "newlines as curl does. Given twice it is an error: nothing is joined with `&`.",
           o.data, {.complete = Complete::file, .once = k_one_body});
  b.option("--json", "DATA",
           "JSON body, byte for byte. Sets Content-Type and Accept to application/json. `@FILE` "
           "and `-` as above.",
           o.json, {.complete = Complete::file, .once = k_one_body});
  b.option("--data-binary", "DATA",
           "Any body, byte for byte, of application/octet-stream or what the ending of FILE says. "
           "`@FILE` and `-` as above.",
           o.data_binary, {.complete = Complete::file, .once = k_one_body});
  b.option("-T,--upload-file", "FILE", "Send FILE as the body; the method is PUT if not given.",
           o.upload_file, {.complete = Complete::file, .once = k_one_body});
  b.option("--ndjson", "FILE",
           "Queue one operation for each line of FILE, or of standard input when FILE is left out "
           "or `-`. Nothing is queued unless every line is good.",
           o.ndjson, {.complete = Complete::file});
  b.flag("--skip-bad",
         "With `--ndjson`: report bad lines, queue the others, and "
         "exit with 65 when there was a bad one.",
         o.bad_lines);
}

void bind_scheduling(Binder& b, SubmitOptions& o) {
  b.option("--type", "TYPE", "Routing key of the configuration; api_call if not given.", o.type);
  b.option("--action", "ACTION", "Verb by which the type's route chooses method and path.",
           o.action, {.choices = {"add", "update", "delete"}});
  b.option("--priority", "N", "Higher goes first.", o.priority);
  b.flag("--critical", "Goes before others, as far as `order.critical` of the configuration says.",
         o.critical);
  b.option("--lane", "NAME", "Operations of one lane are delivered strictly in order.", o.lane);
  b.option("--after", "ID", "Send only after the operation ID was delivered.", o.after,
           {.complete = Complete::operation_id});
  b.option("--after-failure", "ACTION", "What to do when an `--after` fails: fail too, or wait.",
           o.after_failure);
  b.option("--not-before", "WHEN",
           "Do not send before WHEN: 2026-11-21T02:25:00Z, or +30m, 2h, 7d from now.",
           o.not_before);
  b.option("--expires-at", "WHEN", "Give up at WHEN, in the same notation.", o.expires_at);
  b.option("--max-attempts", "N",
           "Give up after N attempts that reached the server; being offline is no attempt. The "
           "configuration says 4 unless changed.",
           o.max_attempts);
  b.option("--key", "KEY", "At most one pending operation of this type has KEY.", o.key);
  b.option("--if-pending", "ACTION",
           "When KEY is pending already: `keep` that one, `replace` it, or fail with `error`.",
           o.if_pending);
}

void bind_outcome(Binder& b, SubmitOptions& o) {
  b.option("--if-match", "ETAG", "Deliver only if the server still has this version.", o.if_match);
  b.option("--expect-status", "CODES", "Statuses that count as delivered, as 200,201 or 2xx.",
           o.expect_status);
  b.option("--expect-header", "HEADER",
           "The answer must have HEADER, as `NAME: VALUE`, to count as delivered.",
           o.expect_headers);
  b.option("--expect-json", "/POINTER=VALUE",
           "The answer must be JSON with VALUE at POINTER to count as delivered.", o.expect_json);
  b.option("--meta", "JSON", "A JSON object that is kept and shown, never interpreted.", o.meta);
}

Result<> check_ndjson(const SubmitOptions& o) {
  const std::string file = o.ndjson.value.value_or("-");
  if (!o.url && (file.starts_with("http://") || file.starts_with("https://"))) {
    const std::string url = core::printable(file, 200);
    return fail(Errc::usage, fmt::format("invalid value: --ndjson: '{0}' is no file: "
                                         "offq enqueue {0} --ndjson [FILE]",
                                         url));
  }
  if (o.bad_lines == BadLines::skip && !o.ndjson.given) {
    return fail(Errc::usage, "option needs another: --skip-bad needs --ndjson");
  }
  if (o.ndjson.given && o.key) {
    return fail(Errc::usage, "options exclude each other: --key and --ndjson");
  }
  return {};
}

}  // namespace

void bind_submit(Binder& binder, SubmitOptions& options) {
  bind_request(binder, options);
  bind_scheduling(binder, options);
  bind_outcome(binder, options);
}

Result<> check_submit(const SubmitOptions& o) {
  TRY(check_ndjson(o));
  const std::initializer_list<std::pair<const char*, bool>> bodies{
      {"--data", o.data.has_value()},
      {"--json", o.json.has_value()},
      {"--data-binary", o.data_binary.has_value()},
      {"--upload-file", o.upload_file.has_value()},
      {"--ndjson", o.ndjson.given}};
  const char* first = nullptr;
  for (const auto& [name, given] : bodies) {
    if (!given) continue;
    if (first != nullptr) {
      return fail(Errc::usage, fmt::format("options exclude each other: {} and {}", first, name));
    }
    first = name;
  }
  if (!o.url && !o.type && !o.ndjson.given) {
    return fail(Errc::usage, "missing operand: URL (or say --type, if its route has one)");
  }
  if (o.max_attempts && *o.max_attempts < 1) {
    return fail(Errc::usage, "invalid value: --max-attempts: must be at least 1");
  }
  return {};
}

}  // namespace offq
