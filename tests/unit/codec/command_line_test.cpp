// SPDX-License-Identifier: MIT
#include "libcore/codec/command_line.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using core::codec::CommandLine;
using core::codec::format_command;
using core::codec::parse_command;

namespace {

CommandLine some() {
  return {.queue = "01M7XYQP6V5Q4ZJ8WZ5N1V7C2M",
          .program = "/bin/sh",
          .arguments = {"-c", "echo \"a\n b\"", "", "ü"},
          .directory = "/home/anna",
          .environment = {{"PATH", "/bin"}, {"LANG", ""}},
          .timeout = 10min};
}

}  // namespace

TEST_CASE("a command is read as it was written") {
  CHECK(parse_command(format_command(some()).value()).value() == some());
}

TEST_CASE("a command that JSON cannot hold is refused") {
  auto command = some();
  command.arguments.emplace_back("\xff");
  CHECK(format_command(command).error().code == core::Errc::usage);
  command = some();
  command.environment.emplace_back("A", std::string("a\0b", 3));
  CHECK(format_command(command).error().code == core::Errc::usage);
}

TEST_CASE("what is no command is corrupt, and not run in part") {
  const std::string good = format_command(some()).value();
  const auto with = [&good](const std::string& from, const std::string& to) {
    auto text = good;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  for (const auto& text :
       {std::string("{}"), std::string("[]"), with("\"/bin/sh\"", "\"sh\""),
        with("\"/home/anna\"", "\".\""), with("\"-c\"", "1"), with("600000", "0"),
        with("600000", "-1"), with("\"PATH\":\"/bin\"", "\"PATH\":7"),
        with("\"queue\"", "\"shell\""), with("\"-c\"", R"("a\u0000b")")}) {
    CAPTURE(text);
    REQUIRE_FALSE(parse_command(text).has_value());
    CHECK(parse_command(text).error().code == core::Errc::corrupt);
  }
}
