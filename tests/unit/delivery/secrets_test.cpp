// SPDX-License-Identifier: MIT
#include "libcore/delivery/secrets.hpp"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using core::Errc;
using core::delivery::Secrets;

namespace {

struct Row {
  std::string text;
  std::string bound;
};

struct Bad {
  std::string text;
  std::string message;  // part of it
};

Secrets secrets() {
  using namespace std::string_literals;
  const std::map<std::string, std::string> variables{
      {"TOKEN", "t0ps3cret"},     {"EMPTY", ""},
      {"NESTED", "${env:TOKEN}"}, {"CRLF", "t0ps3cret\r\nX: y"},
      {"NUL", "t0ps3cret\0x"s},   {"NEWLINE", "t0ps3cret\n"}};
  const std::map<std::string, std::string> files{{"/run/token", "fr0mfile\n"},
                                                 {"/run/dos", "fr0mfile\r\n"},
                                                 {"/run/bare", "fr0mfile"},
                                                 {"/run/blank", "\n"},
                                                 {"/run/two", "t0ps3cret\nline"}};
  return Secrets(
      [variables](const std::string& name) -> std::optional<std::string> {
        const auto at = variables.find(name);
        return at == variables.end() ? std::nullopt : std::optional(at->second);
      },
      [files](const std::string& path) -> core::Result<std::optional<std::string>> {
        if (path == "/closed/token") return core::fail(Errc::denied, "permission denied");
        const auto at = files.find(path);
        return at == files.end() ? std::nullopt : std::optional(at->second);
      });
}

}  // namespace

TEST_CASE("placeholders are replaced by what they name, once") {
  for (const auto& row : std::vector<Row>{
           {"", ""},
           {"plain", "plain"},
           {"$5 {x} $", "$5 {x} $"},
           {"Bearer ${env:TOKEN}", "Bearer t0ps3cret"},
           {"${env:TOKEN}${env:TOKEN}!", "t0ps3crett0ps3cret!"},
           {"a${env:EMPTY}b", "ab"},
           {"${env:NESTED}", "${env:TOKEN}"},
           {"${file:/run/token}", "fr0mfile"},
           {"${file:/run/dos}", "fr0mfile"},
           {"${file:/run/bare}", "fr0mfile"},
           {"${file:/run/blank}", ""},
           {"$${env:TOKEN}", "${env:TOKEN}"},
           {"$${${env:TOKEN}}", "${t0ps3cret}"},
           {"$${cmd:ls} $${", "${cmd:ls} ${"},
       }) {
    CAPTURE(row.text);
    const auto bound = secrets().bind(row.text);
    REQUIRE(bound.has_value());
    CHECK(*bound == row.bound);
  }
}

TEST_CASE("a secret that cannot be bound is named, and its value is not told") {
  for (const auto& row : std::vector<Bad>{
           {"${env:MISSING}", "secret ${env:MISSING}: the variable is not set"},
           {"${env:}", "write ${env:NAME}"},
           {"${env}", "write ${env:NAME}"},
           {"${}", "write ${env:NAME}"},
           {"${TOKEN}", "write ${env:NAME}"},
           {"${ENV:TOKEN}", "write ${env:NAME}"},
           {"${env:TOKEN", "without '}'"},
           {"x${", "without '}'"},
           {"${cmd:cat /etc/token}", "not supported by this version"},
           {"${env:CRLF}", "CR, LF or NUL"},
           {"${env:NUL}", "CR, LF or NUL"},
           {"${env:NEWLINE}", "CR, LF or NUL"},
           {"${file:/run/two}", "CR, LF or NUL"},
           {"${file:/run/none}", "secret ${file:/run/none}: no such file"},
           {"${file:/closed/token}", "secret ${file:/closed/token}: permission denied"},
           {"${env:TOKEN} ${env:MISSING}", "${env:MISSING}"},
       }) {
    CAPTURE(row.text);
    const auto bound = secrets().bind(row.text);
    REQUIRE_FALSE(bound.has_value());
    CHECK(bound.error().code == Errc::config);
    CAPTURE(bound.error().message);
    CHECK(bound.error().message.find(row.message) != std::string::npos);
    CHECK(bound.error().message.find("t0ps3cret") == std::string::npos);
    CHECK(bound.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("whether a text holds a secret can be asked without looking it up") {
  for (const auto* text : {"${env:X}", "a ${file:/x}", "$${x}${env:X}", "${", "$${${env:X}"}) {
    CAPTURE(text);
    CHECK(Secrets::has_secret(text));
  }
  for (const auto* text : {"", "plain", "$", "$x", "{env:X}", "$${env:X}", "a$${"}) {
    CAPTURE(text);
    CHECK_FALSE(Secrets::has_secret(text));
  }
}
