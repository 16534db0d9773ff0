// SPDX-License-Identifier: MIT
// config.yaml, and the same settings as environment variables.

#include <map>
#include <string>

#include "libcore/codec/json_check.hpp"
#include "libcore/codec/yaml.hpp"
#include "libcore/config/keys.hpp"
#include "libcore/config/load.hpp"
#include "tests/fuzz/property.hpp"

using core::config::Loaded;
using fuzz::must_hold;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Loaded examine(const Variables& variables, std::string_view file) {
  return core::config::examine_config(
      {.environment = [&](std::string_view name) -> std::optional<std::string> {
         const auto found = variables.find(name);
         return found == variables.end() ? std::nullopt : std::optional(found->second);
       },
       .read_file = [&](const std::string& path) -> core::Result<std::optional<std::string>> {
         return path == "/q/config.yaml" ? std::optional(std::string(file)) : std::nullopt;
       },
       .queue_directory = "/q"});
}

void check_tree(std::string_view text) {
  const auto tree = core::codec::parse_yaml(text, "config.yaml");
  if (!tree) return;
  const std::string json = core::codec::yaml_to_json(*tree);
  must_hold(core::codec::check_json(json).has_value(), "YAML becomes JSON", json);
}

bool is_of_environment(const core::config::Setting& setting) {
  return !setting.key.starts_with("endpoints.") && !setting.key.starts_with("types.");
}

// What `offq config show` prints may be set again, and means the same.
void check_settings(const Loaded& loaded) {
  Variables variables;
  for (const auto& setting : loaded.config.settings) {
    if (!is_of_environment(setting)) continue;
    variables[core::config::environment_name(setting.key)] = setting.value;
  }
  const auto again = examine(variables, "");
  for (const auto& problem : again.problems)
    must_hold(false, "an accepted value is accepted again", problem.message);
  must_hold(again.config.queue.max_size.value == loaded.config.queue.max_size.value &&
                again.config.retry.cap == loaded.config.retry.cap &&
                again.config.order.fresh_share == loaded.config.order.fresh_share,
            "an accepted value means the same again");
}

void check_ranges(const core::config::Config& config) {
  must_hold(config.sync.concurrency > 0 && config.sync.batch_size > 0, "a sync can do something");
  must_hold(config.retry.max_attempts > 0, "there is a first attempt");
  must_hold(config.retry.cap >= core::Duration{0} && config.retry.base >= core::Duration{0},
            "pauses are not negative");
  must_hold(config.order.fresh_share >= 0 && config.order.fresh_share <= 1, "a share is a share");
  for (const auto& [name, endpoint] : config.endpoints)
    must_hold(endpoint.concurrency > 0, "an endpoint can be sent to", name);
}

}  // namespace

// All of it is a file; its first line is also tried as the value of every variable.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_tree(text);
  const auto loaded = examine({}, text);
  check_ranges(loaded.config);
  check_settings(loaded);
  const std::string value(text.substr(0, text.find('\n')));
  Variables variables;
  for (const auto& key : core::config::keys())
    variables[core::config::environment_name(key.name)] = value;
  const auto from_environment = examine(variables, "");
  check_ranges(from_environment.config);
  check_settings(from_environment);
  return 0;
}
