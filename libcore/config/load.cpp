// SPDX-License-Identifier: MIT
#include "libcore/config/load.hpp"

#include <algorithm>
#include <concepts>
#include <set>
#include <span>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/yaml.hpp"
#include "libcore/config/keys.hpp"
#include "libcore/config/value_text.hpp"
#include "libcore/sys/paths.hpp"

namespace core::config {
namespace {

using codec::YamlKind;
using codec::YamlNode;

constexpr std::string_view k_file_name = "config.yaml";
constexpr std::string_view k_system_file = "/etc/offkit/config.yaml";
constexpr std::string_view k_of_offq = "OFFQ_";
constexpr std::string_view k_of_netwatch = "NETWATCH_";
constexpr std::string_view k_size_fallback = "CEMAF_OFFLINE_MAX_QUEUE_MB";

std::string did_you_mean(std::string_view word, std::string_view prefix,
                         std::span<const std::string_view> candidates) {
  const auto near = nearest(word, candidates);
  return near ? fmt::format(": did you mean '{}{}'?", prefix, *near) : std::string{};
}

// An entry of `endpoints` or `types`.
struct EntryName {
  std::string key;    // whole: what settings are remembered by
  std::string shown;  // for messages, where a name of a megabyte has no place
};

// Takes values in the order of rising precedence and keeps the last of each key.
class Builder {
 public:
  Builder() {
    settings_.reserve(keys().size());
    for (const auto& key : keys())
      settings_.push_back({std::string(key.name), std::string(key.default_text), "default"});
  }

  void apply(const Key& key, std::string_view text, const std::string& origin,
             const std::string& subject) {
    if (auto applied = key.apply(config_, text); !applied) {
      report(subject + ": " + applied.error().message);
      return;
    }
    remember(std::string(key.name), std::string(text), origin);
  }

  void add_file(const std::string& path, std::string_view text) {
    const auto root = codec::parse_yaml(text, path);
    if (!root) {
      report(root.error());
      return;
    }
    path_ = path;
    if (root->kind == YamlKind::null) return;
    if (root->kind != YamlKind::map) {
      complain(*root, "not a map of settings");
      return;
    }
    for (const auto& section : root->children)
      add_section(section);
  }

  void report(std::string message) {
    report(Error{.code = Errc::config, .message = std::move(message)});
  }
  void report(Error error) { problems_.push_back(std::move(error)); }

  Loaded finish() {
    check_limits();
    check_references();
    const auto table_end = settings_.begin() + static_cast<std::ptrdiff_t>(keys().size());
    std::sort(table_end, settings_.end(),
              [](const Setting& a, const Setting& b) { return a.key < b.key; });
    config_.settings = std::move(settings_);
    return {.config = std::move(config_), .problems = std::move(problems_)};
  }

 private:
  [[nodiscard]] std::string place(const YamlNode& node) const {
    return fmt::format("{}:{}", path_, node.line);
  }
  void complain(const YamlNode& node, std::string_view message) {
    report(fmt::format("{}: {}", place(node), message));
  }

  void remember(const std::string& key, std::string value, std::string origin) {
    auto setting = std::ranges::find(settings_, key, &Setting::key);
    if (setting == settings_.end()) setting = settings_.insert(setting, {key, {}, {}});
    setting->value = std::move(value);
    setting->origin = std::move(origin);
  }

  [[nodiscard]] std::string origin_of(const std::string& key) const {
    const auto setting = std::ranges::find(settings_, key, &Setting::key);
    return setting == settings_.end() ? "config" : setting->origin;
  }

  void add_section(const YamlNode& section) {
    const auto foreign = foreign_sections();
    if (std::ranges::find(foreign, section.key) != foreign.end()) return;
    if (section.key == "endpoints") {
      add_entries(section, config_.endpoints, endpoint_keys());
      return;
    }
    if (section.key == "types") {
      add_entries(section, config_.types, type_keys());
      return;
    }
    add_plain(section, section.key);
  }

