// SPDX-License-Identifier: MIT
#include "libcore/net/dns_message.hpp"

#include <optional>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_header = 12;
constexpr std::size_t k_longest_label = 63;
constexpr std::size_t k_longest_name = 253;
constexpr std::uint16_t k_internet = 1;
constexpr unsigned k_is_answer = 0x8000;
constexpr unsigned k_operation = 0x7800;
constexpr unsigned k_truncated = 0x0200;
constexpr unsigned k_recursion_wanted = 0x0100;
constexpr unsigned k_code = 0x000F;

std::string_view without_last_dot(std::string_view name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

void append_number(std::string& bytes, unsigned number) {
  bytes += static_cast<char>(number >> 8U);
  bytes += static_cast<char>(number & 0xFFU);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<std::uint16_t> number() {
    const auto taken = take(2);
    if (!taken) return std::nullopt;
    return static_cast<std::uint16_t>(byte_at(at_ - 2) << 8U | byte_at(at_ - 1));
  }
  std::optional<std::string_view> take(std::size_t count) {
    if (bytes_.size() - at_ < count) return std::nullopt;
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  // Lower case, without a dot at its end.
  std::optional<std::string> name();

 private:
  [[nodiscard]] unsigned byte_at(std::size_t at) const {
    return static_cast<unsigned char>(bytes_[at]);
  }

  std::string_view bytes_;
  std::size_t at_ = 0;  // never beyond the end
};

// A pointer leads to a place before the name that it is in, and before the one it came from: so it
// ends.
std::optional<std::string> Reader::name() {
  std::string text;
  std::size_t at = at_;
  std::size_t earliest = at_;
  bool has_jumped = false;
  while (true) {
    if (at >= bytes_.size()) return std::nullopt;
    const unsigned length = byte_at(at);
    if (length == 0) break;
    if (length >= 0xC0) {
      if (at + 1 >= bytes_.size()) return std::nullopt;
      const std::size_t target = (length & 0x3FU) << 8U | byte_at(at + 1);
      if (!has_jumped) at_ = at + 2;
      if (target >= earliest) return std::nullopt;
      has_jumped = true;
      at = earliest = target;
      continue;
    }
    if (length > k_longest_label || bytes_.size() - at - 1 < length) return std::nullopt;
    if (!text.empty()) text += '.';
    text += to_lower(bytes_.substr(at + 1, length));
    if (text.size() > k_longest_name) return std::nullopt;
    at += 1 + length;
  }
  if (!has_jumped) at_ = at + 1;
  return text;
}

tl::unexpected<Error> no_answer(std::string_view why) {
  return fail(Errc::corrupt, fmt::format("not an answer of DNS: {}", why));
}

DnsCode code_of(unsigned flags) {
  constexpr unsigned k_nxdomain = 3;
  const unsigned code = flags & k_code;
  if (code == 0) return DnsCode::ok;
  return code == k_nxdomain ? DnsCode::no_name : DnsCode::refused;
}

// One record of the answer section. False: there is no more that can be read.
bool take_record(Reader& reader, DnsAnswer& answer) {
  const auto name = reader.name();
  const auto type = name ? reader.number() : std::nullopt;
  const auto group = type ? reader.number() : std::nullopt;
  if (!group || !reader.take(4)) return false;  // time to live
  const auto length = reader.number();
  const auto value = length ? reader.take(*length) : std::nullopt;
  if (!value) return false;
  const bool is_asked_for =
      *type == static_cast<std::uint16_t>(answer.question.type) && *group == k_internet;
  const std::size_t size = answer.question.type == DnsType::a ? 4 : 16;
  if (!is_asked_for || value->size() != size) return true;
  if (const auto address = ip_from_bytes(*value)) answer.addresses.push_back(*address);
  return true;
}

}  // namespace

Result<std::string> format_dns_question(const DnsQuestion& question) {
  const auto name = without_last_dot(question.name);
  const auto refuse = [&] {
    return fail(Errc::usage,
                fmt::format("not a name that DNS can hold: '{}'", printable(question.name)));
  };
  if (name.size() > k_longest_name) return refuse();
  std::string bytes;
  append_number(bytes, question.id);
  append_number(bytes, k_recursion_wanted);
  for (const unsigned count : {1U, 0U, 0U, 0U})
    append_number(bytes, count);
  if (!name.empty()) {
    for (const auto label : split(name, '.')) {
      if (label.empty() || label.size() > k_longest_label) return refuse();
      bytes += static_cast<char>(label.size());
      bytes += label;
    }
  }
  bytes += '\0';
  append_number(bytes, static_cast<unsigned>(question.type));
  append_number(bytes, k_internet);
  return bytes;
}

Result<DnsAnswer> parse_dns_answer(std::string_view bytes) {
  if (bytes.size() < k_header) return no_answer("too short");
  Reader reader(bytes);
  DnsAnswer answer;
  answer.question.id = *reader.number();
  const unsigned flags = *reader.number();
  const unsigned questions = *reader.number();
  const unsigned records = *reader.number();
  reader.take(4);  // authorities, additional records
  if ((flags & k_is_answer) == 0 || (flags & k_operation) != 0) return no_answer("a question");
  if (questions != 1) return no_answer("not of one question");
  const auto name = reader.name();
  const auto type = name ? reader.number() : std::nullopt;
  const auto group = type ? reader.number() : std::nullopt;
  if (!group || *group != k_internet) return no_answer("the question is damaged");
  const bool is_known = *type == static_cast<std::uint16_t>(DnsType::a) ||
                        *type == static_cast<std::uint16_t>(DnsType::aaaa);
  if (!is_known) return no_answer("to another question");
  answer.question.name = *name;
  answer.question.type = static_cast<DnsType>(*type);
  answer.code = code_of(flags);
  answer.is_truncated = (flags & k_truncated) != 0;
  for (unsigned i = 0; i < records && take_record(reader, answer); ++i) {
  }
  return answer;
}

bool answers(const DnsAnswer& answer, const DnsQuestion& question) {
  return answer.question.id == question.id && answer.question.type == question.type &&
         equals_ignoring_case(answer.question.name, without_last_dot(question.name));
}

}  // namespace core::net
