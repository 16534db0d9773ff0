// SPDX-License-Identifier: MIT
#include "tools/offq/operation_record.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "libcore/base/text.hpp"
#include "libcore/codec/command_line.hpp"
#include "libcore/queue/operation.hpp"

namespace offq {
namespace {

using core::Time;
using core::cli::Align;
using core::cli::Record;
using core::cli::Style;
using core::queue::Entry;
using core::queue::State;

void add_text(Record& record, const char* name, const std::string& text) {
  if (!text.empty()) record.add(name, text);
}

std::string text_of(const Record& row, std::string_view field) {
  const auto* text = std::get_if<std::string>(&row.value(field));
  return text == nullptr ? std::string{} : *text;
}

State state_of(const Record& row) {
  return core::value_of<State>(text_of(row, "state")).value_or(State::pending);
}

Style state_style(const Record& row) {
  return style_of(state_of(row));
}

Style dim_style(const Record& /*row*/) {
  return Style::dim;
}

Style reason_style(const Record& row) {
  return text_of(row, "reason").empty() ? Style::dim : Style::red;
}

// "POST api.example.com/v1/runs"; the action where the type's route makes the request.
std::string target_text(const Record& row, Time /*now*/) {
  constexpr std::size_t k_limit = 200;
  const auto command = text_of(row, "command");
  if (!command.empty()) return core::printable(command, k_limit);
  std::string url = text_of(row, "url");
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) url.erase(0, scheme.size());
  }
  std::string text = text_of(row, "method");
  if (text.empty()) text = text_of(row, "action");
  if (!text.empty() && !url.empty()) text += ' ';
  text += url;
  return text.empty() ? "-" : core::printable(text, k_limit);
}

// "1/4" once something was charged, where the operation has a limit of its own.
std::string tries_text(const Record& row, Time now) {
  std::string text = core::cli::display_text(row.value("attempts"), now);
  if (const auto* most = std::get_if<std::int64_t>(&row.value("max_attempts"))) {
    text += "/" + std::to_string(*most);
  }
  return text;
}

// What comes next of what is pending and waits, what was last of the rest.
std::string when_text(const Record& row, Time now) {
  if (state_of(row) != State::pending) {
    const auto& settled = row.value("settled_at");
    const bool is_known = std::holds_alternative<Time>(settled);
    return core::cli::display_text(is_known ? settled : row.value("created_at"), now);
  }
  Time due = now;
  for (const char* field : {"retry_at", "not_before"}) {
    if (const auto* time = std::get_if<Time>(&row.value(field))) due = std::max(due, *time);
  }
  return due > now ? core::cli::relative_time(due, now)
                   : core::cli::display_text(row.value("created_at"), now);
}

}  // namespace

// The delivery itself is in no name of a file. Without a receipt a person moved the file there.
int attempts_of(const Entry& entry) {
  const bool was_delivered = entry.state() == State::synced && entry.settled_at.has_value();
  return was_delivered ? entry.attempts + 1 : entry.attempts;
}

Style style_of(State state) {
  switch (state) {
    case State::pending:
      return Style::yellow;
    case State::synced:
      return Style::green;
    case State::failed:
      return Style::red;
  }
  return Style::plain;
}

Time wall_time(Time time, const Entry& entry, const core::sys::Clock& clock) {
  return entry.on_boot_clock ? clock.now() + (time.time_since_epoch() - clock.since_boot()) : time;
}

Record operation_record(const Entry& entry, const core::sys::Clock& clock) {
  Record record;
  record.add("id", entry.id.text()).add("state", core::name_of(entry.state()));
  add_text(record, "type", entry.type);
  add_text(record, "action", entry.action);
  add_text(record, "lane", entry.lane);
  add_text(record, "key", entry.key);
  record.add("priority", entry.priority).add("critical", core::cli::Value{entry.critical});
  add_text(record, "method", entry.method);
  add_text(record, "url", entry.url);
  record.add("created_at", entry.created_at);
  if (entry.not_before) record.add("not_before", wall_time(*entry.not_before, entry, clock));
  if (entry.expires_at) record.add("expires_at", wall_time(*entry.expires_at, entry, clock));
  if (entry.retry_at) record.add("retry_at", *entry.retry_at);
  record.add("attempts", attempts_of(entry));
  if (entry.max_attempts) record.add("max_attempts", *entry.max_attempts);
  record.add("bytes", core::ByteCount{entry.body_bytes});
  add_text(record, "reason", std::string(core::name_of(entry.reason)));
  if (entry.settled_at) record.add("settled_at", *entry.settled_at);
  return record;
}

Record operation_record(const Entry& entry, const core::sys::Clock& clock,
                        const core::sys::Files& files) {
  auto record = operation_record(entry, clock);
  if (entry.type != core::codec::k_command_type) return record;
  // It may be gone meanwhile, or be anybody's.
  const auto operation = core::queue::load_operation(files, entry);
  if (!operation || !operation->command) return record;
  const auto command = core::codec::parse_command(*operation->command);
  if (!command) return record;
  record.add("command", core::codec::shell_text(*command));
  return record;
}

std::vector<core::cli::Column> operation_columns() {
  return {
      {.field = "id", .header = "ID"},
      {.field = "state", .header = "STATE", .style = state_style},
      {.field = "type", .header = "TYPE", .max_width = 24, .yields = 3},
      {.field = "url", .header = "TARGET", .max_width = 64, .min_width = 20, .text = target_text},
      {.field = "attempts",
       .header = "TRIES",
       .align = Align::right,
       .yields = 2,
       .text = tries_text},
      {.field = "created_at", .header = "WHEN", .align = Align::right, .text = when_text},
      {.field = "bytes", .header = "SIZE", .align = Align::right, .yields = 1, .style = dim_style},
      {.field = "reason", .header = "REASON", .yields = 4, .style = reason_style}};
}

}  // namespace offq
