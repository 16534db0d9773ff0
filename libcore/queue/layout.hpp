// SPDX-License-Identifier: MIT
#pragma once

// The names in a queue directory: the one place that knows them. offq-queue(5) describes them;
// nobody else joins paths. All paths are relative to the queue directory. Values only, no I/O.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/ids.hpp"

namespace core::queue {

inline constexpr int k_format = 1;

// The state of an operation is the folder of its file.
enum class State { pending, synced, failed };
inline constexpr std::array k_states{State::pending, State::synced, State::failed};

// The name of a file that holds operations.
struct FileName {
  Ulid stem;
  std::uint32_t line = 0;  // not zero: line `line` of batch `stem`, written out on its own
  int attempts = 0;
  enum class Kind { single, batch } kind = Kind::single;

  // nullopt for anything that offq itself would not have written.
  static std::optional<FileName> parse(std::string_view name);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] OperationId id() const { return {.stem = stem, .line = line}; }

  static FileName single(const OperationId& id, int attempts = 0) {
    return {.stem = id.stem, .line = id.line, .attempts = attempts, .kind = Kind::single};
  }
  static FileName batch(const Ulid& stem) { return {.stem = stem, .kind = Kind::batch}; }

  bool operator==(const FileName&) const = default;
};

// Whether a foreign name in pending/ is meant for us: *.json or *.jsonl, not hidden.
bool is_adoptable(std::string_view name);

std::string folder(State state);
std::string path_in(State state, std::string_view name);
std::string path_of(State state, const FileName& name);
// In tmp/, marked by the process that writes it.
std::string temporary_path(std::string_view name, int process);
// What the file will be called when it is complete: the part before the last dot.
std::optional<std::string> name_of_temporary(std::string_view temporary_name);
std::string receipts_path(std::string_view day);
std::string blob_path(std::string_view sha256);
std::string key_path(std::string_view digest);
// About a process that a delivering one has started.
std::string running_path(int process);
std::string running_path(std::string_view name);

namespace path {
inline constexpr const char* k_description = "queue.json";
inline constexpr const char* k_config = "config.yaml";
inline constexpr const char* k_temporary = "tmp";
inline constexpr const char* k_receipts = "receipts";
inline constexpr const char* k_blobs = "blobs";
inline constexpr const char* k_keys = "keys";
inline constexpr const char* k_keys_lock = "keys/lock";
inline constexpr const char* k_usage = "usage.json";
inline constexpr const char* k_ledger = "ledger.jsonl";
inline constexpr const char* k_reserve = "reserve";
inline constexpr const char* k_index = "index.db";
inline constexpr const char* k_state = "state.db";
inline constexpr const char* k_lock = "lock";
inline constexpr const char* k_watch = "watch";
inline constexpr const char* k_network = "network";
inline constexpr const char* k_network_document = "network.json";
inline constexpr const char* k_hooks = "hooks";
// What netwatch keeps; offkit-network(5).
inline constexpr const char* k_netwatch = "netwatch";
inline constexpr const char* k_netwatch_lock = "netwatch/lock";        // the daemon's, for readers
inline constexpr const char* k_netwatch_daemon = "netwatch/daemon";    // of one daemon at a time
inline constexpr const char* k_netwatch_check = "netwatch/check";      // of one check at a time
inline constexpr const char* k_netwatch_publish = "netwatch/publish";  // of one writer at a time
inline constexpr const char* k_netwatch_ask = "netwatch/ask";          // to the daemon: look now
inline constexpr const char* k_netwatch_mode = "netwatch/mode.json";
inline constexpr const char* k_netwatch_monitor = "netwatch/monitor.json";  // between checks
inline constexpr const char* k_netwatch_reports = "netwatch/reports.json";  // of siblings
inline constexpr const char* k_netwatch_history = "netwatch/history.jsonl";
inline constexpr const char* k_netwatch_history_old = "netwatch/history.1.jsonl";
inline constexpr const char* k_netwatch_hooks = "netwatch/hooks.json";  // what they were told
inline constexpr const char* k_netwatch_hook_log = "netwatch/hooks.jsonl";
inline constexpr const char* k_netwatch_hook_log_old = "netwatch/hooks.1.jsonl";
inline constexpr const char* k_netwatch_hook_lock = "netwatch/hooks";  // of whoever runs hooks
inline constexpr const char* k_netwatch_budget = "netwatch/budget.json";
inline constexpr const char* k_netwatch_budget_lock = "netwatch/budget";
inline constexpr const char* k_netwatch_budget_copy = "netwatch/budget.1.json";
inline constexpr const char* k_netwatch_budget_damaged = "netwatch/budget.damaged";
// Of whoever replaces the file: one at a time, who first removes what a dead one left there.
inline constexpr const char* k_netwatch_new_line = "netwatch/network.new";
inline constexpr const char* k_netwatch_new_lock = "netwatch/lock.new";
inline constexpr const char* k_netwatch_new_monitor = "netwatch/monitor.new";
inline constexpr const char* k_netwatch_new_hooks = "netwatch/hooks.new";
inline constexpr const char* k_netwatch_new_budget = "netwatch/budget.new";
inline constexpr const char* k_netwatch_new_budget_copy = "netwatch/budget.1.new";
inline constexpr const char* k_running = "running";  // hooks and commands
inline constexpr const char* k_outputs = "outputs";  // the last ones of `offq run`
}  // namespace path

}  // namespace core::queue

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::queue::State>{
    "pending", "synced", "failed"};
