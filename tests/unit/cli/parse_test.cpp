// SPDX-License-Identifier: MIT
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/cli/tool.hpp"
#include "tests/fakes/fake_context.hpp"

namespace {

using core::cli::Binder;
using core::cli::Context;
using core::cli::ExitCode;
using Words = std::vector<std::string>;

enum class Size { small, large };
enum class Noise { no, yes };
enum class Shape { round, flat };

struct Options {
  int limit = 20;
  std::optional<std::string> data;
  std::vector<std::string> headers;
  std::vector<Size> sizes;
  core::cli::OptionalValue lines;
  core::Duration pause{0};
  core::ByteCount room{0};
  Noise noise = Noise::no;
  bool json = false;
  Shape shape = Shape::round;
  std::string first;
  std::vector<std::string> rest;
};

}  // namespace

template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<Size>{"small", "large"};

namespace {

void bind(Binder& b, Options& o) {
  b.option("-n,--limit", "N", "At most N.", o.limit);
  b.option("-d,--data", "DATA", "A body.", o.data);
  b.option("-H,--header", "HEADER", "A header.", o.headers);
  b.option("--size", "SIZE", "Sizes.", o.sizes);
  b.option("--lines", "FILE", "Lines.", o.lines);
  b.option("--pause", "DURATION", "A pause.", o.pause);
  b.option("--room", "SIZE", "Room.", o.room, {.once = "there is one room"});
  b.flag("-x,--noise", "Noise.", o.noise);
  b.flag("-j,--json", "JSON.", o.json);
  b.flag("-r,--round", "Round.", o.shape, Shape::round);
  b.flag("-f,--flat", "Flat.", o.shape, Shape::flat);
  b.operand("FIRST", "The first.", o.first);
  b.operand("REST", "The rest.", o.rest);
}

std::string join(const Words& words) {
  std::string text;
  for (const auto& word : words)
    text += "<" + word + ">";
  return text;
}

core::Result<ExitCode> run(Context& context, const Options& o) {
  context.out.print("n={} d={} H={} lines={} x={} j={} first={} rest={} sizes={} shape={}", o.limit,
                    o.data.value_or("none"), join(o.headers),
                    o.lines.given ? o.lines.value.value_or("given") : "none",
                    static_cast<int>(o.noise), o.json, o.first, join(o.rest), o.sizes.size(),
                    o.shape == Shape::flat ? "flat" : "round");
  return ExitCode::ok;
}

core::cli::Tool tool() {
  return {.name = "offq",
          .summary = "a tool",
          .version = "1.2.3",
          .commands = {core::cli::Declaration<Options>{.doc = {.name = "list", .summary = "List"},
                                                       .bind = bind}
                           .with(run)}};
}

struct Outcome {
  core::cli::Verbosity verbosity = core::cli::Verbosity::normal;
  ExitCode code = ExitCode::ok;
  std::string out;
  std::string err;
  std::string directory;
};

Outcome run_line(Words words, std::map<std::string, std::string> variables = {}) {
  fakes::FakeContext fake(std::move(variables));
  words.insert(words.begin(), "offq");
  const auto code = core::cli::run(tool(), words, fake.context);
  return {.verbosity = fake.context.verbosity,
          .code = code,
          .out = fake.out.text(),
          .err = fake.err.text(),
          .directory = fake.context.directory};
}

}  // namespace

TEST_CASE("options and operands mean what they mean to every other program") {
  struct Row {
    Words words;
    std::string expected;  // a part of what the command was given
  };
  const std::vector<Row> rows{
      {{"list", "a"}, "n=20 d=none H= lines=none x=0 j=false first=a rest= sizes=0 shape=round"},
      {{"list", "a", "-n", "5", "b"}, "n=5"},
      {{"list", "a", "-n5"}, "n=5"},
      {{"list", "a", "--limit=5"}, "n=5"},
      {{"list", "a", "--limit", "-5"}, "n=-5"},
      {{"list", "a", "-n", "1", "-n", "2"}, "n=2"},
      {{"list", "-xj", "a"}, "x=1 j=true"},
      {{"list", "-xjn3", "a"}, "n=3"},
      {{"list", "-xd", "q", "a"}, "d=q"},
      {{"list", "a", "-d", "-"}, "d=- "},
      {{"list", "a", "-d", "@file"}, "d=@file"},
      {{"list", "a", "--data=-x"}, "d=-x"},
      {{"list", "a", "--data="}, "d= H"},
      {{"list", "a", "-d", ""}, "d= H"},
      {{"list", "a", "-d", "[1,2]"}, "d=[1,2]"},
      {{"list", "a", "-d", "{}"}, "d={}"},
      {{"list", "a", "-d", "--"}, "d=--"},
      {{"list", "a", "-d", "a=b=c"}, "d=a=b=c"},
      {{"list", "-H", "A: 1", "a", "-H", "B: 2"}, "H=<A: 1><B: 2>"},
      {{"list", "-H", "[a]", "a"}, "H=<[a]>"},
      {{"list", "--", "-n", "--", "b"}, "first=-n rest=<--><b>"},
      {{"list", "a", "-", "-7"}, "rest=<-><-7>"},
      {{"list", "", "[b]"}, "first= rest=<[b]>"},
      {{"list", "a", "--size", "small,large", "--size", "small"}, "sizes=3"},
      {{"list", "a", "--lines"}, "lines=given"},
      {{"list", "a", "--lines", "-n", "3"}, "n=3 d=none H= lines=given"},
      {{"list", "--lines", "f", "a"}, "lines=f"},
      {{"list", "a", "--lines=f"}, "lines=f"},
      {{"list", "--lines", "-", "a"}, "lines=-"},
      {{"list", "--flat", "a", "--round"}, "shape=round"},
      {{"list", "-f", "a"}, "shape=flat"},
      {{"list", "--round", "a", "-f"}, "shape=flat"},
      {{"list", "-frf", "a"}, "shape=flat"},
      {{"list", "-rn1", "-H", "A", "-fn", "2", "--lines", "-H", "B", "a"},
       "n=2 d=none H=<A><B> lines=given"},
      {{"-C", "d", "list", "a"}, "first=a"},
      {{"--color=never", "-q", "list", "--verbose", "a"}, "first=a"},
  };
  for (const auto& row : rows) {
    const auto outcome = run_line(row.words);
    CAPTURE(join(row.words));
    CAPTURE(outcome.err);
    CHECK(outcome.code == ExitCode::ok);
    CHECK(outcome.out.find(row.expected) != std::string::npos);
    if (outcome.out.find(row.expected) == std::string::npos) MESSAGE(outcome.out);
  }
}

