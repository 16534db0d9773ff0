// SPDX-License-Identifier: MIT
#include "libcore/net/receiver.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_key_limit = 255;

// "localhost:8787" -> "localhost", "[::1]:8787" -> "::1".
std::string_view host_of(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') {
    return authority.substr(1, authority.find(']') - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_health_check(const ServerRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") && request.target == "/health";
}

bool has_token(const ServerRequest& request, const std::string& token) {
  constexpr std::string_view k_scheme = "Bearer ";
  const std::string* given = request.header("Authorization");
  if (given == nullptr || given->size() < k_scheme.size()) return false;
  const std::string_view text = *given;
  return equals_ignoring_case(text.substr(0, k_scheme.size()), k_scheme) &&
         equals_in_constant_time(trim(text.substr(k_scheme.size())), token);
}

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= k_key_limit &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Credentials have no place in a file that lives on.
std::vector<HeaderField> without_credentials(std::vector<HeaderField> headers) {
  for (auto& [name, value] : headers) {
    for (const std::string_view secret : {"Authorization", "Proxy-Authorization", "Cookie"}) {
      if (equals_ignoring_case(name, secret)) value = "(not kept)";
    }
  }
  return headers;
}

}  // namespace

bool equals_in_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other);
  }
  return difference == 0;
}

std::optional<ServerAnswer> refuse_stranger(const ServerRequest& request,
                                            const Admission& admission) {
  if (count_fields(request.headers, "Host") != 1)
    return ServerAnswer::refusal(400, "one Host header is needed");
  const std::string& host = *request.header("Host");
  const ListenAddress named{.host = std::string(host_of(host))};
  if (admission.address.is_loopback() && !named.is_loopback() &&
      !equals_ignoring_case(named.host, admission.address.host)) {
    return ServerAnswer::refusal(403, "Host is not this server: " + printable(host));
  }
  const std::string* origin = request.header("Origin");
  if (origin != nullptr && !equals_ignoring_case(*origin, "http://" + host)) {
    return ServerAnswer::refusal(403, "foreign Origin: " + printable(*origin));
  }
  if (admission.token.empty() || is_health_check(request)) return std::nullopt;
  if (!has_token(request, admission.token)) {
    ServerAnswer answer = ServerAnswer::refusal(401, "a bearer token is needed");
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
  }
  return std::nullopt;
}

ServerAnswer Receiver::answer(const ServerRequest& request, RequestBody& body) {
  if (auto refused = refuse_stranger(request, admission_)) return *std::move(refused);
  if (is_health_check(request)) return {.body = "{\"ok\":true}\n"};
  ServerAnswer answer = accept(request, body);
  answer.delay = misbehaviour_.delay;
  return answer;
}

ServerAnswer Receiver::accept(const ServerRequest& request, RequestBody& body) {
  if (misbehaviour_.status && *misbehaviour_.status / 100 != 2) {
    return ServerAnswer::refusal(*misbehaviour_.status, "told to answer so");
  }
  if (misbehaviour_.fail_rate > 0 && unit_interval(random_) < misbehaviour_.fail_rate) {
    return ServerAnswer::refusal(503, "told to fail at times");
  }
  const std::string* key = request.header("Idempotency-Key");
  if (key != nullptr && (!is_key(*key) || count_fields(request.headers, "Idempotency-Key") > 1)) {
    return ServerAnswer::refusal(400,
                                 "Idempotency-Key is not one of 1 to 255 printable characters");
  }
  const std::string* media_type = request.header("Content-Type");
  const bool only_reads = request.method == "GET" || request.method == "HEAD";
  const auto accepted = inbox_.store(
      {.method = request.method,
       .target = request.target,
       .headers = without_credentials(request.headers),
       .key = key == nullptr ? std::string{} : *key,
       .media_type = media_type == nullptr ? std::string{} : *media_type},
      misbehaviour_.status.value_or(only_reads ? 200 : 201), [&] { return body.next(); });
  return accepted ? answer_to(*accepted) : failed(accepted.error(), body);
}

ServerAnswer Receiver::answer_to(const Accepted& accepted) {
  if (accepted.acceptance == Acceptance::conflict) {
    return ServerAnswer::refusal(422, "the Idempotency-Key was used for another request");
  }
  ServerAnswer answer{
      .status = accepted.status,
      .body = codec::JsonObject{}.add("id", accepted.id.text()).add("stored", true).text() + "\n"};
  if (accepted.acceptance == Acceptance::replayed) {
    answer.headers.emplace_back("Idempotency-Replayed", "true");
  }
  // Dice are thrown for replays as well, so that a sender has to try until it hears an answer.
  if (misbehaviour_.fail_after_store_rate > 0 &&
      unit_interval(random_) < misbehaviour_.fail_after_store_rate) {
    answer.delivery = Delivery::drop;
  }
  return answer;
}

ServerAnswer Receiver::failed(const Error& error, const RequestBody& body) {
  if (const auto failure = body.failure()) {
    switch (*failure) {
      case BodyFailure::too_large:
        return ServerAnswer::refusal(413, "body too large");
      case BodyFailure::malformed:
        return ServerAnswer::refusal(400, error.message);
      case BodyFailure::slow:
        return ServerAnswer::refusal(408, "the body came too slowly");
      case BodyFailure::lost:
        return {.status = 400, .delivery = Delivery::drop};
    }
  }
  if (error.code == Errc::full) return ServerAnswer::refusal(507, "the disk is full");
  {
    const std::lock_guard lock(mutex_);
    failure_ = error;
  }
  return ServerAnswer::refusal(500, "the inbox cannot be written");
}

std::optional<Error> Receiver::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace core::net
