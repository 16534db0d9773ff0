// SPDX-License-Identifier: MIT
#include "libcore/delivery/batch_answer.hpp"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/json_value.hpp"
#include "libcore/delivery/classify.hpp"

namespace core::delivery {
namespace {

constexpr std::size_t k_shown = 200;

tl::unexpected<Error> no_results(std::string why) {
  return fail(Errc::corrupt, "answer without results for each operation: " + std::move(why));
}

// What an element of the array says, as far as anybody here understands it.
struct Element {
  std::optional<std::string> id;
  std::optional<int> status;
  std::optional<bool> ok;
  std::string message;
};

std::optional<int> read_status(std::string_view raw) {
  if (raw.starts_with('"') && raw.size() > 2) raw = raw.substr(1, raw.size() - 2);
  int status = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), status);
  const bool whole = error == std::errc{} && end == raw.data() + raw.size();
  return whole && status >= 100 && status <= 599 ? std::optional(status) : std::nullopt;
}

std::optional<bool> read_flag(std::string_view raw) {
  if (raw == "true") return true;
  return raw == "false" ? std::optional(false) : std::nullopt;
}

// A string, the "message" of an object, or the text as it is.
std::string read_message(std::string_view raw) {
  if (raw.starts_with('{')) {
    codec::JsonMembers members(raw);
    while (const auto member = members.next())
      if (member->name == "\"message\"") return read_message(member->value);
  }
  auto text = codec::decode_json_string(raw);
  return printable(text ? *text : std::string(raw), k_shown);
}

Element read_object(std::string_view raw) {
  Element element;
  codec::JsonMembers members(raw);
  while (const auto member = members.next()) {
    const auto& [name, value] = *member;
    if (name == "\"id\"") {
      if (auto id = codec::decode_json_string(value)) element.id = *std::move(id);
    } else if (name == "\"status\"") {
      element.status = read_status(value);
    } else if (name == "\"ok\"") {
      element.ok = read_flag(value);
    } else if (name == "\"error\"" && value != "null") {
      if (!element.ok) element.ok = false;
      element.message = read_message(value);
    } else if (name == "\"message\"" && element.message.empty()) {
      element.message = read_message(value);
    }
  }
  return element;
}

Element read_element(std::string_view raw) {
  if (raw.starts_with('{')) return read_object(raw);
  return {.id = {}, .status = read_status(raw), .ok = read_flag(raw), .message = {}};
}

Result<PartAnswer> judge_element(const Element& element, std::string_view raw,
                                 const Expect& expect) {
  PartAnswer part;
  part.text = raw;
  if (element.status) {
    part.status = *element.status;
    part.verdict = classify_part(*element.status, expect);
    if (!element.message.empty()) part.verdict.message += ": " + element.message;
    return part;
  }
  if (!element.ok) {
    return no_results(fmt::format("neither status nor ok nor error: {}", printable(raw, k_shown)));
  }
  part.verdict.kind = *element.ok ? Class::delivered : Class::rejected;
  part.verdict.message = element.message.empty() ? printable(raw, k_shown) : element.message;
  return part;
}

// Results come in the order of the operations, or name them.
class Assignment {
 public:
  explicit Assignment(std::span<const Member> members) : parts_(members.size()) {
    for (std::size_t i = 0; i < members.size(); ++i)
      by_id_.emplace(members[i].entry.id.text(), i);
  }

  Result<> assign(const Element& element, PartAnswer part) {
    const auto named = element.id ? by_id_.find(*element.id) : by_id_.end();
    const bool is_named = named != by_id_.end();
    const std::size_t at = is_named ? named->second : next_;
    ++next_;
    all_named_ = all_named_ && is_named;
    if (at >= parts_.size()) return no_results(fmt::format("more than {}", parts_.size()));
    if (parts_[at]) return no_results("two for one operation");
    parts_[at] = std::move(part);
    return {};
  }

  Result<std::vector<PartAnswer>> finish() {
    if (next_ < parts_.size() && (!all_named_ || next_ == 0)) {
      return no_results(fmt::format("{} for {} operations", next_, parts_.size()));
    }
    std::vector<PartAnswer> parts;
    parts.reserve(parts_.size());
    for (auto& part : parts_)
      parts.push_back(part ? *std::move(part) : unmentioned());
    return parts;
  }

 private:
  static PartAnswer unmentioned() {
    return {.verdict = {.kind = Class::temporary,
                        .message = "the answer has no result for this operation",
                        .retry_at = {}},
            .status = 0,
            .text = {}};
  }

  std::vector<std::optional<PartAnswer>> parts_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::size_t next_ = 0;
  bool all_named_ = true;
};

}  // namespace

Result<std::vector<PartAnswer>> read_batch_answer(const net::HttpResponse& response,
                                                  const config::Batch& batch,
                                                  std::span<const Member> members,
                                                  const Expect& expect) {
  if (response.truncated) return no_results("it is too long");
  const auto results = codec::json_at(response.body, batch.results);
  if (!results) return no_results("it is not JSON");
  if (!*results || !(*results)->starts_with('[')) {
    const bool at_all = batch.results.empty();
    return no_results(at_all ? "it is no array" : "no array at " + batch.results);
  }
  Assignment assignment(members);
  codec::JsonElements elements(**results);
  while (const auto raw = elements.next()) {
    const Element element = read_element(*raw);
    TRY_ASSIGN(auto part, judge_element(element, *raw, expect));
    TRY(assignment.assign(element, std::move(part)));
  }
  return assignment.finish();
}

}  // namespace core::delivery
