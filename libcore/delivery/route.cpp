// SPDX-License-Identifier: MIT
#include "libcore/delivery/route.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/json_value.hpp"
#include "libcore/delivery/request_batch.hpp"
#include "libcore/net/url.hpp"
#include "libcore/queue/layout.hpp"

namespace core::delivery {
namespace {

std::string percent_encode(std::string_view text) {
  constexpr std::string_view k_unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (k_unreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

net::Http2 http2_of(const config::Endpoint& endpoint) {
  if (endpoint.http_version == "1.1") return net::Http2::never;
  if (endpoint.http_version == "2") return net::Http2::prior_knowledge;
  return net::Http2::automatic;
}

// {{payload.a.b}} → the JSON pointer /a/b.
std::string pointer_of(std::string_view dotted) {
  std::string pointer;
  for (const auto part : split(dotted, '.'))
    pointer.append("/").append(part);
  return pointer;
}

Result<std::string> payload_value(std::string_view dotted, const codec::Envelope& operation) {
  if (!operation.payload) return fail(Errc::usage, "the operation has no payload");
  TRY_ASSIGN(const auto raw, codec::json_at(*operation.payload, pointer_of(dotted)));
  if (!raw) return fail(Errc::usage, "the payload has no such member");
  if (raw->starts_with('"')) return codec::decode_json_string(*raw);
  if (raw->starts_with('{') || raw->starts_with('[') || *raw == "null") {
    return fail(Errc::usage, "it is no string, number or boolean");
  }
  return *raw;
}

Result<std::string> placeholder_value(std::string_view name, const codec::Envelope& operation) {
  constexpr std::string_view k_payload = "payload.";
  if (name == "id") return operation.id ? operation.id->text() : std::string{};
  if (name == "type") return operation.type;
  if (name == "action") return operation.action;
  if (name.starts_with(k_payload)) return payload_value(name.substr(k_payload.size()), operation);
  return fail(Errc::usage, "unknown placeholder");
}

void add_missing(std::vector<net::HeaderField>& headers, std::string_view name,
                 std::string_view value) {
  const bool there = std::ranges::any_of(
      headers, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
  if (!there) headers.emplace_back(name, value);
}

// The weaker ones that no stronger one names.
void add_weaker(std::vector<net::HeaderField>& headers,
                const std::vector<net::HeaderField>& weaker) {
  const auto strong = headers;
  for (const auto& [name, value] : weaker) {
    const bool overridden = std::ranges::any_of(
        strong, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
    if (!overridden) headers.emplace_back(name, value);
  }
}

}  // namespace

// The configuration's part in one operation.
struct Router::Settings {
  const config::TypeRoute* type = nullptr;  // absent: the operation says everything itself
  config::Endpoint endpoint{};
  bool is_elsewhere = false;  // the operation names another origin than its type's endpoint
};

Result<std::string> fill_path(std::string_view path, const codec::Envelope& operation) {
  std::string filled;
  while (true) {
    const auto open = path.find("{{");
    filled += path.substr(0, open);
    if (open == std::string_view::npos) return filled;
    const auto close = path.find("}}", open);
    if (close == std::string_view::npos) {
      return fail(Errc::usage, fmt::format("path '{}': '{{{{' without '}}}}'", path));
    }
    const auto name = path.substr(open + 2, close - open - 2);
    auto value = placeholder_value(name, operation);
    if (!value) return wrap(fmt::format("path: {{{{{}}}}}", name), std::move(value).error());
    // A segment that vanishes or climbs would aim at something else, all of a collection perhaps.
    if (value->empty() || *value == "." || *value == "..") {
      return fail(Errc::usage, fmt::format("path: {{{{{}}}}} is '{}'", name, *value));
    }
    filled += percent_encode(*value);
    path.remove_prefix(close + 2);
  }
}

Result<Router::Settings> Router::settings_of(const codec::Envelope& operation) const {
  Settings settings;
  const std::string url = operation.request ? operation.request->url : std::string{};
  const bool is_absolute = net::is_absolute(url);
  const auto type = config_.types.find(operation.type);
  if (type != config_.types.end()) settings.type = &type->second;
  const std::string endpoint_name = settings.type == nullptr ? "" : settings.type->endpoint;
  const auto endpoint = config_.endpoints.find(endpoint_name);
  if (endpoint != config_.endpoints.end()) {
    settings.endpoint = endpoint->second;
  } else if (!is_absolute) {
    return fail(Errc::config,
                settings.type == nullptr
                    ? fmt::format("type '{0}': no route: add types.{0} to the configuration",
                                  operation.type)
                    : fmt::format("type '{}': no endpoint '{}' in the configuration",
                                  operation.type, endpoint_name));
  }
  if (!is_absolute || endpoint == config_.endpoints.end()) return settings;
  // The operation may name a place of its own; credentials for the endpoint stay at the endpoint.
  TRY_ASSIGN(const net::Url own, net::parse_url(url));
  const auto theirs = net::parse_url(settings.endpoint.url);
  settings.is_elsewhere = !theirs || theirs->origin() != own.origin();
  if (settings.is_elsewhere) settings.endpoint = {};
  return settings;
}

// JSON that spans lines or is large is a blob, and a payload all the same.
Result<std::string> Router::path_of(const codec::Envelope& operation,
                                    const std::string& path) const {
  if (!operation.blob || path.find("{{payload.") == std::string::npos) {
    return fill_path(path, operation);
  }
  TRY_ASSIGN(const auto text, sys::read_file(queue_, queue::blob_path(operation.blob->sha256),
                                             config_.queue.max_payload));
  if (!text) return fail(Errc::usage, "blob: " + operation.blob->sha256 + ": it is missing");
  if (!codec::check_json(*text)) return fail(Errc::usage, "path: the body is not JSON");
  codec::Envelope with_payload = operation;
  with_payload.payload = *text;
  return fill_path(path, with_payload);
}

Result<net::Url> Router::url_of(const codec::Envelope& operation, const Settings& settings) const {
  std::string reference = operation.request ? operation.request->url : std::string{};
  if (reference.empty() && settings.type != nullptr) {
    TRY_ASSIGN(reference, path_of(operation, settings.type->path));
  }
  if (net::is_absolute(reference)) return net::parse_url(reference);
  auto base = net::parse_url(settings.endpoint.url);
  if (!base) return fail(Errc::config, "endpoint: " + base.error().message);
  if (reference.empty()) return base;
  // "/path" is meant below the endpoint's own path, not beside it.
  std::string below = base->target;
  if (below.ends_with('/')) below.pop_back();
  const bool joins_itself = reference.starts_with('/') || reference.starts_with('?');
  return net::parse_url(base->origin() + below + (joins_itself ? "" : "/") + reference);
}

std::string Router::method_of(const codec::Envelope& operation, const Settings& settings) {
  if (operation.request && !operation.request->method.empty()) return operation.request->method;
  if (settings.type == nullptr) return "POST";
  const auto by_action = settings.type->methods.find(operation.action);
  if (by_action != settings.type->methods.end()) return by_action->second;
  return settings.type->method.empty() ? "POST" : settings.type->method;
}

// The operation's headers over the type's over the endpoint's, and those that we add.
Result<> Router::add_headers(const codec::Envelope& operation, const Settings& settings,
                             Route& route) {
  auto& headers = route.request.headers;
  if (operation.request) headers = operation.request->headers;
  if (settings.type != nullptr && !settings.is_elsewhere) {
    add_weaker(headers, settings.type->headers);
  }
  route.own_headers = headers.size();
  add_weaker(headers, settings.endpoint.headers);
  if (route.batch != nullptr) {
    add_missing(headers, "Content-Type", batch_media_type(route.batch->format));
  }
  if (operation.payload) add_missing(headers, "Content-Type", "application/json");
  if (operation.blob && !operation.blob->media_type.empty()) {
    add_missing(headers, "Content-Type", operation.blob->media_type);
  }
  if (!operation.if_match.empty()) add_missing(headers, "If-Match", operation.if_match);
  if (!codec::is_safe_method(route.request.method) && operation.id) {
    add_missing(headers, k_idempotency_key, operation.id->text());
  }
  for (const auto& header : headers)
    TRY(codec::check_header(header));
  return {};
}

// What is conditional, or has another place to go to than its type, is nobody else's affair.
Result<> Router::add_body(const codec::Envelope& operation, const Settings& settings,
                          Route& route) const {
  auto& body = route.request.body;
  const bool may_share = settings.type != nullptr && settings.type->batch &&
                         !settings.is_elsewhere && operation.if_match.empty() &&
                         !codec::is_safe_method(route.request.method);
  if (may_share) {
    codec::Envelope copy = operation;
    TRY_ASSIGN(auto item, batch_item(copy, *settings.type->batch, queue_));
    if (item) {
      route.batch = &*settings.type->batch;
      route.item = *std::move(item);
      return {};
    }
  }
  if (operation.payload) body = *operation.payload;
  if (operation.blob) {
    body = net::BodyFile{.path = queue_.root() + "/" + queue::blob_path(operation.blob->sha256),
                         .size = operation.blob->size,
                         .sha256 = operation.blob->sha256};
  }
  return {};
}

Result<Expect> Router::expect_of(const codec::Envelope& operation, const Settings& settings) {
  if (operation.expect) return parse_expect(*operation.expect);
  if (settings.type != nullptr && !settings.type->expect.empty()) {
    return parse_expect(settings.type->expect);
  }
  return settings.endpoint.expect.empty() ? Expect{} : parse_expect(settings.endpoint.expect);
}

namespace {

// One at a time: commands of one user are hardly made to be run beside each other.
Result<Route> command_route(const codec::Envelope& operation, const config::Config& config,
                            const sys::Files& queue) {
  if (operation.type != codec::k_command_type) {
    return fail(Errc::usage, "command: only operations of type command may have one");
  }
  auto command = codec::parse_command(*operation.command);
  if (!command) return fail(Errc::usage, command.error().message);
  Route route;
  route.request.method = "RUN";
  route.request.url = command->program;
  route.destination = k_commands;
  route.concurrency = 1;
  route.max_attempts = operation.max_attempts.value_or(config.retry.max_attempts);
  route.command = *std::move(command);
  if (operation.blob) {
    route.request.body =
        net::BodyFile{.path = queue.root() + "/" + queue::blob_path(operation.blob->sha256),
                      .size = operation.blob->size,
                      .sha256 = operation.blob->sha256};
  }
  return route;
}

}  // namespace

Result<Route> Router::route(const codec::Envelope& operation) const {
  if (operation.command) return command_route(operation, config_, queue_);
  TRY_ASSIGN(const Settings settings, settings_of(operation));
  const auto& endpoint = settings.endpoint;
  Route route;
  auto& request = route.request;
  TRY_ASSIGN(const net::Url url, url_of(operation, settings));
  request.url = url.text();
  route.destination = url.origin();
  request.method = method_of(operation, settings);
  TRY(codec::check_method(request.method));
  TRY(add_body(operation, settings, route));
  TRY(add_headers(operation, settings, route));
  TRY_ASSIGN(route.expect, expect_of(operation, settings));

  using std::chrono::ceil;
  using std::chrono::milliseconds;
  request.timeout = ceil<milliseconds>(endpoint.timeout);
  request.connect_timeout = ceil<milliseconds>(endpoint.connect_timeout);
  request.verify_tls = endpoint.tls == config::TlsCheck::strict;
  request.http2 = http2_of(endpoint);
  route.concurrency = endpoint.concurrency;
  route.max_attempts = config_.retry.max_attempts;
  if (settings.type != nullptr && settings.type->max_attempts) {
    route.max_attempts = *settings.type->max_attempts;
  }
  if (operation.max_attempts) route.max_attempts = *operation.max_attempts;
  return route;
}

bool Router::leads_alike(const codec::Envelope& known, const codec::Envelope& other) const {
  const auto same_request = [](const std::optional<codec::Request>& a,
                               const std::optional<codec::Request>& b) {
    if (!a || !b) return !a && !b;
    return a->url == b->url && a->method == b->method && a->headers == b->headers;
  };
  if (known.type != other.type || known.action != other.action) return false;
  if (known.command || other.command) return false;
  if (!same_request(known.request, other.request)) return false;
  // A blob may turn out to be no JSON.
  if (!known.payload || !other.payload || known.expect != other.expect) return false;
  if (known.max_attempts != other.max_attempts || known.if_match != other.if_match) return false;
  const bool has_url = known.request && !known.request->url.empty();
  const auto type = config_.types.find(known.type);
  return has_url || type == config_.types.end() ||
         type->second.path.find("{{") == std::string::npos;
}

namespace {

// But for the key that we add.
bool have_same_headers(const Route& a, const Route& b) {
  const auto& left = a.request.headers;
  const auto& right = b.request.headers;
  if (left.size() != right.size() || a.own_headers != b.own_headers) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const bool is_our_key =
        i >= a.own_headers && equals_ignoring_case(left[i].first, k_idempotency_key);
    if (left[i].first != right[i].first) return false;
    if (!is_our_key && left[i].second != right[i].second) return false;
  }
  return true;
}

}  // namespace

bool are_shareable(const Route& a, const Route& b) {
  if (a.batch == nullptr || a.batch != b.batch) return false;
  const auto& one = a.request;
  const auto& other = b.request;
  if (one.method != other.method || one.url != other.url) return false;
  return a.expect == b.expect && a.max_attempts == b.max_attempts && have_same_headers(a, b);
}

}  // namespace core::delivery
