// SPDX-License-Identifier: MIT
// Apart from httpd.cpp, which brings the server's library along.
#include "libcore/codec/json_text.hpp"
#include "libcore/net/httpd.hpp"

namespace core::net {

ServerAnswer ServerAnswer::refusal(int status, std::string_view why) {
  return {.status = status,
          .body = codec::JsonObject{}.add("status", status).add("error", why).text() + "\n"};
}

}  // namespace core::net
