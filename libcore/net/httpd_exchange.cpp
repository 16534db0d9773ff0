// SPDX-License-Identifier: MIT
#include "libcore/net/httpd_exchange.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <poll.h>

#include "libcore/base/text.hpp"

namespace core::net {

using std::chrono::steady_clock;

namespace {

bool has_token(const std::string* field, std::string_view token) {
  if (field == nullptr) return false;
  const auto words = split(*field, ',');
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return equals_ignoring_case(trim(word), token);
  });
}

}  // namespace

void Exchange::begin(httplib::Request& parsed) {
  request_.method = parsed.method;
  request_.target = parsed.target;
  if (parsed.version != "HTTP/1.1") ends_connection_ = true;
  // The library decodes percent signs in header values; what is stored must be what came.
  const std::string_view head = connection_.head();
  const auto fields_begin = head.find("\r\n") + 2;
  auto fields = parse_fields(head.substr(fields_begin, head.size() - fields_begin - 2));
  if (fields) {
    request_.headers = *std::move(fields);
  } else {
    malformed_ = fields.error().message;
  }
  // Nothing is left for the library to act on: ranges, compression, forms.
  parsed.headers.clear();
  parsed.ranges.clear();
  parsed.progress = Carrier{this};
  parsed_ = &parsed;
}

void Exchange::respond(httplib::Response& response) {
  answer_ = answer();
  if (answer_.delay > std::chrono::microseconds::zero()) {
    pollfd polled{stop_, POLLIN, 0};
    ::poll(&polled, 1, milliseconds_until(steady_clock::now() + answer_.delay));
  }
  if (has_token(request_.header("Connection"), "close")) ends_connection_ = true;
  if (answer_.delivery == Delivery::drop) {
    ends_connection_ = true;
    connection_.mute();
  }
  if (ends_connection_) parsed_->set_header("Connection", "close");
  response.status = answer_.status;
  for (const auto& [name, value] : answer_.headers)
    response.set_header(name, value);
  response.set_content(answer_.body, answer_.media_type);
}

ServerAnswer Exchange::answer() {
  if (!malformed_.empty()) return unreadable(400, malformed_);
  const auto framing = framing_of(request_.headers);
  if (!framing) return unreadable(400, framing.error().message);
  if (request_.method == "CONNECT") return unreadable(405, "not a proxy");
  const std::string* expects = request_.header("Expect");
  if (expects != nullptr && !equals_ignoring_case(*expects, "100-continue")) {
    return unreadable(417, "unknown expectation");
  }
  RequestBody body(connection_, *framing, limits_.body);
  if (body.is_announced_too_large()) return unreadable(413, "body too large");
  connection_.begin_body(expects != nullptr ? Connection::Announce::go_ahead
                                            : Connection::Announce::nothing);
  ServerAnswer given = answerer_(request_, body);
  if (expects == nullptr) skip_rest(body);
  body_size_ = body.received();
  if (!body.is_finished()) ends_connection_ = has_unread_body_ = true;
  if (body.failure() == BodyFailure::lost) connection_.mute();
  return given;
}

void Exchange::skip_rest(RequestBody& body) {
  while (!body.is_finished() && body.received() < k_buffer) {
    if (!body.next()) return;
  }
}

ServerAnswer Exchange::unreadable(int status, std::string_view why) {
  ends_connection_ = has_unread_body_ = true;
  return ServerAnswer::refusal(status, why);
}

}  // namespace core::net