  // A key of the table, or a section of such keys.
  void add_plain(const YamlNode& node, const std::string& name) {
    // "a.b: 1" is not "a: {b: 1}": two spellings of a key could contradict each other.
    if (node.key.find('.') != std::string::npos) {
      complain_unknown(node, name);
      return;
    }
    const auto key = std::ranges::find(keys(), name, &Key::name);
    if (key != keys().end()) {
      if (node.kind == YamlKind::null) {
        complain(node, name + ": no value");
        return;
      }
      if (node.kind == YamlKind::sequence && key->shape == Shape::list) {
        add_list(*key, node);
        return;
      }
      if (node.kind != YamlKind::scalar) {
        complain(node, name + ": one value is expected here");
        return;
      }
      apply(*key, node.text, place(node), fmt::format("{}: {}", place(node), name));
      return;
    }
    const auto begins = [prefix = name + '.'](const Key& k) { return k.name.starts_with(prefix); };
    if (!std::ranges::any_of(keys(), begins)) {
      complain_unknown(node, name);
      return;
    }
    if (node.kind == YamlKind::null) return;
    if (node.kind != YamlKind::map) {
      complain(node, name + ": a map is expected here");
      return;
    }
    for (const auto& child : node.children)
      add_plain(child, name + '.' + child.key);
  }

  // In one text, as the environment says it. What is wrong with an item is told with its line.
  void add_list(const Key& key, const YamlNode& node) {
    const std::string name(key.name);
    std::string text;
    const auto before = problems_.size();
    for (const auto& item : node.children) {
      Config scratch;
      const Result<> checked = item.kind != YamlKind::scalar ? refuse("one value is expected here")
                                                             : check_list_item(item.text);
      const Result<> applied = checked ? key.apply(scratch, item.text) : checked;
      if (!applied) complain(item, name + ": " + applied.error().message);
      text += (text.empty() ? "" : " ") + item.text;
    }
    if (problems_.size() > before) return;
    apply(key, text.empty() ? k_none : text, place(node), fmt::format("{}: {}", place(node), name));
  }

  void complain_unknown(const YamlNode& node, const std::string& name) {
    // What could stand here: the next word of every key in this section, and the top level's maps.
    const auto prefix = name.substr(0, name.size() - node.key.size());
    std::vector<std::string_view> words;
    for (const auto& key : keys()) {
      if (!key.name.starts_with(prefix)) continue;
      const auto rest = key.name.substr(prefix.size());
      words.push_back(rest.substr(0, rest.find('.')));
    }
    if (prefix.empty()) {
      words.insert(words.end(), {"endpoints", "types"});
      words.insert(words.end(), foreign_sections().begin(), foreign_sections().end());
    }
    complain(node, fmt::format("unknown key '{}'{}", printable(name, 60),
                               did_you_mean(node.key, prefix, words)));
  }

  template <typename Entry>
  void add_entries(const YamlNode& section, std::map<std::string, Entry>& entries,
                   std::span<const EntryKey<Entry>> known) {
    if (section.kind == YamlKind::null) return;
    if (section.kind != YamlKind::map) {
      complain(section, section.key + ": a map is expected here");
      return;
    }
    for (const auto& node : section.children) {
      const EntryName name{.key = section.key + '.' + node.key,
                           .shown = section.key + '.' + printable(node.key, 60)};
      if (auto checked = codec::check_type(node.key); !checked && section.key == "types") {
        complain(node, name.shown + ": " + checked.error().message);
        continue;
      }
      Entry& entry = entries[node.key];
      if (node.kind == YamlKind::null) continue;
      if (node.kind != YamlKind::map) {
        broken_.insert(name.key + ".url");
        complain(node, name.shown + ": a map is expected here");
        continue;
      }
      for (const auto& member : node.children)
        add_member(entry, member, name, known);
    }
  }

