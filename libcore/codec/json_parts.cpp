// SPDX-License-Identifier: MIT
#include "libcore/codec/json_parts.hpp"

#include <set>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {
namespace {

bool names_are_unique(const std::vector<Header>& headers) {
  std::set<std::string> names;
  for (const auto& [name, value] : headers) {
    if (!names.insert(to_lower(name)).second) return false;
  }
  return true;
}

}  // namespace

std::string format_headers(const std::vector<Header>& headers) {
  if (names_are_unique(headers)) {
    JsonObject object;
    for (const auto& [name, value] : headers)
      object.add(name, value);
    return object.text();
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
