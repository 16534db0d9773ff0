// SPDX-License-Identifier: MIT
#include "libcore/config/block.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <fmt/format.h>

#include "libcore/codec/json_text.hpp"
#include "libcore/codec/yaml.hpp"

namespace core::config {
namespace {

// A string of JSON is one of YAML too.
std::string list_of(std::string_view name, const std::vector<std::string>& items) {
  if (items.empty()) return fmt::format("  {}: none\n", name);
  std::string text = fmt::format("  {}:\n", name);
  for (const auto& item : items)
    text += fmt::format("    - {}\n", codec::quote_json(item));
  return text;
}

const codec::YamlNode* section_of(const codec::YamlNode& root, std::string_view name) {
  for (const auto& child : root.children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

std::string begin_of(const Block& block) {
  return fmt::format("# {}: {}; run it again to change this.\n", block.author, block.purpose);
}

std::string end_of(const Block& block) {
  return fmt::format("# end of {}\n", block.author);
}

// The file in three parts; nullopt: it has no such block.
struct Parts {
  std::string_view before;
  std::string_view inside;
  std::string_view after;
};

std::optional<Parts> parts_of(std::string_view text, const Block& block) {
  const auto first = begin_of(block);
  const auto last = end_of(block);
  const auto begin = text.find(first);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto inside = begin + first.size();
  const auto end = text.find(last, inside);
  if (end == std::string_view::npos) return std::nullopt;
  return Parts{.before = text.substr(0, begin),
               .inside = text.substr(inside, end - inside),
               .after = text.substr(end + last.size())};
}

}  // namespace

std::string Block::text() const {
  return begin_of(*this) + lines + end_of(*this);
}

Block network_block(const std::vector<std::string>& basic, const std::vector<std::string>& check) {
  return {.section = "network",
          .author = "netwatch init",
          .purpose = "who is asked whether there is a network",
          .names = {"basic", "check"},
          .lines = "network:\n" + list_of("basic", basic) + list_of("check", check)};
}

Result<Block> budget_block(std::string_view text, const Settings& settings, std::string_view file) {
  Block block{.section = "budget",
              .author = "netwatch budget set",
              .purpose = "how many bytes may be spent",
              .names = {},
              .lines = "budget:\n"};
  Settings all;
  if (const auto parts = parts_of(text, block)) {
    TRY_ASSIGN(const auto root, codec::parse_yaml(parts->inside, file));
    if (const auto* section = section_of(root, block.section)) {
      for (const auto& node : section->children)
        all.emplace_back(node.key, node.text);
    }
  }
  for (const auto& [name, value] : settings) {
    const auto known = std::ranges::find(all, name, &Settings::value_type::first);
    if (known == all.end()) {
      all.emplace_back(name, value);
    } else {
      known->second = value;
    }
  }
  for (const auto& [name, value] : all) {
    block.names.push_back(name);
    block.lines += fmt::format("  {}: {}\n", name, codec::quote_json(value));
  }
  return block;
}

Result<std::string> with_block(std::string_view text, const Block& block, std::string_view file) {
  std::string before(text);
  std::string after;
  if (const auto parts = parts_of(text, block)) {
    before = parts->before;
    after = parts->after;
  } else if (!before.empty()) {
    before += before.ends_with('\n') ? "\n" : "\n\n";
  }
  for (const auto& part : {before, after}) {
    TRY_ASSIGN(const auto root, codec::parse_yaml(part, file));
    if (const auto* section = section_of(root, block.section)) {
      return fail(Errc::config,
                  fmt::format("{}:{}: {}: this section is not netwatch's to change: write {}.{} "
                              "there by hand",
                              file, section->line, block.section, block.section,
                              fmt::join(block.names, fmt::format(" and {}.", block.section))));
    }
  }
  auto result = before + block.text() + after;
  TRY(codec::parse_yaml(result, file));
  return result;
}

}  // namespace core::config
