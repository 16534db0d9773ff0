// SPDX-License-Identifier: MIT
#include "libcore/cli/output.hpp"

#include <algorithm>
#include <string>

#include <fcntl.h>

#include <doctest/doctest.h>

#include "libcore/cli/layout.hpp"
#include "libcore/cli/progress.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/sys/fd.hpp"
#include "tests/fakes/fake_context.hpp"

using namespace std::chrono_literals;
using core::cli::Color;
using core::cli::Column;
using core::cli::Format;
using core::cli::Record;
using core::cli::Table;

namespace {

Record record(const core::Time now) {
  Record row;
  row.add("id", "01K")
      .add("size", core::cli::Value{core::ByteCount{1234}})
      .add("created", core::cli::Value{now - 3min})
      .add("lane", core::cli::Value{core::cli::Absent{}})
      .add("note", "tab\there")
      .add("attempts", 2)
      .add("raw", core::cli::Value{core::cli::RawJson{R"({"a":1.0})"}});
  return row;
}

std::string render(fakes::FakeContext& fake, core::cli::TableOptions options) {
  Table table(fake.context,
              {{.field = "id", .header = "ID"},
               {.field = "size", .header = "SIZE", .align = core::cli::Align::right},
               {.field = "created", .header = "CREATED"},
               {.field = "lane", .header = "LANE"},
               {.field = "note", .header = "NOTE", .max_width = 8}},
              std::move(options));
  table.add(record(fake.clock.now()));
  table.finish();
  return fake.out.text();
}

}  // namespace

TEST_CASE("a time is told from now on, and less than a second ahead is not yet now") {
  const core::Time now{std::chrono::hours{1000}};
  const auto told = [now](core::Duration span) {
    return core::cli::relative_time(now + span, now);
  };

  CHECK(told(0ms) == "now");
  CHECK(told(-999ms) == "now");
  CHECK(told(100us) == "now");
  CHECK(told(400ms) == "in 400ms");
  CHECK(told(999600us) == "in 1s");
  CHECK(told(1500ms) == "in 1.5s");
  CHECK(told(-2s) == "2s ago");
}

TEST_CASE("a table aligns its columns and shows nothing that moves the cursor") {
  fakes::FakeContext fake;

  CHECK(render(fake, {}) ==
        "ID     SIZE  CREATED  LANE  NOTE\n"
        "01K  1.2 kB  3m ago   -     tab\\x09…\n");
}

TEST_CASE("headings are bold on a terminal only and can be left out") {
  fakes::FakeContext fake;
  fake.context.out_color = Color::yes;
  CHECK(render(fake, {}).starts_with("\x1b[1mID\x1b[0m"));

  fakes::FakeContext bare;
  CHECK(render(bare, {.header = core::cli::Header::no}).starts_with("01K  1.2 kB"));
}

TEST_CASE("programs get JSON lines or ids") {
  fakes::FakeContext json;
  CHECK(render(json, {.format = Format::json}) ==
        R"({"id":"01K","size":1234,"created":"2026-11-20T23:57:00.000000Z","note":"tab\there",)"
        "\"attempts\":2,\"raw\":{\"a\":1.0}}\n");

  fakes::FakeContext ids;
  CHECK(render(ids, {.format = Format::ids}) == "01K\n");
}

TEST_CASE("a table for a narrow terminal shortens its widest column, never the first") {
  fakes::FakeContext fake;
  fake.context.terminal.out_is_terminal = true;
  fake.context.terminal.width = 40;
  Table table(fake.context, {{.field = "id", .header = "ID"}, {.field = "url", .header = "URL"}},
              {});
  Record row;
  row.add("id", std::string(26, '0')).add("url", std::string(60, 'u'));

  table.add(row);
  table.finish();

  CHECK(fake.out.text().find(std::string(26, '0') + "  " + std::string(11, 'u') + "…\n") !=
        std::string::npos);
}

TEST_CASE("a table never shortens a number, and a first column only where it may") {
  fakes::FakeContext fake;
  fake.context.terminal.out_is_terminal = true;
  fake.context.terminal.width = 40;
  Table table(fake.context,
              {{.field = "url", .header = "URL", .max_width = 60, .min_width = 10},
               {.field = "ms", .header = "MS", .align = core::cli::Align::right},
               {.field = "what", .header = "WHAT", .min_width = 6}},
              {});
  Record row;
  row.add("url", std::string(30, 'u')).add("ms", "123456789.0 ms").add("what", "abcdef");

  table.add(row);
  table.finish();

  CHECK(fake.out.text().ends_with("\n" + std::string(15, 'u') + "…  123456789.0 ms  abcdef\n"));
}

