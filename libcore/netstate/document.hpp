// SPDX-License-Identifier: MIT
#pragma once

// The long form of what is published, network.json, and its line of the history
// (offkit-network(5)): values to text and back. Needs no shared library.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/netstate/evidence.hpp"
#include "libcore/netstate/override.hpp"
#include "libcore/netstate/publish.hpp"
#include "libcore/netstate/published.hpp"
#include "libcore/netstate/verdict.hpp"

namespace core::netstate {

struct Document {
  Published line;                 // what the line says
  std::optional<State> previous;  // absent: not known
  Time at;                        // when it was written
  std::optional<Time> looked_at;  // end of the last round of probes; absent: there was none
  // Of state and reason the line's go before the verdict's: somebody may have set a mode meanwhile.
  Verdict verdict;  // retry_after counts from looked_at, or else from `at`
  bool is_flapping = false;
  std::optional<Override> override_;
  std::string network;                   // ladder.hpp's network_of; empty: none
  std::optional<ByteCount> budget_left;  // absent: nothing is limited
  Evidence evidence;                     // behind the verdict

  [[nodiscard]] std::uint64_t bytes() const;  // of the probes
};

// One object and a newline; the line of the history is the same without the evidence.
Texts format_document(const Document& document);

// Members that it does not know are skipped, and those that are missing stay empty, so that a
// script may write less. Errors: corrupt, naming the member.
Result<Document> parse_document(std::string_view text);

}  // namespace core::netstate
