// SPDX-License-Identifier: MIT
#include "libcore/delivery/answer.hpp"

#include <chrono>
#include <cstddef>
#include <utility>
#include <variant>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"

namespace core::delivery {
namespace {

constexpr std::size_t k_inline_body = 64UL * 1024;
constexpr std::size_t k_part_body = 1024;  // as many times as operations have shared a request

// Cut between characters.
std::string_view beginning_of(std::string_view text) {
  if (text.size() <= k_part_body) return text;
  auto end = k_part_body;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

}  // namespace

Result<> describe_answer(const net::HttpExchange& exchange, const BodyKeeper& keep_body,
                         codec::Receipt& receipt) {
  receipt.ms = std::chrono::duration_cast<std::chrono::milliseconds>(exchange.elapsed).count();
  receipt.bytes_out = exchange.bytes_out;
  receipt.bytes_in = exchange.bytes_in;
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  if (response == nullptr) return {};
  auto& http = receipt.http.emplace();
  http.status = response->status;
  http.headers = response->headers;
  http.truncated = response->truncated;
  if (response->body.size() <= k_inline_body && is_valid_utf8(response->body)) {
    http.body = response->body;
    return {};
  }
  auto kept = keep_body(response->body);
  if (!kept) {
    http.truncated = true;
    return tl::unexpected<Error>(std::move(kept).error());
  }
  http.blob = *std::move(kept);
  for (const auto& [name, value] : response->headers) {
    const bool is_type = equals_ignoring_case(name, "content-type");
    if (is_type && codec::check_header({name, value})) http.blob->media_type = value;
  }
  return {};
}

void describe_part(const net::HttpExchange& exchange, std::size_t count, int status,
                   std::string_view text, codec::Receipt& receipt) {
  receipt.ms = std::chrono::duration_cast<std::chrono::milliseconds>(exchange.elapsed).count();
  receipt.bytes_out = exchange.bytes_out / count;
  receipt.bytes_in = exchange.bytes_in / count;
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  if (response == nullptr) return;
  auto& http = receipt.http.emplace();
  http.status = status == 0 ? response->status : status;
  http.truncated = text.size() > k_part_body;
  if (is_valid_utf8(text)) http.body = beginning_of(text);
}

}  // namespace core::delivery