  template <typename Entry>
  void add_member(Entry& entry, const YamlNode& node, const EntryName& owner,
                  std::span<const EntryKey<Entry>> known) {
    const auto key = std::ranges::find(known, node.key, &EntryKey<Entry>::name);
    if (key == known.end()) {
      std::vector<std::string_view> words;
      for (const auto& candidate : known)
        words.push_back(candidate.name);
      complain(node, fmt::format("unknown key '{}.{}'{}", owner.shown, printable(node.key, 60),
                                 did_you_mean(node.key, owner.shown + '.', words)));
      return;
    }
    const auto name = owner.key + '.' + node.key;
    const auto shown = owner.shown + '.' + node.key;
    if constexpr (std::same_as<Entry, TypeRoute>) {
      if (key->has_members) {
        add_batch(entry, node, {.key = name, .shown = shown});
        return;
      }
    }
    if (key->apply == nullptr) {
      complain(node, shown + ": " + std::string(key->summary));
      return;
    }
    if (auto applied = key->apply(entry, node); !applied) {
      broken_.insert(name);
      complain(node, shown + ": " + applied.error().message);
      return;
    }
    remember(name, node.kind == YamlKind::scalar ? node.text : codec::yaml_to_json(node),
             place(node));
  }

  void add_batch(TypeRoute& route, const YamlNode& node, const EntryName& name) {
    if (node.kind != YamlKind::map) {
      complain(node, name.shown + ": a map is expected here");
      return;
    }
    if (!route.batch) route.batch.emplace();
    if (node.children.empty()) remember(name.key, "{}", place(node));
    for (const auto& member : node.children)
      add_member(*route.batch, member, name, batch_keys());
  }

  // What can only be judged when everything is read.
  void check_limits() {
    const auto needed = parse_unsigned(config_.network.need);
    const auto count = config_.network.check.size();
    if (needed && count > 0 && *needed > count) {
      take_back("network.need", fmt::format("{}, and network.check has {}", *needed, count));
    }
    for (const auto& limit : {config_.budget.daily, config_.budget.monthly}) {
      if (limit && config_.budget.reserve > *limit) {
        take_back("budget.reserve", "more than the limit that it is part of");
      }
    }
  }

  void take_back(std::string_view name, std::string_view cause) {
    report(fmt::format("{}: {}: {}", origin_of(std::string(name)), name, cause));
    const auto key = std::ranges::find(keys(), name, &Key::name);
    apply(*key, key->default_text, "default", std::string(name));
  }

  void check_references() {
    std::vector<std::string_view> names;
    for (const auto& [name, endpoint] : config_.endpoints) {
      names.push_back(name);
      if (!endpoint.url.empty() || broken_.contains("endpoints." + name + ".url")) continue;
      report("endpoints." + printable(name, 60) + ": url: missing");
    }
    for (const auto& [name, route] : config_.types)
      check_batch(name, route);
    for (const auto& [name, route] : config_.types) {
      if (route.endpoint.empty() || config_.endpoints.contains(route.endpoint)) continue;
      const auto key = "types." + name + ".endpoint";
      report(fmt::format("{}: {}: no such endpoint: '{}'{}", origin_of(key), key,
                         printable(route.endpoint, 60), did_you_mean(route.endpoint, "", names)));
    }
  }

  void check_batch(const std::string& name, const TypeRoute& route) {
    if (!route.batch) return;
    const auto key = "types." + name + ".batch";
    if (codec::is_safe_method(route.method)) {
      report(fmt::format("{}: {}: operations cannot share a {}, which has no body",
                         origin_of("types." + name + ".method"), key, route.method));
    }
    if (!route.batch->results.empty() && route.batch->verdict == BatchVerdict::all) {
      report(fmt::format("{}: {}.results: nothing is read there without verdict: each",
                         origin_of(key + ".results"), key));
    }
  }

  Config config_;
  std::vector<Setting> settings_;
  std::vector<Error> problems_;
  std::set<std::string> broken_;  // keys of entries whose value was refused
  std::string path_;              // of the file that is being added
};

class SourceEnvironment final : public sys::Environment {
 public:
  explicit SourceEnvironment(const Sources& sources) : sources_(sources) {}
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const override {
    return sources_.environment(name);
  }
  [[nodiscard]] std::vector<std::string> names() const override {
    return sources_.names ? sources_.names() : std::vector<std::string>{};
  }

