// SPDX-License-Identifier: MIT
#include "tools/netwatch/budget_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/layout.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using core::format_size;
using netstate::Answer;
using netstate::Limit;
using netstate::Priority;
using netstate::Window;

constexpr int k_bar_width = 20;
constexpr std::size_t k_name_width = 10;
constexpr std::size_t k_longest_name = 60;

std::string size_text(std::uint64_t bytes) {
  return format_size({bytes});
}

// Never the same as `whole` when it is not.
std::string part_text(std::uint64_t bytes, std::uint64_t whole) {
  return format_size({bytes}, {whole});
}

std::string key_of(Limit limit) {
  return fmt::format("budget.{}", core::name_of(limit));
}

// "2026-11-22 (in 9h)": days are local ones.
std::string day_text(netstate::Day day, const core::sys::Calendar& calendar, Time now) {
  return fmt::format("{} ({})", core::format_day(Time{day.time_since_epoch()}),
                     core::cli::relative_time(calendar.begin_of(day), now));
}

Style style_of(const Window& window) {
  const auto gone = window.size - window.left(Priority::critical);
  if (window.left(Priority::normal) == 0) return Style::red;
  return gone > window.size / 4 * 3 ? Style::yellow : Style::green;
}

std::string line_of(const Context& context, const Window& window,
                    const core::sys::Calendar& calendar) {
  const auto left = window.left(Priority::critical);
  const auto gone = window.size - left;
  std::string text =
      fmt::format("{} of {}", part_text(window.spent, window.size), size_text(window.size));
  if (window.reserved > 0) text += fmt::format(", {} reserved", size_text(window.reserved));
  text += fmt::format(", {} left", part_text(left, window.size));
  if (window.kept > 0) {
    text += fmt::format(" ({} for what is not critical)",
                        part_text(window.left(Priority::normal), window.size));
  }
  text += "; anew " + day_text(window.end, calendar, context.clock.now());
  return core::cli::styled(bar(gone, window.size, k_bar_width, context.terminal.is_utf8),
                           style_of(window), context.out_color) +
         "  " +
         core::cli::hanging(text, k_name_width + k_bar_width + 2, core::cli::result_page(context));
}

std::string purposes_of(const netstate::Spent& spent) {
  std::string text;
  for (std::size_t i = 0; i < spent.bytes.size(); ++i) {
    if (spent.bytes[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? ": " : ", ",
                        core::enum_names<netstate::Purpose>[i], size_text(spent.bytes[i]));
  }
  return text;
}

void write_row(Context& context, std::string_view name, std::string_view text) {
  context.out.print("{:<{}}{}\n", name, k_name_width,
                    core::cli::hanging(text, k_name_width, core::cli::result_page(context)));
}

Record record_of(const netstate::Spent& spent) {
  Record record;
  record.add("bytes", Value{ByteCount{spent.total()}});
  for (std::size_t i = 0; i < spent.bytes.size(); ++i)
    record.add(std::string(core::enum_names<netstate::Purpose>[i]),
               Value{ByteCount{spent.bytes[i]}});
  return record;
}

Record record_of(const Window& window, const core::sys::Calendar& calendar) {
  Record record;
  record.add("limit", core::name_of(window.limit)).add("size", Value{ByteCount{window.size}});
  record.add("spent", Value{ByteCount{window.spent}});
  record.add("reserved", Value{ByteCount{window.reserved}});
  record.add("left", Value{ByteCount{window.left(Priority::normal)}});
  record.add("left_critical", Value{ByteCount{window.left(Priority::critical)}});
  record.add("begin", core::format_day(Time{window.begin.time_since_epoch()}));
  record.add("again", Value{calendar.begin_of(window.end)});
  return record;
}

void append(std::string& list, const Record& record) {
  list += (list.empty() ? "" : ",") + record.json();
}

Value array(const std::string& items) {
  return Value{RawJson{"[" + items + "]"}};
}

struct Moment {
  Time now;
  netstate::Day today;
  netstate::Day month;
};

Moment moment_of(const Context& context, const OpenBudget& open) {
  const auto today = open.budget->today();
  return {.now = context.clock.now(),
          .today = today,
          .month = netstate::month_begin(today, open.budget->limits().cycle_day)};
}

std::vector<Window> windows_of(const OpenBudget& open, const netstate::Account& account,
                               const Moment& moment) {
  if (!open.network.is_limited) return {};
  return netstate::windows(account, open.network.name, open.budget->limits(), moment.today,
                           moment.now);
}

}  // namespace

std::string bar(std::uint64_t part, std::uint64_t whole, int width, bool is_utf8) {
  const double share =
      whole == 0 ? 1 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
  int full = static_cast<int>(std::lround(share * width));
  if (part > 0 && full == 0) full = 1;
  if (part < whole && full == width) full = width - 1;
  std::string text;
  for (int i = 0; i < width; ++i) {
    if (is_utf8) {
      text += i < full ? "█" : "░";
    } else {
      text += i < full ? '#' : '.';
    }
  }
  return text;
}

