// SPDX-License-Identifier: MIT
// The lines of the two journals: receipts/DAY.jsonl, and inbox.jsonl of `offq receive`. A crash may
// tear the last one, and a person may edit any.

#include "libcore/codec/receipt.hpp"

#include <string>

#include "libcore/codec/inbox_line.hpp"
#include "tests/fuzz/property.hpp"

using fuzz::must_hold;

namespace {

void check_receipt(std::string_view text) {
  const auto receipt = core::codec::parse_receipt(text);
  if (!receipt) return;
  const std::string line = core::codec::format_receipt(*receipt);
  must_hold(line.find('\n') == line.size() - 1, "a receipt is one line", line);
  const auto again = core::codec::parse_receipt(line);
  must_hold(again.has_value(), "a receipt that is written can be read", line);
  must_hold(core::codec::format_receipt(*again) == line, "a receipt says the same again", line);
  must_hold(again->id == receipt->id && again->outcome == receipt->outcome &&
                again->reason == receipt->reason && again->at == receipt->at &&
                again->attempts == receipt->attempts,
            "what recovery relies on stays as it is", line);
  const auto torn = std::string_view(line).substr(0, text.size() % (line.size() - 1));
  must_hold(!core::codec::parse_receipt(torn), "a torn receipt is no receipt", torn);
}

void check_inbox_line(std::string_view text) {
  const auto request = core::codec::parse_inbox_line(text);
  if (!request) return;
  const std::string line = core::codec::format_inbox_line(*request);
  const auto again = core::codec::parse_inbox_line(line);
  must_hold(again.has_value(), "a request that is stored can be read", line);
  must_hold(core::codec::format_inbox_line(*again) == line, "a request says the same again", line);
  must_hold(again->key == request->key && again->status == request->status,
            "what replays rely on stays as it is", line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_receipt(text);
  check_inbox_line(text);
  return 0;
}
