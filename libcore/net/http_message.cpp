// SPDX-License-Identifier: MIT
#include "libcore/net/http_message.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_line_limit = 256;  // of a chunk's size and of a trailer
constexpr int k_trailer_limit = 32;

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  constexpr std::size_t k_most_digits = 15;
  if (digits.empty() || digits.size() > k_most_digits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    const auto digit = std::string_view("0123456789abcdef").find(c >= 'A' && c <= 'F' ? c + 32 : c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

Result<std::vector<HeaderField>> parse_fields(std::string_view text) {
  std::vector<HeaderField> fields;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos) return fail(Errc::corrupt, "header line without its end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return fail(Errc::corrupt, "header line without a colon");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = without_blanks(line.substr(colon + 1));
    if (!is_token(name)) return fail(Errc::corrupt, "not a header name: " + printable(name, 60));
    if (!is_field_value(value)) {
      return fail(Errc::corrupt, fmt::format("control character in header {}", name));
    }
    fields.emplace_back(name, value);
  }
  return fields;
}

const std::string* find_field(const std::vector<HeaderField>& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (equals_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

std::size_t count_fields(const std::vector<HeaderField>& fields, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(),
      [&](const HeaderField& field) { return equals_ignoring_case(field.first, name); }));
}

Result<Framing> framing_of(const std::vector<HeaderField>& fields) {
  const std::string* length = find_field(fields, "Content-Length");
  const std::string* coding = find_field(fields, "Transfer-Encoding");
  if (coding != nullptr) {
    if (length != nullptr) return fail(Errc::corrupt, "both Content-Length and Transfer-Encoding");
    if (count_fields(fields, "Transfer-Encoding") > 1 ||
        !equals_ignoring_case(*coding, "chunked")) {
      return fail(Errc::corrupt, "Transfer-Encoding other than chunked");
    }
    return Framing{Chunked{}};
  }
  if (length == nullptr) return Framing{Length{0}};
  const auto bytes = parse_unsigned(*length);
  if (!bytes || count_fields(fields, "Content-Length") > 1) {
    return fail(Errc::corrupt, "Content-Length is not one number");
  }
  return Framing{Length{*bytes}};
}

tl::unexpected<Error> RequestBody::failed(BodyFailure failure, Errc code, std::string message) {
  failure_ = failure;
  return fail(code, std::move(message));
}

bool RequestBody::is_announced_too_large() const {
  const auto* length = std::get_if<Length>(&framing_);
  return length != nullptr && length->bytes > limit_.value;
}

Result<std::string_view> RequestBody::next() {
  source_.consume(std::exchange(handed_out_, 0));
  if (is_finished_) return std::string_view{};
  if (failure_) return fail(Errc::io, "the body failed before");
  if (const auto* length = std::get_if<Length>(&framing_)) return next_of_length(length->bytes);
  return next_of_chunks();
}

// At most `most` bytes of the body, at least one.
Result<std::string_view> RequestBody::take(std::uint64_t most) {
  const auto arrived = source_.peek();
  if (!arrived) {
    const bool slow = arrived.error().code == Errc::timeout;
    return failed(slow ? BodyFailure::slow : BodyFailure::lost, arrived.error().code,
                  arrived.error().message);
  }
  if (arrived->empty()) return failed(BodyFailure::lost, Errc::io, "the sender went away");
  return arrived->substr(0, std::min<std::uint64_t>(most, arrived->size()));
}

Result<std::string_view> RequestBody::next_of_length(std::uint64_t length) {
  if (length > limit_.value) return failed(BodyFailure::too_large, Errc::full, "body too large");
  if (received_ == length) {
    is_finished_ = true;
    return std::string_view{};
  }
  TRY_ASSIGN(const std::string_view piece, take(length - received_));
  received_ += piece.size();
  handed_out_ = piece.size();
  return piece;
}

// One line up to CRLF, which is consumed and not returned.
Result<std::string> RequestBody::line() {
  std::string text;
  while (text.size() <= k_line_limit) {
    TRY_ASSIGN(const std::string_view byte, take(1));
    text += byte;
    source_.consume(1);
    if (text.back() != '\n') continue;
    if (text.size() < 2 || text[text.size() - 2] != '\r') break;
    text.resize(text.size() - 2);
    return text;
  }
  return failed(BodyFailure::malformed, Errc::corrupt, "malformed chunk");
}

Result<> RequestBody::begin_chunk() {
  TRY_ASSIGN(const std::string size_line, line());
  const std::string_view digits = std::string_view(size_line).substr(0, size_line.find(';'));
  const auto size = parse_hex(without_blanks(digits));
  if (!size) return failed(BodyFailure::malformed, Errc::corrupt, "malformed chunk size");
  if (*size > limit_.value - received_) {
    return failed(BodyFailure::too_large, Errc::full, "body too large");
  }
  chunk_left_ = *size;
  in_chunk_ = true;
  return {};
}

Result<std::string_view> RequestBody::next_of_chunks() {
  if (in_chunk_ && chunk_left_ == 0) {
    TRY_ASSIGN(const std::string end, line());
    if (!end.empty()) return failed(BodyFailure::malformed, Errc::corrupt, "malformed chunk end");
    in_chunk_ = false;
  }
  if (!in_chunk_) {
    TRY(begin_chunk());
  }
  if (chunk_left_ == 0) {
    TRY(skip_trailers());
    is_finished_ = true;
    return std::string_view{};
  }
  TRY_ASSIGN(const std::string_view piece, take(chunk_left_));
  chunk_left_ -= piece.size();
  received_ += piece.size();
  handed_out_ = piece.size();
  return piece;
}

Result<> RequestBody::skip_trailers() {
  for (int i = 0; i < k_trailer_limit; ++i) {
    TRY_ASSIGN(const std::string trailer, line());
    if (trailer.empty()) return {};
  }
  return failed(BodyFailure::malformed, Errc::corrupt, "too many trailers");
}

}  // namespace core::net
