// SPDX-License-Identifier: MIT
// The lines of `offq enqueue --ndjson`: what is accepted there must be readable in the queue.

#include <string>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope_draft.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/delivery/expect.hpp"
#include "tests/fuzz/property.hpp"

using core::codec::Envelope;
using core::codec::format_envelope;
using core::codec::parse_envelope;
using fuzz::must_hold;

namespace {

// As Enqueuer does before it writes.
void stamp(Envelope& draft) {
  draft.id = core::OperationId{.stem = core::Ulid{}.successor(), .line = 1};
  draft.created_at = core::Time{};
}

void check_enqueued(Envelope draft) {
  must_hold(core::codec::check_draft(draft).has_value(), "an accepted line is a good draft");
  stamp(draft);
  const std::string line = format_envelope(draft);
  const auto read = parse_envelope(line);
  must_hold(read.has_value(), "what was enqueued can be read", line);
  must_hold(format_envelope(read->envelope) == line, "what was enqueued says the same", line);
  must_hold(read->envelope.payload == draft.payload, "a payload stays as it is", line);
  must_hold(read->envelope.unknown.empty(), "a line brings nothing unknown", line);
}

void check_operation(std::string_view text) {
  auto draft = core::codec::parse_draft(text);
  if (!draft) return;
  must_hold(!draft->payload || text.find(*draft->payload) != std::string_view::npos,
            "a payload is a piece of its line");
  if (draft->expect) {
    // A draft with a bad one is refused elsewhere.
    [[maybe_unused]] const auto expect = core::delivery::parse_expect(*draft->expect);
  }
  check_enqueued(*std::move(draft));
}

// With a URL on the command line the line is the payload.
void check_payload(std::string_view text) {
  if (!core::codec::check_json(text)) return;
  Envelope draft;
  draft.type = core::codec::k_default_type;
  draft.payload = std::string(core::trim(text));
  check_enqueued(std::move(draft));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  while (!rest.empty()) {
    const auto line = fuzz::take_until(rest, "\n");
    check_operation(line);
    check_payload(line);
  }
  return 0;
}
