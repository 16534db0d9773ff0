// SPDX-License-Identifier: MIT
#include "libcore/netstate/history.hpp"

#include <algorithm>

#include "libcore/base/text.hpp"
#include "libcore/netstate/document.hpp"

namespace core::netstate {
namespace {

void append(History& history, std::string_view text) {
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    auto entry = parse_history_line(line);
    if (entry) {
      history.entries.push_back(*std::move(entry));
    } else {
      ++history.unreadable;
    }
  }
}

// Adds up spans in the order of time.
class Sum {
 public:
  Sum(Time from, Time to) {
    uptime_.from = from;
    uptime_.to = to;
  }
  void add(std::optional<State> state, Time begin, Time end) {
    begin = std::max(begin, uptime_.from);
    end = std::min(end, uptime_.to);
    if (end <= begin) return;
    if (!state) {
      uptime_.unknown += end - begin;
      return end_outage();
    }
    uptime_.in_state[static_cast<std::size_t>(*state)] += end - begin;
    if (*state == State::connected) return end_outage();
    if (!outage_) {
      ++uptime_.outages;
      outage_ = begin;
    }
    if (end - *outage_ > uptime_.longest_outage) {
      uptime_.longest_outage = end - *outage_;
      uptime_.longest_began = *outage_;
    }
  }
  [[nodiscard]] const Uptime& uptime() const { return uptime_; }

 private:
  void end_outage() { outage_.reset(); }

  Uptime uptime_;
  std::optional<Time> outage_;  // when the one that lasts began
};

}  // namespace

Result<HistoryEntry> parse_history_line(std::string_view line) {
  TRY_ASSIGN(const auto document, parse_document(line));
  if (document.at == Time{}) return fail(Errc::corrupt, "at: missing");
  return HistoryEntry{.at = document.at,
                      .generation = document.line.generation,
                      .state = document.line.state,
                      .mode = document.line.mode,
                      .reason = document.line.reason,
                      .interface = document.line.interface,
                      .text = std::string(line)};
}

History parse_history(std::string_view old_text, std::string_view text) {
  History history;
  append(history, old_text);
  append(history, text);
  return history;
}

std::optional<double> Uptime::share(State state) const {
  Duration known{};
  for (const auto span : in_state)
    known += span;
  if (known == Duration{}) return std::nullopt;
  return static_cast<double>(of(state).count()) / static_cast<double>(known.count());
}

Uptime uptime_of(std::span<const HistoryEntry> entries, Time from, Time to, Time believed_until) {
  from = std::min(from, to);
  if (!entries.empty()) from = std::clamp(entries.front().at, from, to);
  Sum sum(from, to);
  if (entries.empty()) sum.add({}, from, to);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool is_last = i + 1 == entries.size();
    const Time end = is_last ? std::min(believed_until, to) : entries[i + 1].at;
    sum.add(entries[i].state, entries[i].at, end);
    if (is_last) sum.add({}, std::max(end, entries[i].at), to);
  }
  return sum.uptime();
}

}  // namespace core::netstate
