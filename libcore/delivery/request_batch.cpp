// SPDX-License-Identifier: MIT
#include "libcore/delivery/request_batch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/layout.hpp"

namespace core::delivery {
namespace {

constexpr std::size_t k_digest_digits = 32;
constexpr std::size_t k_company_shrinks_by = 8;

// Legal JSON has line ends between its tokens only.
void put_on_one_line(std::string& json) {
  std::ranges::replace_if(json, [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

// JSON that spans lines or is large is a blob, and a payload all the same.
Result<std::optional<std::string>> blob_item(const codec::BlobRef& blob, ByteCount most,
                                             const sys::Files& queue) {
  if (blob.size > most.value) return std::nullopt;
  const bool may_be_json =
      blob.media_type.empty() || blob.media_type.find("json") != std::string::npos;
  if (!may_be_json) return std::nullopt;
  auto read = sys::read_file(queue, queue::blob_path(blob.sha256), most);
  if (!read && read.error().code != Errc::corrupt) return tl::unexpected<Error>(read.error());
  // Whatever is wrong with it is found again, and said, when it is sent by itself.
  if (!read || !*read) return std::nullopt;
  auto& text = *read;
  if (codec::sha256_hex(*text) != blob.sha256) return std::nullopt;
  if (!codec::check_json(*text)) return std::nullopt;
  put_on_one_line(*text);
  return text;
}

std::string as_operation(const codec::Envelope& operation, const std::optional<std::string>& body) {
  codec::JsonObject object;
  if (operation.id) object.add("id", operation.id->text());
  object.add("type", operation.type);
  if (!operation.action.empty()) object.add("action", operation.action);
  if (operation.created_at) object.add("created_at", format_time(*operation.created_at));
  if (body) object.add_raw("payload", *body);
  return object.text();
}

}  // namespace

Result<std::optional<std::string>> batch_item(codec::Envelope& operation,
                                              const config::Batch& batch, const sys::Files& queue) {
  if (operation.payload) return payload_item(operation, batch);
  std::optional<std::string> body;
  if (operation.blob) {
    TRY_ASSIGN(body, blob_item(*operation.blob, batch.max_size, queue));
    if (!body) return std::nullopt;
  }
  if (batch.wrap == config::BatchWrap::operation) return as_operation(operation, body);
  return body;
}

std::string payload_item(codec::Envelope& operation, const config::Batch& batch) {
  std::string body = std::move(*operation.payload);
  put_on_one_line(body);
  if (batch.wrap == config::BatchWrap::payload) return body;
  return as_operation(operation, body);
}

std::string_view batch_media_type(config::BatchFormat format) {
  return format == config::BatchFormat::ndjson ? "application/x-ndjson" : "application/json";
}

std::uint64_t batch_bytes(std::string_view item) {
  return item.size() + 1;  // and a comma, a bracket or a newline
}

std::string batch_body(std::span<const Member> members, config::BatchFormat format) {
  std::size_t size = 2;
  for (const auto& member : members)
    size += batch_bytes(member.item);
  std::string body;
  body.reserve(size);
  for (const auto& member : members) {
    if (format == config::BatchFormat::json_array) body += body.empty() ? '[' : ',';
    body += member.item;
    if (format == config::BatchFormat::ndjson) body += '\n';
  }
  if (format == config::BatchFormat::json_array) body += ']';
  return body;
}

std::string batch_key(std::span<const Member> members) {
  const std::string first = members.front().entry.id.text();
  if (members.size() == 1) return first;
  std::string ids;
  for (const auto& member : members)
    ids.append(member.entry.id.text()).append("\n");
  return fmt::format("{}+{}-{}", first, members.size() - 1,
                     codec::sha256_hex(ids).substr(0, k_digest_digits));
}

std::size_t batch_company(const config::Batch& batch, int attempts, int max_attempts) {
  if (attempts > 0 && attempts + 1 >= max_attempts) return 1;
  auto most = static_cast<std::size_t>(batch.max_ops);
  for (int i = 0; i < attempts && most > 1; ++i)
    most /= k_company_shrinks_by;
  return std::max<std::size_t>(most, 1);
}

}  // namespace core::delivery