TEST_CASE("of options that contradict each other the last one wins") {
  using core::cli::Verbosity;
  CHECK(run_line({"list", "-q", "-v", "a"}).verbosity == Verbosity::verbose);
  CHECK(run_line({"list", "-v", "-q", "a"}).verbosity == Verbosity::quiet);
  CHECK(run_line({"-vq", "list", "a"}).verbosity == Verbosity::quiet);
  CHECK(run_line({"-qv", "list", "a"}).verbosity == Verbosity::verbose);
  CHECK(run_line({"-q", "list", "-v", "a"}).verbosity == Verbosity::verbose);
}

TEST_CASE("a wrong line is refused with the offending text and a hint") {
  struct Row {
    Words words;
    std::string message;
  };
  const std::vector<Row> rows{
      {{"lsit"}, "offq: unknown command 'lsit': did you mean 'list'?\ntry 'offq --help'\n"},
      {{"--bogus", "list"}, "offq: unknown option '--bogus'\n"},
      {{"list", "a", "--limt", "3"},
       "offq: unknown option '--limt' for 'list': did you mean '--limit'?\ntry 'offq list "
       "--help'\n"},
      {{"list", "a", "--limt=3"}, "unknown option '--limt' for 'list': did you mean '--limit'?"},
      {{"list", "a", "-limit"}, "did you mean '--limit'?"},
      {{"list", "-xz", "a"}, "unknown option '-z' for 'list'\n"},
      {{"list", "a", "-n"}, "offq: missing value: --limit N\n"},
      {{"list", "a", "-n", "x"}, "offq: invalid value: --limit: not a number: 'x'\n"},
      {{"list", "a", "-n="}, "not a number: '='"},
      {{"list", "a", "--limit="}, "not a number: ''"},
      {{"list", "a", "--limit=+-5"}, "not a number: '+-5'"},
      {{"list", "a", "-n", "1e3"}, "not a number: '1e3'"},
      {{"list", "a", "-n", "99999999999"}, "number out of range: '99999999999'"},
      {{"list", "a", "--json=yes"}, "offq: option takes no value: --json\n"},
      {{"list", "a", "--size", "huge"}, "--size: 'huge' is not small or large\n"},
      {{"list", "a", "--size", "small,"}, "--size: '' is not small or large\n"},
      {{"list", "a", "--pause", "5"}, "--pause: not a duration: '5'"},
      {{"list", "a", "--room", "5XB"}, "--room: not a size: '5XB'"},
      {{"list", "a", "--room", "1KB", "--room", "2KB"},
       "offq: option given twice: --room: there is one room\n"},
      {{"list", "a", "--color", "blue"}, "--color: 'blue' is not auto, always or never"},
      {{"list"}, "offq: missing operand: FIRST\ntry 'offq list --help'\n"},
      {{"list", "a", "--\x1b[31m"}, "unknown option '--\\x1b[31m'"},
  };
  for (const auto& row : rows) {
    const auto outcome = run_line(row.words);
    CAPTURE(join(row.words));
    CAPTURE(outcome.err);
    CHECK(outcome.code == ExitCode::usage);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(row.message) != std::string::npos);
  }
}

TEST_CASE("help is shown even when the rest of the line is wrong") {
  const auto outcome = run_line({"list", "-n", "x", "--help"});

  CHECK(outcome.code == ExitCode::ok);
  CHECK(outcome.out.starts_with("offq list - List\n"));
  CHECK(run_line({"--version"}).out == "offq 1.2.3\n");
  CHECK(run_line({"--help"}).out.find("list  List") != std::string::npos);
  CHECK(run_line({}).code == ExitCode::usage);
}

TEST_CASE("the queue directory is found by option, environment, convention, in this order") {
  const std::map<std::string, std::string> all{{"HOME", "/h"},
                                               {"XDG_STATE_HOME", "/s"},
                                               {"CEMAF_OFFLINE_STORAGE_PATH", "/c"},
                                               {"OFFQ_DIR", "/o"}};
  CHECK(run_line({"list", "a", "-C", "d"}, all).directory == "d");
  CHECK(run_line({"--dir=d", "list", "a"}, all).directory == "d");
  CHECK(run_line({"list", "a"}, all).directory == "/o");
  CHECK(run_line({"list", "a"}, {{"HOME", "/h"}, {"CEMAF_OFFLINE_STORAGE_PATH", "/c"}}).directory ==
        "/c");
  CHECK(run_line({"list", "a"}, {{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}}).directory == "/s/offq");
  CHECK(run_line({"list", "a"}, {{"HOME", "/h"}, {"XDG_STATE_HOME", "s"}}).directory ==
        "/h/.local/state/offq");
  CHECK(run_line({"list", "a"}).directory.empty());
}
