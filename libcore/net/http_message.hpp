// SPDX-License-Identifier: MIT
#pragma once

// Reading an HTTP/1.1 request as a server must: header fields as they came, how the body is
// framed, and the body piece by piece. Strict, because what two programs on the way read
// differently is how requests are smuggled. No sockets here: bytes come from a ByteSource.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"
#include "libcore/net/http.hpp"

namespace core::net {

// Fields in order, names as they came, values without the blanks around them. `text` is what lies
// between the request line and the empty line. Refuses bare newlines, folded lines, control
// characters and names that are no token. Errors: corrupt.
Result<std::vector<HeaderField>> parse_fields(std::string_view text);

// The value of the first field of this name; case does not count. Null when there is none.
const std::string* find_field(const std::vector<HeaderField>& fields, std::string_view name);
std::size_t count_fields(const std::vector<HeaderField>& fields, std::string_view name);

struct Chunked {};
struct Length {
  std::uint64_t bytes = 0;
};
using Framing = std::variant<Length, Chunked>;  // no body is Length 0

// Errors: corrupt for contradictions (a length and chunks, two lengths) and unknown codings.
Result<Framing> framing_of(const std::vector<HeaderField>& fields);

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  // What has arrived and was not consumed, waiting until there is something; empty at the end.
  // Valid until the next call. Errors: io, timeout.
  virtual Result<std::string_view> peek() = 0;
  // Takes the first `count` bytes of what peek() gave.
  virtual void consume(std::size_t count) = 0;
};

// Why a body could not be read to its end.
enum class BodyFailure { too_large, malformed, slow, lost };

class RequestBody {
 public:
  RequestBody(ByteSource& source, Framing framing, ByteCount limit)
      : source_(source), framing_(framing), limit_(limit) {
    const auto* length = std::get_if<Length>(&framing_);
    is_finished_ = length != nullptr && length->bytes == 0;
  }

  // The next piece, empty at the end and from then on; valid until the next call. Errors: full
  // (over the limit), corrupt, timeout, io; failure() tells them apart from errors of the disk.
  Result<std::string_view> next();

  [[nodiscard]] const std::optional<BodyFailure>& failure() const { return failure_; }
  [[nodiscard]] bool is_finished() const { return is_finished_; }
  // A length that was announced and is over the limit: known before anything is read.
  [[nodiscard]] bool is_announced_too_large() const;
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  tl::unexpected<Error> failed(BodyFailure failure, Errc code, std::string message);
  Result<std::string_view> take(std::uint64_t most);
  Result<std::string> line();
  Result<> begin_chunk();
  Result<std::string_view> next_of_length(std::uint64_t length);
  Result<std::string_view> next_of_chunks();
  Result<> skip_trailers();

  ByteSource& source_;
  const Framing framing_;
  const ByteCount limit_;
  std::size_t handed_out_ = 0;  // of the source, consumed at the next call
  std::uint64_t received_ = 0;  // bytes of the body
  std::uint64_t chunk_left_ = 0;
  bool in_chunk_ = false;
  bool is_finished_ = false;
  std::optional<BodyFailure> failure_;
};

}  // namespace core::net
