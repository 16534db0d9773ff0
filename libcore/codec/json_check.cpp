// SPDX-License-Identifier: MIT
#include "libcore/codec/json_check.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "libcore/base/text.hpp"

namespace core::codec {
namespace {

using nlohmann::json;

// Consumes what nlohmann's SAX parser reports and keeps the kind of the first value, or the error.
class Verdict {
 public:
  bool null() { return note(JsonKind::null); }
  bool boolean(bool) { return note(JsonKind::boolean); }
  bool number_integer(json::number_integer_t) { return note(JsonKind::number); }
  bool number_unsigned(json::number_unsigned_t) { return note(JsonKind::number); }
  bool number_float(json::number_float_t, const std::string&) { return note(JsonKind::number); }
  bool string(std::string&) { return note(JsonKind::string); }
  bool binary(json::binary_t&) { return false; }  // only in CBOR and its like
  bool start_object(std::size_t) { return note(JsonKind::object); }
  bool key(std::string&) { return true; }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return note(JsonKind::array); }
  bool end_array() { return true; }
  bool parse_error(std::size_t position, const std::string&, const json::exception& error) {
    position_ = position;
    message_ = error.what();
    overflow_ = dynamic_cast<const json::out_of_range*>(&error) != nullptr;
    return false;
  }

  [[nodiscard]] std::optional<JsonKind> kind() const { return kind_; }
  [[nodiscard]] std::size_t position() const { return position_; }  // counted from 1
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] bool overflow() const { return overflow_; }

 private:
  bool note(JsonKind kind) {
    if (!kind_) kind_ = kind;
    return true;
  }

  std::optional<JsonKind> kind_;
  std::size_t position_ = 0;
  std::string message_;
  bool overflow_ = false;
};

std::size_t digits_length(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  return end == std::string_view::npos ? text.size() : end;
}

// The length of the number at the front of `text`, by the grammar of RFC 8259; 0: there is none.
std::size_t number_length(std::string_view text) {
  std::size_t length = text.starts_with('-') ? 1 : 0;
  const auto whole = digits_length(text.substr(length));
  if (whole == 0) return 0;
  length += text[length] == '0' ? 1 : whole;
  if (text.substr(length).starts_with('.')) {
    const auto fraction = digits_length(text.substr(length + 1));
    if (fraction == 0) return 0;
    length += 1 + fraction;
  }
  const auto rest = text.substr(length);
  if (rest.starts_with('e') || rest.starts_with('E')) {
    const std::size_t sign = rest.size() > 1 && (rest[1] == '+' || rest[1] == '-') ? 1 : 0;
    const auto exponent = digits_length(rest.substr(1 + sign));
    if (exponent == 0) return 0;
    length += 1 + sign + exponent;
  }
  return length;
}

// Every number becomes a zero and blanks, so that positions stay. nlohmann refuses a number
// beyond a double; JSON does not, and nobody computes with it here.
std::string mask_numbers(std::string_view text) {
  std::string masked(text);
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '"') {
      ++i;
      while (i < text.size() && text[i] != '"')
        i += text[i] == '\\' ? 2 : 1;
      ++i;
      continue;
    }
    const auto length = number_length(text.substr(i));
    if (length > 0) masked.replace(i, length, "0" + std::string(length - 1, ' '));
    i += std::max<std::size_t>(length, 1);
  }
  return masked;
}

// "[json.exception.parse_error.101] parse error at line 1, column 8: syntax error while parsing
// object key - unexpected '}'; expected string literal" -> "unexpected '}', expected a string"
std::string cause_of(std::string message) {
  if (const auto dash = message.find(" - "); dash != std::string::npos) message.erase(0, dash + 3);
  const auto quoted = message.find("; last read: ");
  if (quoted != std::string::npos) {
    const auto expected = message.rfind("; expected ");
    const bool follows = expected != std::string::npos && expected > quoted;
    message.erase(quoted, follows ? expected - quoted : std::string::npos);
  }
  const auto replace = [&message](std::string_view from, std::string_view to) {
    const auto at = message.find(from);
    if (at != std::string::npos) message.replace(at, from.size(), to);
  };
  replace("invalid string: ", "");
  replace("; expected", ", expected");
  replace("'[', '{', or a literal", "a value");
  replace("string literal", "a string");
  return printable(message);
}

tl::unexpected<Error> refuse(std::string_view text, std::size_t offset, std::string_view cause) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return fail(Errc::corrupt,
              fmt::format("line {}, column {}: {}", line, before.size() - line_begin + 1, cause));
}

}  // namespace

Result<JsonKind> check_json(std::string_view text) {
  if (trim(text).empty()) return refuse(text, 0, "no JSON value: the text is empty");
  // nlohmann skips the mark and takes NUL for the end of the text; neither is JSON.
  if (text.starts_with("\xEF\xBB\xBF")) return refuse(text, 0, "byte order mark");
  const auto nul = text.find('\0');
  if (nul != std::string_view::npos) return refuse(text, nul, "NUL byte");

  Verdict verdict;
  bool good = json::sax_parse(text.begin(), text.end(), &verdict);
  if (!good && verdict.overflow()) {
    const std::string masked = mask_numbers(text);
    verdict = Verdict{};
    good = json::sax_parse(masked.begin(), masked.end(), &verdict);
  }
  if (const auto kind = verdict.kind(); good && kind) return *kind;
  return refuse(text, verdict.position() - 1, cause_of(verdict.message()));
}

}  // namespace core::codec
