// SPDX-License-Identifier: MIT
#include "libcore/net/http_probe.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/net/http_date.hpp"
#include "libcore/net/http_message.hpp"
#include "libcore/net/url.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_longest_head = 16UL * 1024;
constexpr std::size_t k_body = 4UL * 1024;
constexpr std::size_t k_longest_url = 2000;

std::string base_url(const ProbeTarget& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return Url{.scheme = "http",
             .host = is_v6 ? "[" + target.host + "]" : target.host,
             .port = target.port,
             .target = target.path}
      .text();
}

// --- reading ---

// Takes a line off the front, without its end.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end == std::string_view::npos ? end : end + 1));
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

// Length of the fields with the empty line behind them; nullopt: it has not come yet.
std::optional<std::size_t> head_length(std::string_view bytes) {
  for (auto at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    const auto rest = bytes.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::nullopt;
}

// "HTTP/1.1 204 No Content"; 0: it is not.
int status_of(std::string_view line) {
  if (!line.starts_with("HTTP/")) return 0;
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return 0;
  const auto digits = trim(line.substr(blank)).substr(0, 3);
  const auto number = parse_unsigned(digits);
  return digits.size() == 3 && number && *number >= 100 ? static_cast<int>(*number) : 0;
}

std::vector<HeaderField> fields_in(std::string_view head) {
  std::vector<HeaderField> fields;
  while (!head.empty()) {
    const auto line = take_line(head);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    fields.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return fields;
}

// The chunks that have come, put together. True: the last one was among them.
bool read_chunks(std::string_view rest, std::string& body) {
  while (!rest.empty() && body.size() < k_body) {
    const auto line = take_line(rest);
    std::size_t length = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), length, 16);
    if (read.ec != std::errc{}) return false;
    if (length == 0) return true;
    body += rest.substr(0, length);
    if (rest.size() <= length) return false;
    rest.remove_prefix(length);
    take_line(rest);
  }
  return false;
}

void read_body(std::string_view bytes, ProbeAnswer& answer) {
  const auto* coding = find_field(answer.fields, "transfer-encoding");
  const auto* length = find_field(answer.fields, "content-length");
  if (answer.status == 204 || answer.status == 304) {
    answer.is_whole = true;
  } else if (coding != nullptr && to_lower(*coding).find("chunked") != std::string::npos) {
    answer.is_whole = read_chunks(bytes, answer.body);
  } else {
    const auto announced = length == nullptr ? std::nullopt : parse_unsigned(*length);
    answer.body = bytes.substr(0, announced.value_or(bytes.size()));
    answer.is_whole = announced && answer.body.size() >= *announced;
  }
  if (answer.body.size() < k_body) return;
  answer.body.resize(k_body);
  answer.is_whole = true;
}

// --- login pages ---

// The value behind the first of these words: quoted, or up to a blank or '>'.
std::string_view value_behind(std::string_view page, std::string_view lower, std::string_view word,
                              std::size_t from) {
  const auto found = lower.find(word, from);
  if (found == std::string_view::npos) return {};
  auto rest = page.substr(found + word.size());
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '='))
    rest.remove_prefix(1);
  if (rest.empty()) return {};
  const char quote = rest.front();
  if (quote == '"' || quote == '\'') return rest.substr(1, rest.find(quote, 1) - 1);
  return rest.substr(0, rest.find_first_of("\"' >;\r\n"));
}

