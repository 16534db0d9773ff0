// SPDX-License-Identifier: MIT
#include "libcore/net/http_message.hpp"

#include <vector>

#include <doctest/doctest.h>

using core::ByteCount;
using core::Result;
using core::net::BodyFailure;
using core::net::ByteSource;
using core::net::Chunked;
using core::net::Framing;
using core::net::Length;
using core::net::RequestBody;

namespace {

// Gives its text in steps of `step` bytes.
class TextSource final : public ByteSource {
 public:
  TextSource(std::string text, std::size_t step) : text_(std::move(text)), step_(step) {}
  Result<std::string_view> peek() override { return std::string_view(text_).substr(at_, step_); }
  void consume(std::size_t count) override { at_ += count; }
  [[nodiscard]] std::string rest() const { return text_.substr(at_); }

 private:
  std::string text_;
  std::size_t step_;
  std::size_t at_ = 0;
};

Result<std::string> read_all(RequestBody& body) {
  std::string all;
  while (true) {
    TRY_ASSIGN(const std::string_view piece, body.next());
    if (piece.empty()) return all;
    all += piece;
  }
}

}  // namespace

TEST_CASE("header fields come as they were sent, in order") {
  const auto fields = core::net::parse_fields("Host: a\r\nX-Two:  b%20c \r\nx-two:\r\n");
  REQUIRE(fields.has_value());
  CHECK(*fields ==
        std::vector<core::net::HeaderField>{{"Host", "a"}, {"X-Two", "b%20c"}, {"x-two", ""}});
  CHECK(*core::net::find_field(*fields, "x-TWO") == "b%20c");
  CHECK(core::net::count_fields(*fields, "X-Two") == 2);
}

TEST_CASE("header lines that can be read in two ways are refused") {
  for (const std::string& bad :
       {std::string("Host a\r\n"), std::string(": a\r\n"), std::string("Host : a\r\n"),
        std::string(" Host: a\r\n"), std::string("A: b\r\n folded\r\n"), std::string("A: b\n"),
        std::string("A: b\nB: c\r\n"), std::string("A: b\rc\r\n"), std::string("A: b\0c\r\n", 8)}) {
    CAPTURE(bad);
    CHECK_FALSE(core::net::parse_fields(bad).has_value());
  }
}

TEST_CASE("a body is framed in one way or the request is refused") {
  using core::net::framing_of;
  CHECK(std::get<Length>(*framing_of({})).bytes == 0);
  CHECK(std::get<Length>(*framing_of({{"content-length", "12"}})).bytes == 12);
  CHECK(std::holds_alternative<Chunked>(*framing_of({{"Transfer-Encoding", "Chunked"}})));
  for (const auto& bad : std::vector<std::vector<core::net::HeaderField>>{
           {{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}},
           {{"Content-Length", "1"}, {"Content-Length", "1"}},
           {{"Content-Length", "+1"}},
           {{"Content-Length", "1, 1"}},
           {{"Content-Length", ""}},
           {{"Transfer-Encoding", "gzip"}},
           {{"Transfer-Encoding", "gzip, chunked"}},
           {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}}) {
    CHECK_FALSE(framing_of(bad).has_value());
  }
}

TEST_CASE("a body ends where its framing says, however the bytes arrive") {
  for (const std::size_t step : {1, 2, 3, 7, 1000}) {
    CAPTURE(step);
    TextSource plain("hello worldNEXT", step);
    RequestBody sized(plain, Length{11}, ByteCount{100});
    CHECK(*read_all(sized) == "hello world");
    CHECK(sized.is_finished());
    CHECK(plain.rest() == "NEXT");

    TextSource coded("5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\nNEXT", step);
    RequestBody chunked(coded, Chunked{}, ByteCount{100});
    CHECK(*read_all(chunked) == "hello world");
    CHECK(coded.rest() == "NEXT");
  }
}

TEST_CASE("a body that breaks its framing or the limit says how") {
  struct Row {
    std::string bytes;
    Framing framing;
    BodyFailure failure;
  };
  for (const auto& [bytes, framing, failure] : std::vector<Row>{
           {"hel", Length{5}, BodyFailure::lost},
           {"", Length{11}, BodyFailure::too_large},
           {"5\r\nhel", Chunked{}, BodyFailure::lost},
           {"6\r\nabcdef\r\n5\r\nabcde\r\n0\r\n\r\n", Chunked{}, BodyFailure::too_large},
           {"fffffffffffffff\r\n", Chunked{}, BodyFailure::too_large},
           {"ffffffffffffffffff\r\n", Chunked{}, BodyFailure::malformed},
           {"-1\r\n", Chunked{}, BodyFailure::malformed},
           {"\r\n", Chunked{}, BodyFailure::malformed},
           {"3\nabc\r\n", Chunked{}, BodyFailure::malformed},
           {"3\r\nabcd\r\n", Chunked{}, BodyFailure::malformed},
           {"1;" + std::string(1000, 'x') + "\r\n", Chunked{}, BodyFailure::malformed}}) {
    CAPTURE(bytes);
    TextSource source(bytes, 1000);
    RequestBody body(source, framing, ByteCount{10});
    CHECK_FALSE(read_all(body).has_value());
    CHECK(body.failure() == failure);
    CHECK_FALSE(body.next().has_value());
  }
}