std::string sentence(const netstate::Permission& permission, ByteCount size, Priority priority,
                     const core::sys::Calendar& calendar, Time now) {
  const auto word = core::name_of(permission.answer);
  if (!permission.window) return fmt::format("{}  there is no limit", word);
  const auto& window = *permission.window;
  const auto free = window.left(priority);
  // It stands beside the limit and beside what is asked for.
  auto left = part_text(free, size.value);
  if (left == size_text(free)) left = part_text(free, window.size);
  const auto key = key_of(window.limit);
  switch (permission.answer) {
    case Answer::yes:
      return fmt::format("{}  {} are left of {} ({})", word, left, size_text(window.size), key);
    case Answer::never:
      return fmt::format("{}  {} are more than the {} of {}", word,
                         part_text(size.value, window.most(priority)),
                         size_text(window.most(priority)), key);
    case Answer::summary:
    case Answer::later:
      break;
  }
  return fmt::format("{}  {} do not fit: {} are left of {} ({}), which begins anew {}", word,
                     part_text(size.value, free), left, size_text(window.size), key,
                     day_text(window.end, calendar, now));
}

Record record_of(const netstate::Permission& permission, Priority priority,
                 const core::sys::Calendar& calendar) {
  Record record;
  record.add("answer", core::name_of(permission.answer));
  if (!permission.window) return record;
  record.add("limit", core::name_of(permission.window->limit));
  record.add("size", Value{ByteCount{permission.window->size}});
  record.add("left", Value{ByteCount{permission.window->left(priority)}});
  record.add("again", Value{calendar.begin_of(permission.window->end)});
  return record;
}

Record record_of(const netstate::Reservation& reservation) {
  Record record;
  record.add("id", reservation.id).add("network", reservation.network);
  record.add("bytes", Value{ByteCount{reservation.bytes}});
  record.add("priority", core::name_of(reservation.priority));
  record.add("until", Value{reservation.until});
  return record;
}

void show_budget(Context& context, const OpenBudget& open, const netstate::Account& account) {
  const auto moment = moment_of(context, open);
  const auto& limits = open.budget->limits();
  const auto& name = open.network.name;
  write_row(context, "network",
            core::printable(name, k_longest_name) +
                (open.network.is_limited ? "" : " (bytes are free here: no budget)"));
  const auto windows = windows_of(open, account, moment);
  for (const auto& window : windows)
    context.out.print("{:<{}}{}\n", core::name_of(window.limit), k_name_width,
                      line_of(context, window, *open.calendar));
  if (windows.empty() && open.network.is_limited) write_row(context, "limits", "none");
  if (limits.rate) write_row(context, "rate", format_size(*limits.rate) + "/s");
  const auto today = netstate::spent_since(account, name, moment.today);
  const auto month = netstate::spent_since(account, name, moment.month);
  write_row(context, "today", size_text(today.total()) + purposes_of(today));
  write_row(context, "month", size_text(month.total()) + purposes_of(month));
  for (const auto& reservation : account.reservations) {
    if (!reservation.holds(moment.now)) continue;
    write_row(context, "reserved",
              fmt::format("{} {} {}, ends {}", reservation.id, size_text(reservation.bytes),
                          core::name_of(reservation.priority),
                          core::cli::relative_time(reservation.until, moment.now)));
  }
  for (const auto& [other, days] : account.networks) {
    if (other == name) continue;
    write_row(context, "other",
              fmt::format("{}: {} today, {} this month", core::printable(other, k_longest_name),
                          size_text(netstate::spent_since(account, other, moment.today).total()),
                          size_text(netstate::spent_since(account, other, moment.month).total())));
  }
}

std::string budget_json(Context& context, const OpenBudget& open,
                        const netstate::Account& account) {
  const auto moment = moment_of(context, open);
  std::string limits;
  for (const auto& window : windows_of(open, account, moment))
    append(limits, record_of(window, *open.calendar));
  std::string networks;
  for (const auto& [name, days] : account.networks) {
    Record record;
    record.add("name", name);
    record.add(
        "today",
        Value{RawJson{record_of(netstate::spent_since(account, name, moment.today)).json()}});
    record.add(
        "month",
        Value{RawJson{record_of(netstate::spent_since(account, name, moment.month)).json()}});
    append(networks, record);
  }
  std::string reservations;
  for (const auto& reservation : account.reservations) {
    if (reservation.holds(moment.now)) append(reservations, record_of(reservation));
  }
  Record record;
  record.add("network", open.network.name).add("limited", Value{open.network.is_limited});
  record.add("limits", array(limits));
  if (const auto& rate = open.budget->limits().rate) record.add("rate", Value{*rate});
  record.add("networks", array(networks)).add("reservations", array(reservations));
  return record.json();
}

}  // namespace netwatch
