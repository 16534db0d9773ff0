// SPDX-License-Identifier: MIT
#include "libcore/net/curl_failure.hpp"

#include <system_error>

#include <curl/curl.h>
#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/base/time.hpp"

namespace core::net {
namespace {

HttpFailure timeout_failure(const CurlEnd& end) {
  if (end.request_began) return HttpFailure::timeout;
  // libcurl has one code for all timeouts; only its text tells that DNS was the slow one.
  return end.detail.starts_with("Resolving") ? HttpFailure::resolve : HttpFailure::connect;
}

HttpFailure failure_of(const CurlEnd& end) {
  switch (end.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFailure::resolve;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
      return HttpFailure::tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
      return HttpFailure::certificate;
    case CURLE_OPERATION_TIMEDOUT:
      return timeout_failure(end);
    case CURLE_UNSUPPORTED_PROTOCOL:  // "Received HTTP/0.9 when not allowed"
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:  // the header block exceeded its limit
      return HttpFailure::protocol;
    case CURLE_URL_MALFORMAT:
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_READ_ERROR:  // our own body could not be read
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
      return HttpFailure::refused;
    default:
      // Everything else broke on the way: what matters is whether the server may know of it.
      return end.request_began ? HttpFailure::lost : HttpFailure::connect;
  }
}

std::string lower_first(std::string text) {
  if (!text.empty()) text.front() = to_lower(text.substr(0, 1)).front();
  return text;
}

std::string connect_message(const CurlEnd& end) {
  if (end.code == CURLE_OPERATION_TIMEDOUT) {
    return fmt::format("connection timed out ({})", end.place);
  }
  if (end.os_error != 0) {
    return fmt::format("{} ({})", lower_first(std::system_category().message(end.os_error)),
                       end.place);
  }
  return fmt::format("cannot connect ({})", end.place);
}

std::string message_of(HttpFailure failure, const CurlEnd& end) {
  const std::string detail = printable(trim(end.detail), 300);
  const std::string cause =
      detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(end.code)) : detail;
  switch (failure) {
    case HttpFailure::resolve:
      return fmt::format("cannot resolve the host ({})", end.place);
    case HttpFailure::connect:
      return connect_message(end);
    case HttpFailure::timeout:
      return fmt::format("no complete answer within {} ({})", format_duration(end.timeout),
                         end.place);
    case HttpFailure::tls:
      return fmt::format("TLS handshake failed ({}): {}", end.place, cause);
    case HttpFailure::certificate:
      return fmt::format("certificate refused ({}): {}", end.place, cause);
    case HttpFailure::lost:
      return fmt::format("connection lost ({}): {}", end.place, cause);
    case HttpFailure::protocol:
      return fmt::format("not an HTTP answer ({}): {}", end.place, cause);
    case HttpFailure::refused:
      return fmt::format("not sent ({}): {}", end.place, cause);
  }
  return cause;
}

}  // namespace

HttpError explain_failure(const CurlEnd& end) {
  const auto failure = failure_of(end);
  return {.failure = failure, .message = message_of(failure, end)};
}

}  // namespace core::net
