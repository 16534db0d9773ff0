// SPDX-License-Identifier: MIT
#include "libcore/net/curl_failure.hpp"

#include <cerrno>
#include <vector>

#include <curl/curl.h>
#include <doctest/doctest.h>

using namespace std::chrono_literals;
using core::net::CurlEnd;
using core::net::explain_failure;
using core::net::HttpFailure;

namespace {

struct Row {
  CURLcode code;
  HttpFailure before;  // nothing of the request was sent
  HttpFailure after;   // the request had begun
};

CurlEnd end_of(CURLcode code) {
  CurlEnd end;
  end.code = code;
  end.place = "example.com:443";
  end.timeout = 30s;
  return end;
}

}  // namespace

TEST_CASE("a libcurl error is blamed on whoever caused it") {
  for (const auto& row : std::vector<Row>{
           {CURLE_COULDNT_RESOLVE_HOST, HttpFailure::resolve, HttpFailure::resolve},
           {CURLE_COULDNT_RESOLVE_PROXY, HttpFailure::resolve, HttpFailure::resolve},
           {CURLE_COULDNT_CONNECT, HttpFailure::connect, HttpFailure::lost},
           {CURLE_PROXY, HttpFailure::connect, HttpFailure::lost},
           {CURLE_OPERATION_TIMEDOUT, HttpFailure::connect, HttpFailure::timeout},
           {CURLE_SSL_CONNECT_ERROR, HttpFailure::tls, HttpFailure::tls},
           {CURLE_PEER_FAILED_VERIFICATION, HttpFailure::certificate, HttpFailure::certificate},
           {CURLE_SSL_CACERT_BADFILE, HttpFailure::certificate, HttpFailure::certificate},
           {CURLE_SSL_ISSUER_ERROR, HttpFailure::certificate, HttpFailure::certificate},
           {CURLE_GOT_NOTHING, HttpFailure::connect, HttpFailure::lost},
           {CURLE_SEND_ERROR, HttpFailure::connect, HttpFailure::lost},
           {CURLE_RECV_ERROR, HttpFailure::connect, HttpFailure::lost},
           {CURLE_PARTIAL_FILE, HttpFailure::connect, HttpFailure::lost},
           {CURLE_HTTP2, HttpFailure::connect, HttpFailure::lost},
           {CURLE_HTTP2_STREAM, HttpFailure::connect, HttpFailure::lost},
           {CURLE_OUT_OF_MEMORY, HttpFailure::connect, HttpFailure::lost},
           {CURLE_WEIRD_SERVER_REPLY, HttpFailure::protocol, HttpFailure::protocol},
           {CURLE_UNSUPPORTED_PROTOCOL, HttpFailure::protocol, HttpFailure::protocol},
           {CURLE_URL_MALFORMAT, HttpFailure::refused, HttpFailure::refused},
           {CURLE_ABORTED_BY_CALLBACK, HttpFailure::refused, HttpFailure::refused},
       }) {
    CAPTURE(static_cast<int>(row.code));
    auto end = end_of(row.code);
    CHECK(explain_failure(end).failure == row.before);
    end.request_began = true;
    CHECK(explain_failure(end).failure == row.after);
  }
}

TEST_CASE("a timeout while resolving is a failure to resolve") {
  auto end = end_of(CURLE_OPERATION_TIMEDOUT);
  end.detail = "Resolving timed out after 2000 milliseconds";
  CHECK(explain_failure(end).failure == HttpFailure::resolve);
}

TEST_CASE("the message names the cause and the place, and is safe to print") {
  auto end = end_of(CURLE_COULDNT_CONNECT);
  CHECK(explain_failure(end).message == "cannot connect (example.com:443)");
  end.os_error = ECONNREFUSED;
  CHECK(explain_failure(end).message == "connection refused (example.com:443)");

  end = end_of(CURLE_OPERATION_TIMEDOUT);
  CHECK(explain_failure(end).message == "connection timed out (example.com:443)");
  end.request_began = true;
  CHECK(explain_failure(end).message == "no complete answer within 30s (example.com:443)");

  end = end_of(CURLE_WEIRD_SERVER_REPLY);
  end.detail = "bad \x1b[2J line\n";
  CHECK(explain_failure(end).message == "not an HTTP answer (example.com:443): bad \\x1b[2J line");
}
