// SPDX-License-Identifier: MIT
#pragma once

// A small HTTP/1.1 server for programs on this machine: bounded in every direction (head, body,
// time, connections), keep-alive, one thread per connection. cpp-httplib, fenced in httpd*.cpp,
// reads the request line, keeps the threads and writes the answers.
//
// Methods: those that cpp-httplib knows (GET HEAD POST PUT PATCH DELETE OPTIONS TRACE); CONNECT is
// answered with 405, any other with 501, and no Answerer is asked.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"
#include "libcore/net/http.hpp"
#include "libcore/net/http_message.hpp"

namespace core::net {

// "127.0.0.1:8787", "[::1]:0", "localhost:8787"; port 0 asks for a free one.
struct ListenAddress {
  std::string host;  // an IPv6 literal without brackets
  int port = 0;

  [[nodiscard]] bool is_loopback() const;  // 127.0.0.0/8, ::1 or "localhost"
  [[nodiscard]] std::string text() const;  // with brackets where they belong
};
// Errors: usage.
Result<ListenAddress> parse_listen_address(std::string_view text);

struct ServerRequest {
  std::string method;
  std::string target;  // path and query as they came
  std::vector<HeaderField> headers;

  [[nodiscard]] const std::string* header(std::string_view name) const {
    return find_field(headers, name);
  }
};

enum class Delivery { answer, drop };  // drop: the connection is closed without an answer

struct ServerAnswer {
  int status = 200;
  std::vector<HeaderField> headers = {};
  std::string body = {};
  std::string media_type = "application/json";
  std::chrono::microseconds delay{};  // waited before answering, unless the server stops
  Delivery delivery = Delivery::answer;

  // {"status":413,"error":"body too large"}
  static ServerAnswer refusal(int status, std::string_view why);
};

struct ServerLimits {
  ByteCount body{64ULL << 20U};
  std::size_t connections = 128;                 // more wait until one ends
  ByteCount head{64ULL << 10U};                  // of the request line and the headers
  std::chrono::milliseconds head_time{10'000};   // from its first byte to its last
  std::chrono::milliseconds idle_time{60'000};   // between two requests
  std::chrono::milliseconds body_grace{30'000};  // for a body, and
  std::uint64_t body_rate = 16ULL * 1024;        // a second more for each so many bytes
  std::chrono::milliseconds write_time{10'000};  // for an answer that nobody fetches
};

class HttpServer {
 public:
  // Called on many threads at once, once for each request whose head could be read. What it does
  // not read of the body is not read at all: the connection ends after the answer.
  using Answerer = std::function<ServerAnswer(const ServerRequest&, RequestBody&)>;
  // Called after the answer was written (or dropped), on the same threads.
  using Observer =
      std::function<void(const ServerRequest&, const ServerAnswer&, std::uint64_t body_size)>;

  // Binds and listens; connections are taken once serve() runs. Errors: later when the address
  // is in use, denied, usage for a host that is not known, io.
  static Result<std::unique_ptr<HttpServer>> listen(const ListenAddress& address,
                                                    const ServerLimits& limits);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  [[nodiscard]] const ListenAddress& address() const;  // with the real port

  // Serves until stop(), or until a signal arrives and `is_interrupted` then says yes. Signals
  // reach the calling thread only. Before it returns, requests that were read whole are
  // answered and the others are dropped. Errors: io when no more connections can be taken.
  Result<> serve(const Answerer& answer, const Observer& observe,
                 const std::function<bool()>& is_interrupted);
  // From any thread, also before serve().
  void stop();

 private:
  class Implementation;
  explicit HttpServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace core::net