 private:
  const Sources& sources_;
};

std::optional<std::string> variable(const Sources& sources, std::string_view name) {
  auto value = sources.environment(name);
  return value && !value->empty() ? value : std::nullopt;
}

// Of all settings, in the table's order. Every command begins with these.
std::vector<std::string> setting_variables() {
  std::vector<std::string> names;
  names.reserve(keys().size());
  for (const auto& key : keys())
    names.push_back(environment_name(key.name));
  return names;
}

void add_environment(Builder& builder, const Sources& sources,
                     std::span<const std::string> variables) {
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const auto& name = variables[i];
    if (const auto value = variable(sources, name)) builder.apply(keys()[i], *value, name, name);
  }
}

bool is_ours(std::string_view name) {
  return name.starts_with(k_of_offq) || name.starts_with(k_of_netwatch);
}

// Whether nobody can mean anything but a setting by it: OFFQ_ID and the like are for hooks.
bool looks_like_setting(std::string_view name) {
  if (name.starts_with(k_of_netwatch)) return true;
  return std::ranges::any_of(keys(), [&](const Key& key) {
    const auto section = key.name.substr(0, key.name.find('.') + 1);
    const auto known = environment_name(section);
    return known.starts_with(k_of_offq) && name.starts_with(known);
  });
}

// As unknown keys of a file. What is empty counts as unset.
void refuse_unknown_variables(Builder& builder, const Sources& sources,
                              std::span<const std::string> known) {
  if (!sources.names) return;
  auto names = sources.names();
  std::erase_if(names, [](const std::string& name) { return !is_ours(name); });
  std::ranges::sort(names);
  for (const auto& name : names) {
    if (std::ranges::find(known, name) != known.end() || !looks_like_setting(name)) continue;
    if (!variable(sources, name)) continue;
    const std::vector<std::string_view> words(known.begin(), known.end());
    builder.report(fmt::format("{}: no setting is called so{}", printable(name, 60),
                               did_you_mean(name, "", words)));
  }
}

// The variable of the program whose queues offq takes over: whole megabytes.
void add_size_fallback(Builder& builder, const Sources& sources) {
  const auto value = variable(sources, k_size_fallback);
  if (!value) return;
  const std::string name(k_size_fallback);
  const auto key = std::ranges::find(keys(), "queue.max_size", &Key::name);
  if (!parse_unsigned(*value)) {
    builder.report(name + ": not a number: '" + printable(*value, 60) + "'");
    return;
  }
  builder.apply(*key, *value + "MB", name, name);
}

}  // namespace

std::vector<std::string> config_files(const Sources& sources) {
  std::vector<std::string> files;
  const auto add = [&files](const std::string& directory, std::string_view name) {
    files.push_back(fmt::format("{}/{}", directory, name));
  };
  if (!sources.queue_directory.empty()) add(sources.queue_directory, k_file_name);
  // Without a HOME there are no settings of a user.
  if (const auto base = sys::config_directory(SourceEnvironment(sources))) {
    add(*base + "/offkit", k_file_name);
  }
  files.emplace_back(k_system_file);
  return files;
}

Loaded examine_config(const Sources& sources) {
  Builder builder;
  add_size_fallback(builder, sources);
  auto files = config_files(sources);
  std::ranges::reverse(files);
  for (const auto& file : files) {
    const auto text = sources.read_file(file);
    if (!text) {
      builder.report(text.error());
    } else if (*text) {
      builder.add_file(file, **text);
    }
  }
  const auto variables = setting_variables();
  add_environment(builder, sources, variables);
  refuse_unknown_variables(builder, sources, variables);
  return builder.finish();
}

Result<Config> load_config(const Sources& sources) {
  auto loaded = examine_config(sources);
  if (loaded.problems.empty()) return std::move(loaded.config);
  Error first = std::move(loaded.problems.front());
  if (const auto more = loaded.problems.size() - 1; more > 0) {
    first.message += fmt::format(" (and {} more: see config check)", more);
  }
  return tl::unexpected<Error>(std::move(first));
}

}  // namespace core::config
