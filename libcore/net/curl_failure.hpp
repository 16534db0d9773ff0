// SPDX-License-Identifier: MIT
#pragma once

// What a libcurl error code means for an operation: whose fault it was, and whether the server can
// have seen the request. Pure; the facts come from curl_transfer.cpp.

#include <chrono>
#include <string>
#include <string_view>

#include "libcore/net/http.hpp"

namespace core::net {

struct CurlEnd {
  int code = 0;                // CURLcode, not CURLE_OK
  bool request_began = false;  // some of the request may have reached the server
  int os_error = 0;            // errno of the failed connect, or 0
  std::string_view detail;     // CURLOPT_ERRORBUFFER; may be empty
  std::string_view place;      // "host:port", for the message
  std::chrono::milliseconds timeout{};
};

HttpError explain_failure(const CurlEnd& end);

}  // namespace core::net
