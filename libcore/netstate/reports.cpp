// SPDX-License-Identifier: MIT
#include "libcore/netstate/reports.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/layout.hpp"

namespace core::netstate {
namespace {

namespace path = queue::path;

// Origins are short; a file that holds more than fits is begun anew.
constexpr std::size_t k_longest_text = 1024;
constexpr ByteCount k_question_limit{4096};
constexpr Duration k_a_while = std::chrono::minutes{1};

using Members = std::map<std::string, std::string>;

std::string member(const Members& members, const char* name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string{} : found->second;
}

std::optional<Sighting> sighting(const Members& members, const char* at, const char* to,
                                 const char* failure) {
  const auto time = parse_time(member(members, at));
  if (!time) return std::nullopt;
  return Sighting{.at = *time,
                  .destination = member(members, to),
                  .failure = failure == nullptr ? "" : member(members, failure)};
}

// A line for each: the moment, and "now".
std::string format_question(const Question& question) {
  std::string text;
  if (question.since) text += format_time(*question.since) + "\n";
  if (question.is_lately) text += "now\n";
  return text;
}

// What is no moment was written by somebody who wants to know now.
Question parse_question(std::string_view text) {
  Question question;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto since = parse_time(trim(line));
    if (since) {
      question.since = *since;
    } else {
      question.is_lately = true;
    }
  }
  return question;
}

std::optional<Sighting> newer(const std::optional<Sighting>& a, const std::optional<Sighting>& b) {
  if (!a || !b) return a ? a : b;
  return a->at < b->at ? b : a;
}

}  // namespace

std::string format_reports(const Reports& reports) {
  codec::JsonObject object;
  const auto& [delivered, failed] = reports;
  const auto short_text = [](const std::string& text) { return text.substr(0, k_longest_text); };
  if (delivered) {
    object.add("delivered_at", format_time(delivered->at));
    object.add("delivered_to", short_text(delivered->destination));
  }
  if (failed) {
    object.add("failed_at", format_time(failed->at));
    object.add("failed_to", short_text(failed->destination));
    object.add("failure", short_text(failed->failure));
  }
  return std::move(object).text() + "\n";
}

Reports parse_reports(std::string_view text) {
  const auto members = codec::parse_flat_object(text);
  if (!members) return {};
  return {.delivered = sighting(*members, "delivered_at", "delivered_to", nullptr),
          .failed = sighting(*members, "failed_at", "failed_to", "failure")};
}

Reports newest(const Reports& a, const Reports& b) {
  return {.delivered = newer(a.delivered, b.delivered), .failed = newer(a.failed, b.failed)};
}

Result<> report(sys::Files& files, const Reports& seen) {
  const auto add = [&seen](const std::string& before) -> Result<std::string> {
    return format_reports(newest(parse_reports(before), seen));
  };
  TRY(files.update(path::k_netwatch_reports, add));
  if (seen.failed) TRY(ask_to_look(files, {.since = {}, .is_lately = true}));
  return {};
}

Result<Question> ask_to_look(sys::Files& files, const Question& question) {
  Question all;
  const auto add = [&](const std::string& before) -> Result<std::string> {
    all = parse_question(before);
    all.is_lately |= question.is_lately;
    // One from the future was asked before the clock was set back.
    const bool is_newer = all.since && question.since && *all.since > *question.since &&
                          *all.since - *question.since < k_a_while;
    if (question.since && !is_newer) all.since = question.since;
    return format_question(all);
  };
  TRY(files.update(path::k_netwatch_ask, add));
  return all;
}

Result<Question> take_question(sys::Files& files) {
  Question question;
  TRY(files.update(path::k_netwatch_ask, [&](const std::string& before) -> Result<std::string> {
    question = parse_question(before);
    return "";
  }));
  return question;
}

Result<bool> is_untaken(const sys::Files& files, const Question& asked) {
  TRY_ASSIGN(const auto text, sys::read_file(files, path::k_netwatch_ask, k_question_limit));
  const auto now = parse_question(text.value_or(""));
  return now.since == asked.since && (now.is_lately || !asked.is_lately);
}

}  // namespace core::netstate
