// SPDX-License-Identifier: MIT
#include "libcore/codec/json_parts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {
namespace {

bool names_are_unique(const std::vector<Header>& headers) {
  std::vector<std::string_view> names;
  names.reserve(headers.size());
  for (const auto& [name, value] : headers)
    names.emplace_back(name);
  std::ranges::sort(names, precedes_ignoring_case);
  return std::ranges::adjacent_find(names, equals_ignoring_case) == names.end();
}

}  // namespace

std::string format_headers(const std::vector<Header>& headers) {
  if (names_are_unique(headers)) {
    JsonObject object;
    for (const auto& [name, value] : headers)
      object.add(name, value);
    return std::move(object).text();
  }
  std::string array;
  for (const auto& [name, value] : headers) {
    array += array.empty() ? "[[" : ",[";
    append_quoted(array, name);
    array += ',';
    append_quoted(array, value);
    array += ']';
  }
  return array + ']';
}

std::string format_blob(const BlobRef& blob) {
  JsonObject object;
  object.add("sha256", blob.sha256).add("size", blob.size);
  if (!blob.media_type.empty()) object.add("media_type", blob.media_type);
  if (!blob.name.empty()) object.add("name", blob.name);
  return object.text();
}

}  // namespace core::codec
