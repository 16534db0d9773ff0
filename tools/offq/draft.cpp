// SPDX-License-Identifier: MIT
#include "tools/offq/draft.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/delivery/expect.hpp"
#include "libcore/net/url.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

// For messages: without the user name and password that somebody may have put into it.
std::string shown_url(std::string_view url) {
  const auto scheme = url.find("://");
  const auto start = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto at = url.substr(0, url.find_first_of("/?#", start)).rfind('@');
  if (at == std::string_view::npos || at < start) return core::printable(url);
  return core::printable(url.substr(0, start)) + "…" + core::printable(url.substr(at));
}

using core::codec::Envelope;
using core::codec::Request;
using core::config::Config;
using core::config::TypeRoute;

constexpr std::string_view k_json = "application/json";

const TypeRoute* find_route(const Config& config, const std::string& type) {
  const auto found = config.types.find(type);
  return found == config.types.end() ? nullptr : &found->second;
}

tl::unexpected<core::Error> invalid(std::string_view option, core::Error error) {
  return core::wrap(fmt::format("invalid value: {}", option), std::move(error));
}

Result<std::string> take_word(std::string_view option, const std::optional<std::string>& word) {
  if (!word) return std::string{};
  if (word->empty()) {
    return fail(Errc::usage, fmt::format("invalid value: {}: it is empty", option));
  }
  if (auto checked = core::codec::check_word(*word); !checked) {
    return invalid(option, std::move(checked).error());
  }
  return *word;
}

Result<std::optional<core::Time>> take_time(std::string_view option,
                                            const std::optional<std::string>& text,
                                            core::Time now) {
  if (!text) return std::nullopt;
  auto time = core::parse_when(*text, now);
  if (!time) return invalid(option, std::move(time).error());
  return *time;
}

Result<> add_scheduling(const SubmitOptions& options, core::Time now, Envelope& draft) {
  draft.priority = options.priority;
  draft.critical = options.critical == Critical::yes;
  draft.max_attempts = options.max_attempts;
  draft.after_failure = options.after_failure;
  TRY_ASSIGN(draft.lane, take_word("--lane", options.lane));
  TRY_ASSIGN(draft.key, take_word("--key", options.key));
  TRY_ASSIGN(draft.not_before, take_time("--not-before", options.not_before, now));
  TRY_ASSIGN(draft.expires_at, take_time("--expires-at", options.expires_at, now));
  if (draft.expires_at && *draft.expires_at <= now) {
    return fail(Errc::usage, fmt::format("invalid value: --expires-at: '{}' has passed",
                                         core::printable(*options.expires_at, 60)));
  }
  for (const auto& text : options.after) {
    const auto id = core::OperationId::parse(core::to_upper(text));
    if (!id) {
      return fail(Errc::usage, fmt::format("invalid value: --after: not the full id of an "
                                           "operation: '{}'",
                                           core::printable(text, 60)));
    }
    draft.after.push_back(*id);
  }
  return {};
}

Result<> add_outcome(const SubmitOptions& options, Envelope& draft) {
  TRY_ASSIGN(draft.if_match, take_word("--if-match", options.if_match));
  if (options.expect_status || !options.expect_headers.empty() || !options.expect_json.empty()) {
    std::vector<std::string> statuses;
    if (options.expect_status) statuses.push_back(*options.expect_status);
    TRY_ASSIGN(draft.expect,
               core::delivery::expect_json(statuses, options.expect_headers, options.expect_json));
  }
  if (options.meta) {
    const auto kind = core::codec::check_json(*options.meta);
    if (!kind) return core::wrap("--meta: malformed JSON", kind.error());
    if (*kind != core::codec::JsonKind::object) {
      return fail(Errc::corrupt, "--meta: not a JSON object");
    }
    draft.meta = std::string(core::trim(*options.meta));
  }
  return {};
}

bool has_header(const Request& request, std::string_view name) {
  return std::ranges::any_of(request.headers, [name](const core::codec::Header& header) {
    return core::equals_ignoring_case(header.first, name);
  });
}

// What curl would send, unless the type's route says it.
std::string default_method(BodyKind kind, const TypeRoute* route) {
  if (route != nullptr && (!route->method.empty() || !route->methods.empty())) return {};
  switch (kind) {
    case BodyKind::none:
      return route != nullptr ? "" : "GET";
    case BodyKind::upload:
      return "PUT";
    case BodyKind::data:
    case BodyKind::json:
    case BodyKind::binary:
      return "POST";
  }
  return {};
}

