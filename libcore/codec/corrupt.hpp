// SPDX-License-Identifier: MIT
#pragma once

// How the readers of this module refuse a text.

#include <string>
#include <utility>

#include "libcore/base/result.hpp"

namespace core::codec {

inline tl::unexpected<Error> corrupt(std::string message) {
  return fail(Errc::corrupt, std::move(message));
}

// A rule for values that come from outside was broken: in a text, that is damage.
inline Result<> as_corrupt(Result<> checked) {
  if (!checked) return corrupt(std::move(checked).error().message);
  return {};
}

}  // namespace core::codec
