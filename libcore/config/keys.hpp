// SPDX-License-Identifier: MIT
#pragma once

// The table of configuration keys: the one place that knows their names, kinds, defaults and
// meaning. The loader, `offq config` and offkit.conf(5) are made from it.

#include <span>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/yaml.hpp"
#include "libcore/config/config.hpp"

namespace core::config {

// list: a file may say it as a sequence as well. In one text, blanks or commas are between its
// items, and "none" is the empty one.
enum class Shape { one, list };

// A key that is set by a file or by the environment.
struct Key {
  std::string_view name;  // "queue.max_size"
  std::string_view kind;  // "size", "count", "true or false", "reject", …: what a user may write
  std::string_view default_text;
  std::string_view summary;
  // Reads the text into its place. Errors: config, the cause alone.
  Result<> (*apply)(Config& config, std::string_view text) = nullptr;
  Shape shape = Shape::one;
};

// A key of an entry of `endpoints` or `types`; apply is nullptr for what this version refuses, and
// for a map whose members have keys of their own.
template <typename Entry>
struct EntryKey {
  std::string_view name;  // "timeout"
  std::string_view kind;
  std::string_view default_text;  // empty: none
  std::string_view summary;
  Result<> (*apply)(Entry& entry, const codec::YamlNode& node) = nullptr;
  bool has_members = false;
};

std::span<const Key> keys();
std::span<const EntryKey<Endpoint>> endpoint_keys();
std::span<const EntryKey<TypeRoute>> type_keys();
// Below `batch` of an entry of `types`.
std::span<const EntryKey<Batch>> batch_keys();

// Sections of the same file that belong to offkit's other programs.
std::span<const std::string_view> foreign_sections();

// "queue.max_size" -> "OFFQ_QUEUE_MAX_SIZE", "network.interval" -> "NETWATCH_INTERVAL",
// "budget.daily" -> "NETWATCH_BUDGET_DAILY".
std::string environment_name(std::string_view key);

}  // namespace core::config
