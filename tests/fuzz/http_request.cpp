// SPDX-License-Identifier: MIT
// What `offq receive` reads from anybody: header fields, framing, the body. An input is the fields,
// an empty line, and the body as it comes over the wire, all with CRLF.

#include <string>

#include "libcore/net/http_message.hpp"
#include "libcore/net/receiver.hpp"
#include "tests/fuzz/property.hpp"

using core::net::BodyFailure;
using core::net::ByteSource;
using core::net::Framing;
using core::net::HeaderField;
using core::net::RequestBody;
using fuzz::must_hold;

namespace {

constexpr core::ByteCount k_limit{1000};

// Bytes that arrive in pieces of this size.
class Arriving final : public ByteSource {
 public:
  Arriving(std::string_view text, std::size_t piece) : rest_(text), piece_(piece) {}
  core::Result<std::string_view> peek() override { return rest_.substr(0, piece_); }
  void consume(std::size_t count) override {
    must_hold(count <= rest_.size(), "no more is consumed than there is");
    rest_.remove_prefix(count);
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  std::size_t piece_;
};

struct Read {
  std::string body;
  std::optional<BodyFailure> failure;
  std::size_t left = 0;  // bytes of the next request
  bool operator==(const Read&) const = default;
};

Read read_body(std::string_view wire, const Framing& framing, std::size_t piece) {
  Arriving source(wire, piece);
  RequestBody body(source, framing, k_limit);
  Read read;
  while (true) {
    const auto next = body.next();
    if (!next || next->empty()) break;
    read.body += *next;
    must_hold(read.body.size() <= k_limit.value, "a body stays below its limit");
  }
  read.failure = body.failure();
  read.left = source.left();
  must_hold(read.failure.has_value() != body.is_finished(), "a body ends, or fails");
  return read;
}

void check_body(std::string_view wire, const std::vector<HeaderField>& fields) {
  const auto framing = core::net::framing_of(fields);
  if (!framing) return;
  const Read whole = read_body(wire, *framing, wire.size() + 1);
  const Read slow = read_body(wire, *framing, 1);
  const Read pieces = read_body(wire, *framing, 7);
  // Where a failed request ends is nobody's business: the connection is closed.
  must_hold(whole.failure == slow.failure && whole.failure == pieces.failure,
            "a body fails in the same way however it arrives");
  if (whole.failure) return;
  must_hold(whole == slow && whole == pieces, "a body is the same however it arrives");
}

// As fields are written.
std::string format_fields(const std::vector<HeaderField>& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text += name + ": " + value + "\r\n";
  return text;
}

void check_admission(const std::vector<HeaderField>& fields) {
  const core::net::ServerRequest request{.method = "POST", .target = "/v1", .headers = fields};
  const auto refused = core::net::refuse_stranger(
      request, {.address = {.host = "127.0.0.1", .port = 8787}, .token = "secret"});
  const auto* token = request.header("Authorization");
  must_hold(refused || (token != nullptr && token->ends_with("secret")),
            "nobody comes in without the token");
  must_hold(refused || request.header("Host") != nullptr, "nobody comes in without a Host");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto end = rest.find("\r\n\r\n");
  const auto head = end == std::string_view::npos ? rest : rest.substr(0, end + 2);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 4);
  const auto fields = core::net::parse_fields(head);
  if (!fields) return 0;
  const auto again = core::net::parse_fields(format_fields(*fields));
  must_hold(again && *again == *fields, "fields that are written again are the same");
  check_admission(*fields);
  check_body(rest, *fields);
  return 0;
}
