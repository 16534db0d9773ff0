// SPDX-License-Identifier: MIT
#include "libcore/codec/inbox_line.hpp"

#include "libcore/codec/json_parts.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {

std::string format_inbox_line(const InboxLine& line) {
  JsonObject object;
  object.add("id", line.id.text()).add("at", format_time(line.at));
  object.add("method", line.method).add("target", line.target);
  object.add_raw("headers", format_headers(line.headers));
  if (!line.key.empty()) object.add("key", line.key);
  if (const auto* json = std::get_if<InboxJson>(&line.body)) object.add_raw("body", json->text);
  if (const auto* text = std::get_if<InboxText>(&line.body)) object.add("text", text->text);
  if (const auto* blob = std::get_if<BlobRef>(&line.body)) {
    object.add_raw("blob", format_blob(*blob));
  }
  object.add_raw("answer", JsonObject{}.add("status", line.status).text());
  return object.text() + "\n";
}

}  // namespace core::codec
