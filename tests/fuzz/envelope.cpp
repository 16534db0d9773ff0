// SPDX-License-Identifier: MIT
// The files in pending/: whatever parse_envelope accepts, adoption writes again and reads back.

#include "libcore/codec/envelope.hpp"

#include <string>

#include <fmt/core.h>

#include "libcore/codec/crc32c.hpp"
#include "tests/fuzz/property.hpp"

using core::codec::Envelope;
using core::codec::format_envelope;
using core::codec::parse_envelope;
using core::codec::Seal;
using fuzz::must_hold;

namespace {

// What adoption fills in.
void complete(Envelope& envelope) {
  if (!envelope.id) envelope.id = core::OperationId{.stem = core::Ulid{}.successor()};
  if (!envelope.created_at) envelope.created_at = core::Time{};
}

bool is_kept(const std::optional<std::string>& before, const std::optional<std::string>& after) {
  const bool has_line_breaks = before && before->find('\n') != std::string::npos;
  return before.has_value() == after.has_value() && (has_line_breaks || before == after);
}

void check_damage(std::string line, std::size_t choice) {
  line.pop_back();
  line[choice % line.size()] ^= static_cast<char>(1U << (choice / line.size() % 8));
  must_hold(!parse_envelope(line), "one flipped bit is noticed", line);
}

void check_round_trip(Envelope before, std::size_t choice) {
  complete(before);
  const std::string line = format_envelope(before);
  must_hold(core::codec::is_sealed(line), "what is written carries a good seal", line);
  must_hold(line.find('\n') == line.size() - 1, "what is written is one line", line);
  const auto after = parse_envelope(line);
  must_hold(after.has_value(), "what is written can be read again", line);
  must_hold(after->seal == Seal::good, "what is read again is sealed", line);
  must_hold(format_envelope(after->envelope) == line, "what is read again says the same", line);
  must_hold(is_kept(before.payload, after->envelope.payload), "a payload stays as it is", line);
  must_hold(is_kept(before.base, after->envelope.base), "a base stays as it is", line);
  must_hold(is_kept(before.meta, after->envelope.meta), "meta stays as it is", line);
  check_damage(line, choice);
}

void check(std::string_view text) {
  const auto parsed = parse_envelope(text);
  if (parsed) check_round_trip(parsed->envelope, text.size() * 7);
}

// A sealed line is not looked at as closely as one without a seal.
std::string sealed(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('}')) text.remove_suffix(1);
  return fmt::format("{},\"sum\":\"crc32c:{:08x}\"}}\n", text, core::codec::crc32c(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check(text);
  check(sealed(text));
  return 0;
}
