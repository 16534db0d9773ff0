// SPDX-License-Identifier: MIT
#include "libcore/netstate/hook_journal.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::netstate {
namespace {

using codec::number_of;
using codec::small_number_of;
using codec::text_of;

HookEvent event_of(Mode mode) {
  return mode == Mode::online ? HookEvent::on_online : HookEvent::on_offline;
}

}  // namespace

std::optional<HookEvent> HookJournal::due(const Published& line) const {
  if (mode != line.mode) return event_of(line.mode);
  if (generation != line.generation) return HookEvent::on_change;
  return std::nullopt;
}

void HookJournal::begin(HookEvent event) {
  running = Running{.event = event, .process = {}};
  if (event == HookEvent::on_change) {
    generation.reset();
  } else {
    mode.reset();
  }
}

void HookJournal::end(HookEvent event, const Published& line) {
  running.reset();
  if (event == HookEvent::on_change) {
    generation = line.generation;
  } else {
    mode = event == HookEvent::on_online ? Mode::online : Mode::offline;
  }
}

std::string format_hook_journal(const HookJournal& journal) {
  codec::JsonObject object;
  object.add("boot", journal.boot);
  if (journal.mode) object.add("mode", name_of(*journal.mode));
  if (journal.generation) object.add("generation", *journal.generation);
  if (journal.running) {
    object.add("running", name_of(journal.running->event));
    object.add("process", journal.running->process.number);
    object.add("started", journal.running->process.started);
  }
  return std::move(object).text() + "\n";
}

Result<HookJournal> parse_hook_journal(std::string_view text) {
  TRY_ASSIGN(const auto members, codec::parse_flat_object(text));
  HookJournal journal;
  journal.boot = text_of(members, "boot");
  journal.mode = value_of<Mode>(text_of(members, "mode"));
  journal.generation = parse_unsigned(text_of(members, "generation"));
  if (const auto event = value_of<HookEvent>(text_of(members, "running"))) {
    journal.running =
        HookJournal::Running{.event = *event,
                             .process = {.number = small_number_of(members, "process"),
                                         .started = number_of(members, "started")}};
  }
  return journal;
}

std::string format_hook_run(const HookRun& run) {
  codec::JsonObject object;
  object.add("at", format_time(run.at)).add("event", name_of(run.event));
  object.add("generation", run.generation).add("mode", name_of(run.mode));
  if (!run.message.empty()) {
    object.add("message", run.message);
    return std::move(object).text() + "\n";
  }
  if (run.ended.signal != 0) object.add("signal", run.ended.signal);
  if (run.ended.signal == 0) object.add("exit", run.ended.status);
  object.add("ms", std::chrono::floor<std::chrono::milliseconds>(run.elapsed).count());
  if (run.is_late) object.add("late", true);
  return std::move(object).text() + "\n";
}

Result<HookRun> parse_hook_run(std::string_view line) {
  TRY_ASSIGN(const auto members, codec::parse_flat_object(line));
  const auto event = value_of<HookEvent>(text_of(members, "event"));
  const auto mode = value_of<Mode>(text_of(members, "mode"));
  const auto at = parse_time(text_of(members, "at"));
  if (!event || !mode || !at) return fail(Errc::corrupt, "not a line about a hook");
  const auto elapsed = std::chrono::milliseconds(small_number_of(members, "ms"));
  return HookRun{.at = *at,
                 .event = *event,
                 .generation = number_of(members, "generation"),
                 .mode = *mode,
                 .ended = {.status = small_number_of(members, "exit"),
                           .signal = small_number_of(members, "signal")},
                 .elapsed = elapsed,
                 .is_late = text_of(members, "late") == "true",
                 .message = text_of(members, "message")};
}

std::string outcome_of(const HookRun& run) {
  if (!run.message.empty()) return run.message;
  if (run.is_late) {
    return fmt::format("ended after {}: it took too long", format_duration(run.elapsed));
  }
  if (run.ended.signal != 0) return fmt::format("killed by signal {}", run.ended.signal);
  if (run.ended.status != 0) return fmt::format("exit status {}", run.ended.status);
  return "ok";
}

}  // namespace core::netstate
