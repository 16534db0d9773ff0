// SPDX-License-Identifier: MIT
#include "libcore/net/receiver.hpp"

#include <vector>

#include <doctest/doctest.h>

using core::net::HeaderField;
using core::net::refuse_stranger;

TEST_CASE("a listen address is a host and a port") {
  using core::net::parse_listen_address;
  CHECK(parse_listen_address("127.0.0.1:0")->text() == "127.0.0.1:0");
  CHECK(parse_listen_address("[::1]:8787")->host == "::1");
  CHECK(parse_listen_address("[::1]:8787")->text() == "[::1]:8787");
  CHECK(parse_listen_address("localhost:80")->is_loopback());
  CHECK(parse_listen_address("127.1.2.3:80")->is_loopback());
  CHECK_FALSE(parse_listen_address("127.0.0.1.example.com:80")->is_loopback());
  CHECK_FALSE(parse_listen_address("0.0.0.0:80")->is_loopback());
  for (const std::string bad : {"", "8787", "127.0.0.1", ":80", "::1:80", "a:", "a:65536", "a:x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_listen_address(bad).has_value());
  }
}

TEST_CASE("strangers are refused by Host, Origin and token") {
  struct Row {
    std::vector<HeaderField> headers;
    int status;  // 0: admitted
    std::string target = "/x";
  };
  const core::net::Admission local{.address = {.host = "127.0.0.1", .port = 80}, .token = ""};
  const core::net::Admission open{.address = {.host = "0.0.0.0", .port = 80}, .token = "s3cret"};
  for (const auto& [headers, status, target] :
       std::vector<Row>{{{{"Host", "127.0.0.1:80"}}, 0},
                        {{{"Host", "LOCALHOST"}}, 0},
                        {{{"Host", "[::1]:80"}}, 0},
                        {{}, 400},
                        {{{"Host", "localhost"}, {"Host", "localhost"}}, 400},
                        {{{"Host", "evil.example"}}, 403},
                        {{{"Host", "localhost.evil.example"}}, 403},
                        {{{"Host", ""}}, 403},
                        {{{"Host", "localhost:80"}, {"Origin", "http://localhost:80"}}, 0},
                        {{{"Host", "localhost:80"}, {"Origin", "http://localhost:3000"}}, 403},
                        {{{"Host", "localhost:80"}, {"Origin", "null"}}, 403}}) {
    CAPTURE(headers.size());
    const auto refused = refuse_stranger({"POST", target, headers}, local);
    CHECK((refused ? refused->status : 0) == status);
  }
  for (const auto& [headers, status, target] :
       std::vector<Row>{{{{"Host", "box.lan"}}, 401},
                        {{{"Host", "box.lan"}}, 0, "/health"},
                        {{{"Host", "box.lan"}, {"Authorization", "Bearer s3cret"}}, 0},
                        {{{"Host", "box.lan"}, {"Authorization", "bearer s3cret"}}, 0},
                        {{{"Host", "box.lan"}, {"Authorization", "Bearer s3cre"}}, 401},
                        {{{"Host", "box.lan"}, {"Authorization", "Bearer s3crets"}}, 401},
                        {{{"Host", "box.lan"}, {"Authorization", "Bearer "}}, 401},
                        {{{"Host", "box.lan"}, {"Authorization", "Basic s3cret"}}, 401}}) {
    const auto refused = refuse_stranger({"GET", target, headers}, open);
    CHECK((refused ? refused->status : 0) == status);
  }
}