TEST_CASE("the last column of a table may go on below, under its heading") {
  fakes::FakeContext fake;
  fake.context.terminal.out_is_terminal = true;
  fake.context.terminal.width = 40;
  Table table(fake.context,
              {{.field = "id", .header = "ID"},
               {.field = "why", .header = "WHY", .overflow = core::cli::Overflow::wrap}},
              {});
  Record row;
  row.add("id", std::string(20, 'i')).add("why", "one two three four five");

  table.add(row);
  table.finish();

  CHECK(fake.out.text().ends_with(std::string(20, 'i') + "  one two three four\n" +
                                  std::string(22, ' ') + "five\n"));
}

TEST_CASE("text is wrapped beside what it explains, on a terminal only") {
  fakes::FakeContext fake;
  CHECK(core::cli::hanging("one two  three", 4, core::cli::result_page(fake.context)) ==
        "one two  three");

  fake.context.terminal.out_is_terminal = true;
  fake.context.terminal.width = 40;
  const auto page = core::cli::result_page(fake.context);
  CHECK(core::cli::hanging("one two three four five six", 15, page) ==
        "one two three four five\n" + std::string(15, ' ') + "six");
  CHECK(core::cli::hanging("see https://example.org/a/rather/long/page now", 15, page) ==
        "see\n" + std::string(15, ' ') + "https://example.org/a/rather/long/page\n" +
            std::string(15, ' ') + "now");
}

TEST_CASE(
    "a table leaves out what does not fit, first what says nothing, then what matters least") {
  const auto lines = [](int width) {
    fakes::FakeContext fake;
    fake.context.terminal.out_is_terminal = true;
    fake.context.terminal.width = width;
    Table table(fake.context,
                {{.field = "id", .header = "ID"},
                 {.field = "a", .header = "A", .min_width = 10},
                 {.field = "b", .header = "B", .yields = 1},
                 {.field = "c", .header = "C", .yields = 2}},
                {});
    Record row;
    row.add("id", std::string(26, 'I')).add("a", std::string(14, 'a')).add("b", "bbbbbbbb");
    table.add(row);
    table.finish();
    return fake.out.text();
  };
  const std::string id(26, 'I');

  CHECK(lines(55).ends_with(id + "  aaaaaaaaaaaaaa  bbbbbbbb  -\n"));
  CHECK(lines(54).ends_with(id + "  aaaaaaaaaaaa…  bbbbbbbb  -\n"));
  CHECK(lines(50).ends_with(id + "  aaaaaaaaaaa…  bbbbbbbb\n"));
  CHECK(lines(42).ends_with(id + "  aaaaaaaaaaaaaa\n"));
}

TEST_CASE("rows beyond those that settle the widths are printed at once") {
  fakes::FakeContext fake;
  Table table(fake.context, {{.field = "id", .header = "ID"}}, {});
  for (int i = 0; i < 300; ++i)
    table.add(record(fake.clock.now()));

  CHECK(std::ranges::count(fake.out.text(), '\n') == 301);
  table.finish();
  CHECK(std::ranges::count(fake.out.text(), '\n') == 301);
}

TEST_CASE("a table without rows prints nothing") {
  fakes::FakeContext fake;
  Table table(fake.context, {{.field = "id", .header = "ID"}}, {});
  table.finish();
  CHECK(fake.out.text().empty());
}

TEST_CASE("text is cut between characters") {
  CHECK(core::cli::cut_to("abc", 3) == "abc");
  CHECK(core::cli::cut_to("abcd", 3) == "ab…");
  CHECK(core::cli::cut_to("äöüß", 3) == "äö…");
  CHECK(core::cli::cut_to("abc", 1) == "…");
  CHECK(core::cli::cut_to("abc", 0).empty());
  CHECK(core::cli::display_width("äöü€") == 4);
}