std::string escape_segment(std::string_view name) {
  constexpr std::string_view k_marks = "-._~";
  std::string text;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       k_marks.find(c) != std::string_view::npos;
    if (plain) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

// Like curl: a URL that ends in a slash gets the name of the file.
std::string complete_upload_url(std::string url, const std::string& file) {
  if (file == "-" || !url.ends_with('/') || url.find_first_of("?#") != std::string::npos) {
    return url;
  }
  return url + escape_segment(std::string_view(file).substr(file.rfind('/') + 1));
}

Result<std::string> take_method(const SubmitOptions& options, const TypeRoute* route) {
  // Every line of --ndjson is a body.
  const BodyKind kind = options.ndjson.given ? BodyKind::data : body_kind(options);
  if (!options.method) return default_method(kind, route);
  if (auto checked = core::codec::check_method(*options.method); !checked) {
    return invalid("--method", std::move(checked).error());
  }
  // Known before the body is read and attached, which may be long and stored.
  if (*options.method == "HEAD" && kind != BodyKind::none) {
    return fail(Errc::usage, "invalid value: --method: HEAD takes no body");
  }
  return *options.method;
}

Result<> add_request(const SubmitOptions& options, const TypeRoute* route, Envelope& draft) {
  Request request;
  if (options.url) request.url = *options.url;
  if (options.upload_file) {
    request.url = complete_upload_url(std::move(request.url), *options.upload_file);
  }
  TRY_ASSIGN(request.method, take_method(options, route));
  for (const auto& text : options.headers) {
    TRY_ASSIGN(auto header, parse_header(text));
    request.headers.push_back(std::move(header));
  }
  if (options.json) {
    for (const char* name : {"Content-Type", "Accept"}) {
      if (!has_header(request, name)) request.headers.emplace_back(name, k_json);
    }
  }
  const bool says_nothing =
      request.url.empty() && request.method.empty() && request.headers.empty();
  if (!says_nothing) draft.request = std::move(request);
  return {};
}

}  // namespace

Result<core::codec::Header> parse_header(std::string_view text) {
  if (text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos) {
    return fail(Errc::usage, "invalid value: --header: it holds a newline or NUL");
  }
  const auto colon = text.find(':');
  core::codec::Header header;
  if (colon == std::string_view::npos) {
    const auto name = core::trim(text);
    if (!name.ends_with(';')) {
      // Not shown in full: what was meant for a value may be a credential.
      return fail(Errc::usage,
                  fmt::format("invalid value: --header: no ':' in '{}', write 'Name: value'",
                              core::printable(text, 20)));
    }
    header.first = name.substr(0, name.size() - 1);
  } else {
    header = {std::string(text.substr(0, colon)), std::string(core::trim(text.substr(colon + 1)))};
    if (header.second.empty()) {
      return fail(Errc::usage,
                  fmt::format("invalid value: --header: no value: write '{};' to send it empty",
                              core::printable(header.first, 60)));
    }
  }
  if (auto checked = core::codec::check_header(header); !checked) {
    return invalid("--header", std::move(checked).error());
  }
  return header;
}

Result<> check_destination(const Envelope& draft, const Config& config) {
  const std::string url = draft.request ? draft.request->url : std::string{};
  const auto absolute = core::net::parse_url(url);
  if (absolute) return {};
  const TypeRoute* route = find_route(config, draft.type);
  // "file:" or "ftp:" is not relative to anything.
  const bool is_relative = url.find(':') > url.find_first_of("/?#");
  if (!url.empty() && (route == nullptr || route->endpoint.empty() || !is_relative)) {
    return core::wrap(fmt::format("URL '{}'", shown_url(url)), absolute.error());
  }
  if (route == nullptr) {
    return fail(Errc::config, fmt::format("type '{0}' has no route: name a URL, or add types.{0} "
                                          "to the configuration",
                                          draft.type));
  }
  if (route->endpoint.empty()) {
    return fail(Errc::config, fmt::format("type '{0}' has no endpoint: name a URL, or add "
                                          "types.{0}.endpoint to the configuration",
                                          draft.type));
  }
  const auto& endpoint = config.endpoints.at(route->endpoint);
  const auto base = core::net::parse_url(endpoint.url);
  if (!base) {
    return fail(Errc::config,
                fmt::format("endpoints.{}.url: {}", route->endpoint, base.error().message));
  }
  if (auto resolved = core::net::resolve_url(*base, url); !resolved) {
    return core::wrap(fmt::format("URL '{}'", shown_url(url)), resolved.error());
  }
  return {};
}

Result<> check_action(const Envelope& draft, const Config& config) {
  const TypeRoute* route = find_route(config, draft.type);
  const bool has_own_method = draft.request && !draft.request->method.empty();
  if (route == nullptr || draft.action.empty() || has_own_method) return {};
  // A route may have a method for all other actions.
  const bool takes_all = route->methods.empty() || !route->method.empty();
  if (takes_all || route->methods.contains(draft.action)) return {};
  std::vector<std::string_view> actions;
  for (const auto& [action, method] : route->methods)
    actions.emplace_back(action);
  const auto guess = core::nearest(draft.action, actions);
  return fail(Errc::usage, fmt::format("action '{}': type '{}' has no method for it{}",
                                       core::printable(draft.action, 60), draft.type,
                                       guess ? fmt::format(": did you mean '{}'?", *guess) : ""));
}

Result<Envelope> make_draft(const SubmitOptions& options, const Config& config, core::Time now) {
  Envelope draft;
  draft.type = options.type.value_or(core::codec::k_default_type);
  if (auto checked = core::codec::check_type(draft.type); !checked) {
    return invalid("--type", std::move(checked).error());
  }
  TRY_ASSIGN(draft.action, take_word("--action", options.action));
  TRY(add_request(options, find_route(config, draft.type), draft));
  TRY(check_destination(draft, config));
  TRY(check_action(draft, config));
  TRY(add_scheduling(options, now, draft));
  TRY(add_outcome(options, draft));
  if (auto checked = core::codec::check_draft(draft); !checked) {
    return core::wrap("invalid value", std::move(checked).error());
  }
  return draft;
}

}  // namespace offq
