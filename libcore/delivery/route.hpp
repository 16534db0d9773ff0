// SPDX-License-Identifier: MIT
#pragma once

// From an operation to the request that delivers it: its own words over its type's route over the
// endpoint, all from the configuration. Secrets are left as ${…} here and bound when sending
// (secrets.hpp). A blob is only named, and read where the path of the URL takes a member from it
// or a shared body holds it.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/command_line.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/classify.hpp"
#include "libcore/delivery/expect.hpp"
#include "libcore/net/http.hpp"
#include "libcore/net/url.hpp"
#include "libcore/sys/files.hpp"

namespace core::delivery {

inline constexpr std::string_view k_idempotency_key = "Idempotency-Key";

struct Route {
  net::HttpRequest request;  // complete but for `tag`; header values may hold ${…}
  std::string destination;   // what holds and limits go by: the origin of the URL
  // So many of the request's headers, the first ones, are the operation's and its type's own; the
  // others are the endpoint's, and those that we add.
  std::size_t own_headers = 0;
  Expect expect;
  int concurrency = 8;  // requests to this destination at once
  int max_attempts = 4;
  // Not nullptr: the operation may share a request by these rules, which belong to the
  // configuration, and `item` is what the body holds of it; the request has no body yet.
  const config::Batch* batch = nullptr;
  std::string item{};
  // Of an operation that is a command: no request is made, but its body is standard input.
  std::optional<codec::CommandLine> command{};
};

// The destination of all commands.
inline constexpr const char* k_commands = "commands";

// Whether two that may share a request can share one: all but body and key are the same.
bool are_shareable(const Route& a, const Route& b);

class Router {
 public:
  // Both must outlive the router. Of the queue's directory it reads blobs, and only for paths that
  // name members of a body, and for bodies that are shared.
  Router(const config::Config& config, const sys::Files& queue) : config_(config), queue_(queue) {}

  // Errors: config when no route is configured for the type (the operation can wait for one);
  // usage when the operation itself may not be sent (URL, header, path placeholders); io when the
  // blob that a path needs cannot be read.
  [[nodiscard]] Result<Route> route(const codec::Envelope& operation) const;

  // Whether the route of the one, which is known, serves the other too, but for `item`. Cheaper
  // than route(); false: ask that.
  [[nodiscard]] bool leads_alike(const codec::Envelope& known, const codec::Envelope& other) const;

 private:
  struct Settings;
  [[nodiscard]] Result<Settings> settings_of(const codec::Envelope& operation) const;
  [[nodiscard]] Result<net::Url> url_of(const codec::Envelope& operation,
                                        const Settings& settings) const;
  [[nodiscard]] Result<std::string> path_of(const codec::Envelope& operation,
                                            const std::string& path) const;
  static std::string method_of(const codec::Envelope& operation, const Settings& settings);
  static Result<> add_headers(const codec::Envelope& operation, const Settings& settings,
                              Route& route);
  [[nodiscard]] Result<> add_body(const codec::Envelope& operation, const Settings& settings,
                                  Route& route) const;
  static Result<Expect> expect_of(const codec::Envelope& operation, const Settings& settings);

  const config::Config& config_;
  const sys::Files& queue_;
};

// Replaces {{id}}, {{type}}, {{action}} and {{payload.a.b}} in a path by percent-encoded values.
// Errors: usage when one is missing, empty, "." or "..", or no string, number or boolean.
Result<std::string> fill_path(std::string_view path, const codec::Envelope& operation);

}  // namespace core::delivery
