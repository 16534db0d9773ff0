// SPDX-License-Identifier: MIT
#pragma once

// What hooks have been told of, `netwatch/hooks.json`, and the lines of `netwatch/hooks.jsonl`:
// text to values and back, and what is to be told next. Values only; hooks.hpp runs the programs.
//
// What a hook has been told of counts once it has ended. While one is under way nothing is known to
// have been told, so that after a crash whatever holds then is told, be it the same or not.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/netstate/published.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/stray.hpp"

namespace core::netstate {

// As the programs in hooks/ are called.
enum class HookEvent { on_online, on_offline, on_change };

struct HookJournal {
  struct Running {
    HookEvent event = HookEvent::on_change;
    sys::ProcessName process;  // of number 0 until it has started

    bool operator==(const Running&) const = default;
  };

  std::string boot;                         // in another one nothing has been told
  std::optional<Mode> mode;                 // that on-online or on-offline has been told of
  std::optional<std::uint64_t> generation;  // that on-change has been told of
  std::optional<Running> running;

  // The next one to be run, on-change last; nullopt: all have been told of this.
  [[nodiscard]] std::optional<HookEvent> due(const Published& line) const;
  void begin(HookEvent event);
  // The one that was begun has ended, or there is no such program.
  void end(HookEvent event, const Published& line);

  bool operator==(const HookJournal&) const = default;
};

// One JSON object on one line.
std::string format_hook_journal(const HookJournal& journal);
// Errors: corrupt.
Result<HookJournal> parse_hook_journal(std::string_view text);

// One hook that ran.
struct HookRun {
  Time at;  // its end
  HookEvent event = HookEvent::on_change;
  std::uint64_t generation = 0;
  Mode mode = Mode::offline;
  sys::Ended ended;
  Duration elapsed{};
  bool is_late = false;  // it was ended because it took too long
  std::string message;   // why it could not be run; empty: it ran
};

std::string format_hook_run(const HookRun& run);
// Errors: corrupt.
Result<HookRun> parse_hook_run(std::string_view line);
// "exit status 1", "killed by signal 9", "ended after 5m, it took too long", "ok"
std::string outcome_of(const HookRun& run);

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::netstate::HookEvent>{
    "on-online", "on-offline", "on-change"};
