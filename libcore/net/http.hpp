// SPDX-License-Identifier: MIT
#pragma once

// HttpClient: many requests at once over kept connections. One exchange is one request and what
// came of it; redirects are not followed (the caller decides) and nothing is retried. The real
// one is CurlHttp (curl_http.hpp, libcurl multi); tests script a FakeHttp.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"

namespace core::net {

using HeaderField = std::pair<std::string, std::string>;

struct BodyFile {
  std::string path;  // streamed with constant memory
  std::uint64_t size = 0;
  // What it must hash to, in hexadecimal; empty: anything. The last piece of a body that does not
  // is kept back, so that no server takes it for whole.
  std::string sha256{};
};

enum class Http2 {
  automatic,        // over TLS when the server offers it
  prior_knowledge,  // over plain http too: the server is known to speak it
  never,
};

struct HttpRequest {
  std::uint64_t tag = 0;  // the caller's; comes back in the exchange
  std::string method;
  std::string url;
  std::vector<HeaderField> headers;
  std::variant<std::monostate, std::string, BodyFile> body;
  std::chrono::milliseconds timeout{30'000};          // for the whole exchange; 0 is none
  std::chrono::milliseconds connect_timeout{10'000};  // DNS, TCP and TLS
  ByteCount response_limit{1U << 20U};                // the rest of a longer body is not read
  bool verify_tls = true;
  Http2 http2 = Http2::automatic;
};

struct HttpResponse {
  int status = 0;
  std::vector<HeaderField> headers;
  std::string body;
  bool truncated = false;  // the body was longer than response_limit
};

// How an exchange ended without a complete answer.
enum class HttpFailure {
  resolve,      // DNS
  connect,      // refused, unreachable, timed out before a connection stood
  tls,          // handshake cut
  certificate,  // certificate refused
  timeout,      // connected, but no complete answer in time
  lost,         // connection lost after the request began
  protocol,     // the answer is not HTTP
  refused,      // libcurl or policy would not send it
};

struct HttpError {
  HttpFailure failure = HttpFailure::lost;
  std::string message;
};

struct HttpExchange {
  std::uint64_t tag = 0;
  std::variant<HttpResponse, HttpError> result;
  std::chrono::microseconds elapsed{};
  std::uint64_t bytes_out = 0;  // on the wire as far as libcurl tells: headers and body
  std::uint64_t bytes_in = 0;
};

class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  // Begins; the result comes from a later wait(). Errors: usage for a request that cannot be made.
  virtual Result<> start(HttpRequest request) = 0;
  // What has completed, after at most `patience`; returns early when something completes, or when
  // a signal arrives. Empty: nothing did.
  virtual Result<std::vector<HttpExchange>> wait(std::chrono::milliseconds patience) = 0;
  [[nodiscard]] virtual std::size_t in_flight() const = 0;
  // Drops everything in flight without an exchange.
  virtual void abandon() = 0;
};

}  // namespace core::net

template <>
inline constexpr std::array<std::string_view, 8> core::enum_names<core::net::HttpFailure>{
    "resolve", "connect", "tls", "certificate", "timeout", "lost", "protocol", "refused"};
