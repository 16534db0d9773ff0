// SPDX-License-Identifier: MIT
#pragma once

// What is published besides the line when only the mode has changed: the evidence stays as it was.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/netstate/override.hpp"
#include "libcore/netstate/publish.hpp"

namespace core::netstate {

// `document` is the network.json that stands there; what cannot be read is left out.
Texts mode_texts(std::string_view document, const Published& line,
                 const std::optional<Override>& override_, Time now);

}  // namespace core::netstate