bool looks_like_login(std::string_view url) {
  constexpr std::array<std::string_view, 8> k_words{"login",   "portal", "auth",   "hotspot",
                                                    "captive", "guest",  "signin", "splash"};
  const auto lower = to_lower(url);
  return std::ranges::any_of(
      k_words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string resolved(std::string_view reference, std::string_view base) {
  reference = trim(reference);
  if (reference.empty() || reference.size() > k_longest_url) return {};
  const auto from = parse_url(base);
  const auto url = from ? resolve_url(*from, reference) : from;
  return url ? url->text() : std::string{};
}

std::string_view wispr_url(std::string_view page, std::string_view lower) {
  constexpr std::string_view k_begin = "<loginurl>";
  const auto begin = lower.find(k_begin);
  const auto end = lower.find("</loginurl>", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  auto url = trim(page.substr(begin + k_begin.size(), end - begin - k_begin.size()));
  if (url.starts_with("<![CDATA[") && url.ends_with("]]>")) url = url.substr(9, url.size() - 12);
  return url;
}

// --- judging ---

bool is_expected(const ProbeTarget& target, const ProbeAnswer& answer) {
  const bool is_short = answer.is_whole ? answer.body.size() <= 1 : answer.body.empty();
  if (target.status == 0) return answer.status < 500 && answer.body.starts_with(target.body);
  if (!target.body.empty()) {
    return answer.status == target.status && answer.body.starts_with(target.body);
  }
  if (answer.status == 200 && (target.status == 200 || target.status == 204)) return is_short;
  return answer.status == target.status;
}

ProbeOutcome outcome_of(const ProbeTarget& target, const ProbeAnswer& answer) {
  constexpr int k_authentication_required = 511;
  const int status = answer.status;
  if (is_expected(target, answer)) return ProbeOutcome::answered;
  if (status == k_authentication_required) return ProbeOutcome::wrong_answer;
  if (status == 429) return ProbeOutcome::throttled;
  if (status >= 500) return ProbeOutcome::server_error;
  if (status >= 400) return ProbeOutcome::turned_away;
  return ProbeOutcome::wrong_answer;
}

}  // namespace

std::string format_probe_request(const ProbeTarget& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  std::string host = is_v6 ? "[" + target.host + "]" : target.host;
  if (target.port != 80) host += ":" + std::to_string(target.port);
  // Without a name of a program: some portals let pass what looks like a browser's own probe.
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nCache-Control: no-cache\r\n"
      "Connection: close\r\n\r\n",
      target.path, host);
}

Result<std::optional<ProbeAnswer>> read_probe_answer(std::string_view bytes) {
  const auto refuse = [](std::string_view why) {
    return fail(Errc::corrupt, fmt::format("not an answer of HTTP: {}", why));
  };
  constexpr std::string_view k_protocol = "HTTP/";
  while (true) {
    if (bytes.substr(0, k_protocol.size()) != k_protocol.substr(0, bytes.size())) {
      return refuse("another protocol");
    }
    const auto length = head_length(bytes);
    if (length.value_or(bytes.size()) > k_longest_head) return refuse("its fields are too long");
    if (!length) return std::nullopt;
    auto head = bytes.substr(0, *length);
    ProbeAnswer answer;
    answer.status = status_of(take_line(head));
    if (answer.status == 0) return refuse("no status");
    bytes.remove_prefix(*length);
    if (answer.status < 200) continue;
    answer.fields = fields_in(head);
    read_body(bytes, answer);
    return answer;
  }
}

void judge_probe_answer(const ProbeTarget& target, const ProbeAnswer& answer, ProbeResult& result) {
  result.status = answer.status;
  result.outcome = outcome_of(target, answer);
  if (const auto* date = find_field(answer.fields, "date")) result.date = parse_http_date(*date);
  if (const auto* pause = find_field(answer.fields, "retry-after")) {
    result.retry_after = parse_pause(*pause, result.date);
  }
  if (result.outcome == ProbeOutcome::answered) return;
  result.message = fmt::format("HTTP {}", answer.status);
  if (result.outcome != ProbeOutcome::wrong_answer) return;
  const auto base = base_url(target);
  if (const auto* location = find_field(answer.fields, "location")) {
    result.location = resolved(*location, base);
  }
  if (result.location.empty()) result.location = find_login_url(answer.body, base);
  if (answer.status / 100 == 2) result.message += " with another body";
}

std::string find_login_url(std::string_view page, std::string_view base) {
  const auto lower = to_lower(page);
  if (auto url = resolved(wispr_url(page, lower), base); !url.empty()) return url;
  if (const auto refresh = lower.find("http-equiv"); refresh != std::string::npos) {
    const auto tag = page.substr(refresh, page.find('>', refresh) - refresh);
    const auto lower_tag = to_lower(tag);
    if (lower_tag.find("refresh") != std::string::npos) {
      if (auto url = resolved(value_behind(tag, lower_tag, "url", 0), base); !url.empty()) {
        return url;
      }
    }
  }
  for (const std::string_view word : {"location.href", "location.replace(", "window.location="}) {
    if (auto url = resolved(value_behind(page, lower, word, 0), base); !url.empty()) return url;
  }
  for (const std::string_view word : {"action=", "href="}) {
    for (auto at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
      const auto value = value_behind(page, lower, word, at);
      if (!looks_like_login(value)) continue;
      if (auto url = resolved(value, base); !url.empty()) return url;
    }
  }
  return {};
}

std::optional<Duration> parse_pause(std::string_view text, std::optional<Time> date) {
  constexpr std::chrono::seconds k_longest{7L * 24 * 3600};
  const auto value = trim(text);
  if (const auto seconds = parse_unsigned(value)) {
    constexpr auto k_most = static_cast<std::uint64_t>(k_longest.count());
    return std::chrono::seconds{std::min(*seconds, k_most)};
  }
  const auto until = parse_http_date(value);
  if (!until || !date) return std::nullopt;
  return std::clamp<Duration>(*until - *date, Duration{0}, k_longest);
}

}  // namespace core::net
