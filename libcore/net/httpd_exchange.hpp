// SPDX-License-Identifier: MIT
#pragma once

// One request on a connection and its answer: what cpp-httplib has parsed becomes a ServerRequest,
// is answered, and the answer is given back to be written. For the httpd*.cpp only.

#include <cstdint>
#include <string>
#include <string_view>

#include <httplib.h>

#include "libcore/net/http_message.hpp"
#include "libcore/net/httpd.hpp"
#include "libcore/net/httpd_connection.hpp"

namespace core::net {

class Exchange {
 public:
  Exchange(Connection& connection, const ServerLimits& limits, int stop,
           const HttpServer::Answerer& answerer)
      : connection_(connection), limits_(limits), stop_(stop), answerer_(answerer) {}

  // Carries the exchange through cpp-httplib, which has no room for a server's own things: this
  // member of its requests is for clients only.
  struct Carrier {
    Exchange* exchange = nullptr;
    bool operator()(std::uint64_t, std::uint64_t) const { return true; }
  };

  // The head was read. `parsed` must outlive the answer.
  void begin(httplib::Request& parsed);
  // Asks for the answer and hands it over.
  void respond(httplib::Response& response);

  [[nodiscard]] bool has_begun() const { return parsed_ != nullptr; }
  [[nodiscard]] bool ends_connection() const { return ends_connection_; }
  [[nodiscard]] bool has_unread_body() const { return has_unread_body_; }
  [[nodiscard]] const ServerRequest& request() const { return request_; }
  [[nodiscard]] const ServerAnswer& given() const { return answer_; }
  [[nodiscard]] std::uint64_t body_size() const { return body_size_; }

 private:
  ServerAnswer answer();

  // A short body that nobody wanted is cheaper to read than a new connection.
  static void skip_rest(RequestBody& body);

  ServerAnswer unreadable(int status, std::string_view why);

  Connection& connection_;
  const ServerLimits& limits_;
  const int stop_;
  const HttpServer::Answerer& answerer_;
  ServerRequest request_;
  ServerAnswer answer_;
  std::string malformed_;
  httplib::Request* parsed_ = nullptr;
  std::uint64_t body_size_ = 0;
  bool ends_connection_ = false;
  bool has_unread_body_ = false;
};

}  // namespace core::net
