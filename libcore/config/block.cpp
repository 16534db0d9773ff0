// SPDX-License-Identifier: MIT
#include "libcore/config/block.hpp"

#include <fmt/core.h>

#include "libcore/codec/json_text.hpp"
#include "libcore/codec/yaml.hpp"

namespace core::config {
namespace {

constexpr std::string_view k_begin =
    "# netwatch init: who is asked whether there is a network; run it again to change this.\n";
constexpr std::string_view k_end = "# end of netwatch init\n";

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

}  // namespace

std::string network_block(const std::vector<std::string>& basic,
                          const std::vector<std::string>& check) {
  return fmt::format("{}network:\n{}{}{}", k_begin, list_of("basic", basic),
                     list_of("check", check), k_end);
}

Result<std::string> with_network_block(std::string_view text, std::string_view block,
                                       std::string_view file) {
  std::string before(text);
  std::string after;
  const auto begin = text.find(k_begin);
  const auto end = begin == std::string_view::npos ? begin : text.find(k_end, begin);
  if (end != std::string_view::npos) {
    before = text.substr(0, begin);
    after = text.substr(end + k_end.size());
  } else if (!before.empty()) {
    before += before.ends_with('\n') ? "\n" : "\n\n";
  }
  for (const auto& part : {before, after}) {
    TRY_ASSIGN(const auto root, codec::parse_yaml(part, file));
    if (const auto* section = section_of(root, "network")) {
      return fail(Errc::config,
                  fmt::format("{}:{}: network: this section is not netwatch's to change: write "
                              "network.basic and network.check there by hand",
                              file, section->line));
    }
  }
  auto result = before + std::string(block) + after;
  TRY(codec::parse_yaml(result, file));
  return result;
}

}  // namespace core::config
