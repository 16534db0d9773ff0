// SPDX-License-Identifier: MIT
#pragma once

// YAML as a plain tree, for configuration files. Order, repeats and line numbers are kept; every
// scalar stays text. The only includer of yaml-cpp.

#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"

namespace core::codec {

enum class YamlKind { null, scalar, sequence, map };
enum class YamlQuoting { plain, quoted };

struct YamlNode {
  YamlKind kind = YamlKind::null;
  std::string key;   // of a map's child
  int line = 0;      // counted from 1; of the key where there is one
  std::string text;  // of a scalar
  YamlQuoting quoting = YamlQuoting::plain;
  std::vector<YamlNode> children;  // of a map or a sequence
};

// The one document in `text`; an empty text is null. Anchors may be used while the tree they stand
// for stays below 10,000 nodes. Errors: config, "file:line: cause".
Result<YamlNode> parse_yaml(std::string_view text, std::string_view file);

// The same tree as JSON: plain scalars that are JSON numbers, true, false or null keep that kind,
// everything else is a string.
std::string yaml_to_json(const YamlNode& node);

}  // namespace core::codec
