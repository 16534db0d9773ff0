// SPDX-License-Identifier: MIT
#pragma once

// What an observer has found, as it is published.

#include <optional>

#include "libcore/base/result.hpp"
#include "libcore/netstate/document.hpp"
#include "libcore/netstate/monitor.hpp"
#include "libcore/netstate/override.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {

struct Finding {
  core::netstate::Author by = core::netstate::Author::check;
  core::netstate::Metered metered = core::netstate::Metered::unknown;
  std::optional<core::netstate::Override> override_;
};

// The monitor must have a verdict. Of the line the generation is left open.
core::netstate::Document document_of(const core::netstate::Monitor& monitor,
                                     const core::netstate::Policy& policy, const Finding& finding,
                                     const core::sys::Clock& clock);

// Publishes it. The result is what was written. Errors: full, denied, io.
core::Result<core::netstate::Document> publish(core::sys::Files& files,
                                               const core::sys::Clock& clock,
                                               core::netstate::Document document);

// Lets the monitor go on where what is published left off, unless that is long ago.
void resume(core::netstate::Monitor& monitor, const core::sys::Files& files,
            const core::sys::Clock& clock, std::uint64_t rounds);

// What network.json says; nullopt: nothing that can be read.
std::optional<core::netstate::Document> load_document(const core::sys::Files& files);

}  // namespace netwatch
