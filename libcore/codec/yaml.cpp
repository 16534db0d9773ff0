// SPDX-License-Identifier: MIT
#include "libcore/codec/yaml.hpp"

#include <optional>
#include <sstream>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {
namespace {

// Aliases can say a tree of any size, or one without end, in a few bytes.
constexpr int k_max_nodes = 10'000;
constexpr int k_max_depth = 64;

int line_of(const YAML::Node& node) {
  return node.Mark().line + 1;
}

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view file) : file_(file) {}

  Result<YamlNode> build(const YAML::Node& from, int depth) {
    YamlNode node;
    node.line = line_of(from);
    if (++count_ > k_max_nodes || depth > k_max_depth) {
      return refuse(node.line, "too many values, or nested too deeply");
    }
    if (from.IsScalar()) {
      node.kind = YamlKind::scalar;
      node.text = from.Scalar();
      node.quoting = from.Tag() == "!" ? YamlQuoting::quoted : YamlQuoting::plain;
    } else if (from.IsSequence()) {
      node.kind = YamlKind::sequence;
      for (const auto& child : from) {
        TRY_ASSIGN(auto built, build(child, depth + 1));
        node.children.push_back(std::move(built));
      }
    } else if (from.IsMap()) {
      TRY(fill_map(node, from, depth));
    }
    return node;
  }

  [[nodiscard]] tl::unexpected<Error> refuse(int line, std::string_view cause) const {
    return fail(Errc::config, fmt::format("{}:{}: {}", file_, line, cause));
  }

 private:
  Result<> fill_map(YamlNode& node, const YAML::Node& from, int depth) {
    node.kind = YamlKind::map;
    for (const auto& member : from) {
      if (!member.first.IsScalar()) return refuse(line_of(member.first), "a key must be a word");
      TRY_ASSIGN(auto built, build(member.second, depth + 1));
      built.key = member.first.Scalar();
      built.line = line_of(member.first);
      for (const auto& sibling : node.children) {
        if (sibling.key != built.key) continue;
        return refuse(built.line, fmt::format("key '{}' was given before, in line {}",
                                              printable(built.key, 60), sibling.line));
      }
      node.children.push_back(std::move(built));
    }
    return {};
  }

  std::string_view file_;
  int count_ = 0;
};

// Where the events of a document begin, and nothing else.
class BeginningOnly : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { line_ = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  [[nodiscard]] int line() const { return line_; }

 private:
  int line_ = 0;
};

// The line where text follows the first document. YAML::Load ignores it, even when the document
// "ended" before a stray comma in line 1, and YAML::LoadAll never returns from such a comma.
std::optional<int> line_of_rest(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  BeginningOnly beginning;
  if (!parser.HandleNextDocument(beginning)) return std::nullopt;
  if (!parser.HandleNextDocument(beginning)) return std::nullopt;
  return beginning.line();
}

}  // namespace

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file) {
  TreeBuilder builder(file);
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return fail(Errc::config, fmt::format("{}: not a text file", file));
  }
  try {
    const std::string copy(text);
    const auto root = YAML::Load(copy);
    if (const auto line = line_of_rest(copy)) {
      return builder.refuse(*line, "not expected here, after the end of the document");
    }
    return builder.build(root, 0);
  } catch (const YAML::Exception& error) {
    return builder.refuse(error.mark.line + 1, printable(error.msg));
  }
}

std::string yaml_to_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlKind::null:
      return "null";
    case YamlKind::scalar: {
      if (node.quoting == YamlQuoting::quoted) return quote_json(node.text);
      const auto kind = check_json(node.text);
      const bool raw = kind && *kind != JsonKind::string;
      return raw ? node.text : quote_json(node.text);
    }
    case YamlKind::sequence: {
      std::string array;
      for (const auto& child : node.children)
        array += (array.empty() ? "[" : ",") + yaml_to_json(child);
      return array.empty() ? "[]" : array + "]";
    }
    case YamlKind::map: {
      JsonObject object;
      for (const auto& child : node.children)
        object.add_raw(child.key, yaml_to_json(child));
      return object.text();
    }
  }
  return "null";
}

}  // namespace core::codec
