// SPDX-License-Identifier: MIT
#pragma once

// CurlHttp: the HttpClient over libcurl's multi interface. Keeps connections and handles for the
// next request, multiplexes over HTTP/2 where the server offers it, and follows curl's conventions
// for proxies (http_proxy, no_proxy …) and netrc files. Bodies arrive byte for byte: no encoding is
// asked for or undone. Framing is its own business: Content-Length and Transfer-Encoding among the
// request's headers are left out. Not for use by several threads at once.

#include <memory>
#include <string>

#include "libcore/net/http.hpp"

namespace core::net {

struct CurlOptions {
  int max_connections_per_host = 0;  // 0: no limit; requests beyond it wait, and their time runs
  std::string netrc_file{};          // looked at for each request; empty: none
  std::string ca_file{};       // PEM; empty: the system's (curl's CURL_CA_BUNDLE, SSL_CERT_FILE)
  std::string ca_directory{};  // likewise (SSL_CERT_DIR)
  int wake_fd = -1;  // a wait() ends when this is readable; whoever made it reads it; -1: none
};

class CurlHttp final : public HttpClient {
 public:
  // Errors: unavailable, when libcurl cannot be set up.
  static Result<std::unique_ptr<CurlHttp>> create(const CurlOptions& options = {});
  CurlHttp(CurlHttp&&) = delete;
  CurlHttp& operator=(CurlHttp&&) = delete;
  ~CurlHttp() override;

  // Errors: usage (see request_check.hpp); not_found or io for a body file that cannot be opened.
  Result<> start(HttpRequest request) override;
  // Returns at once when nothing is in flight.
  Result<std::vector<HttpExchange>> wait(std::chrono::milliseconds patience) override;
  [[nodiscard]] std::size_t in_flight() const override;
  void abandon() override;

 private:
  class Engine;
  explicit CurlHttp(std::unique_ptr<Engine> engine);

  std::unique_ptr<Engine> engine_;
};

}  // namespace core::net
