// SPDX-License-Identifier: MIT
#include "libcore/codec/json_pointer.hpp"

#include "libcore/base/text.hpp"

namespace core::codec {

Result<std::vector<std::string>> parse_json_pointer(std::string_view pointer) {
  const auto refuse = [pointer](std::string_view advice) {
    return fail(Errc::usage,
                "not a JSON pointer: '" + printable(pointer, 60) + "': " + std::string(advice));
  };
  std::vector<std::string> steps;
  if (pointer.empty()) return steps;
  if (!pointer.starts_with('/')) return refuse("begin it with /");
  for (const auto part : split(pointer.substr(1), '/')) {
    std::string step;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '~') {
        step += part[i];
        continue;
      }
      const char code = i + 1 < part.size() ? part[++i] : '\0';
      if (code != '0' && code != '1') return refuse("write a tilde as ~0 and a slash as ~1");
      step += code == '0' ? '~' : '/';
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace core::codec
