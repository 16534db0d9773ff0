// SPDX-License-Identifier: MIT
// network.json, as a script or a program of another version may have left it: what is read is
// written as it would be read again, and told to people without what would command a terminal.

#include <string>

#include "libcore/netstate/document.hpp"
#include "libcore/netstate/explanation.hpp"
#include "libcore/netstate/history.hpp"
#include "tests/fuzz/property.hpp"

using fuzz::must_hold;
namespace netstate = core::netstate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  const auto document = netstate::parse_document(text);
  if (!document) {
    must_hold(!document.error().message.empty(), "a refusal says why", text);
    return 0;
  }
  for (const auto& step : netstate::steps_of(*document, document->at)) {
    must_hold(!step.saw.empty(), "every step says something", text);
  }
  const auto once = netstate::format_document(*document);
  const auto again = netstate::parse_document(once.document);
  must_hold(again.has_value(), "what was written is read", once.document);
  must_hold(netstate::format_document(*again).document == once.document,
            "reading and writing again changes nothing", once.document);
  const auto history = netstate::parse_history("", once.history);
  must_hold(history.entries.size() + history.unreadable == 1, "a history has a line for each",
            once.history);
  return 0;
}
