// SPDX-License-Identifier: MIT
#include "libcore/codec/receipt.hpp"

#include <cstddef>
#include <utility>

#include "libcore/codec/json_parts.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {
namespace {

constexpr std::size_t k_usual_size = 512;

std::string format_answer(const HttpAnswer& answer) {
  JsonObject object;
  object.add("status", answer.status);
  object.add_raw("headers", format_headers(answer.headers));
  if (answer.body) object.add("body", *answer.body);
  if (answer.blob) object.add_raw("blob", format_blob(*answer.blob));
  if (answer.truncated) object.add("truncated", true);
  return std::move(object).text();
}

}  // namespace

std::string format_receipt(const Receipt& receipt) {
  JsonObject object(k_usual_size);
  object.add("id", receipt.id.text());
  if (receipt.serial) object.add("seq", receipt.serial->text());
  object.add("type", receipt.type);
  object.add("outcome", name_of(receipt.outcome));
  if (receipt.reason != Reason::none) object.add("reason", name_of(receipt.reason));
  object.add("at", format_time(receipt.at));
  object.add("attempts", receipt.attempts);
  object.add("ms", receipt.ms);
  object.add("bytes_out", receipt.bytes_out);
  object.add("bytes_in", receipt.bytes_in);
  if (!receipt.destination.empty()) object.add("destination", receipt.destination);
  if (receipt.http) object.add_raw("http", format_answer(*receipt.http));
  if (!receipt.error_class.empty()) {
    JsonObject error;
    error.add("class", receipt.error_class).add("message", receipt.error_message);
    object.add_raw("error", std::move(error).text());
  }
  return std::move(object).text() + '\n';
}

}  // namespace core::codec