TEST_CASE("a progress line says how far, how fast and how long") {
  using core::cli::Charset;
  const core::cli::Counts counts{.done = 50, .total = 100, .failed = 2};

  CHECK(core::cli::render_progress("sync", counts, 5s, 60, Charset::ascii) ==
        "sync  50/100  [#######........]  50%  10/s  ETA 5s  2 failed");
  CHECK(core::cli::render_progress("sync", {.done = 3}, 1s, 60, Charset::ascii) ==
        "sync  3  3.0/s");
  for (const std::size_t width : {10UL, 30UL, 40UL, 80UL, 200UL}) {
    for (const auto charset : {Charset::ascii, Charset::unicode}) {
      CHECK(core::cli::display_width(
                core::cli::render_progress("sync", counts, 5s, width, charset)) <= width);
    }
  }
}

TEST_CASE("progress draws ten times a second at most, on a terminal only, and cleans up") {
  fakes::FakeContext fake;
  fake.context.terminal.err_is_terminal = true;
  {
    core::cli::Progress progress(fake.context, "sync", core::cli::Progress::Show::yes);
    progress.update({.done = 1, .total = 9});
    progress.update({.done = 2, .total = 9});
    fake.clock.advance(100ms);
    progress.update({.done = 3, .total = 9});
  }
  CHECK(fake.err.text().find("1/9") != std::string::npos);
  CHECK(fake.err.text().find("2/9") == std::string::npos);
  CHECK(fake.err.text().find("3/9") != std::string::npos);
  CHECK(fake.err.text().ends_with("\r\x1b[K"));

  fakes::FakeContext pipe;
  core::cli::Progress silent(pipe.context, "sync", core::cli::Progress::Show::yes);
  silent.update({.done = 1, .total = 9});
  CHECK(pipe.err.text().empty());
}

TEST_CASE("input is read by lines, by chunks, or whole") {
  fakes::StringInput input("a\n\nlast");
  CHECK(**input.line() == "a");
  CHECK((*input.line())->empty());
  CHECK(*input.all({100}) == "last");
  CHECK_FALSE((*input.line()).has_value());

  fakes::StringInput words(
      "a b\n\n c \0d\ne"
      "\n");
  CHECK(core::cli::read_words(words)->size() == 2);
  fakes::StringInput zeros(std::string("x\0y\0", 4));
  CHECK(*core::cli::read_words(zeros) == std::vector<std::string>{"x", "y"});

  fakes::StringInput large(std::string(300'000, 'x') + "\ny");
  CHECK((*large.line())->size() == 300'000);
  CHECK(**large.line() == "y");
  fakes::StringInput endless(std::string(300'000, 'x'));
  CHECK(endless.line({1000}).error().code == core::Errc::corrupt);
  fakes::StringInput much(std::string(300'000, 'x'));
  CHECK(much.all({1000}).error().code == core::Errc::full);
}

TEST_CASE("warnings are for all but the quiet, notes for the verbose") {
  fakes::FakeContext fake;
  fake.context.warn("disk nearly full");
  fake.context.note("hidden");
  CHECK(fake.err.text() == "offq: warning: disk nearly full\n");

  fakes::FakeContext quiet;
  quiet.context.verbosity = core::cli::Verbosity::quiet;
  quiet.context.warn("hidden");
  CHECK(quiet.err.text().empty());
}

TEST_CASE("messages command no terminal, whoever wrote what is in them") {
  fakes::FakeContext fake;
  fake.context.verbosity = core::cli::Verbosity::verbose;
  fake.context.err_color = Color::yes;
  fake.context.warn("a\x1b[31m");
  fake.context.note("b\r\xc2\x9b");
  fake.context.complain({.code = core::Errc::io, .message = "c\n" + std::string(200, 'x')});
  CHECK(fake.err.text() ==
        "offq: \x1b[33mwarning:\x1b[0m a\\x1b[31m\noffq: b\\x0d\\xc2\\x9b\n"
        "offq: \x1b[31mc\\x0a" +
            std::string(200, 'x') + "\x1b[0m\n");
}

TEST_CASE("a failed write is reported by the next flush, once, and ends the output") {
  for (const auto buffering :
       {core::cli::FdOutput::Buffering::none, core::cli::FdOutput::Buffering::full}) {
    const core::sys::Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    REQUIRE(full.is_open());
    core::cli::FdOutput out(full.get(), "standard output", buffering);
    out.write("01K");

    const auto flushed = out.flush();
    REQUIRE_FALSE(flushed.has_value());
    CHECK(flushed.error().code == core::Errc::full);
    CHECK(out.is_closed());
    out.write("more");
    CHECK(out.flush().has_value());
  }
}
