// SPDX-License-Identifier: MIT
#pragma once

// From the words of a command line to an operation: what `offq enqueue` and `offq send` mean by
// their options. The body is read and attached apart (body.hpp); nothing here has an effect.

#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/config/config.hpp"
#include "tools/offq/submit_options.hpp"

namespace offq {

// Everything but the body. Errors: usage for a word that is wrong, corrupt for --meta that is no
// JSON object, config for a type whose route is missing.
core::Result<core::codec::Envelope> make_draft(const SubmitOptions& options,
                                               const core::config::Config& config, core::Time now);

// Whether the draft can be sent anywhere: its URL is absolute, or its type's route has an endpoint
// that completes it. Errors: usage, config.
core::Result<> check_destination(const core::codec::Envelope& draft,
                                 const core::config::Config& config);

// Whether the type's route has a method for the draft's action, where it is the route that says it.
// Errors: usage.
core::Result<> check_action(const core::codec::Envelope& draft, const core::config::Config& config);

// "Name: value", or "Name;" for an empty value. Errors: usage.
core::Result<core::codec::Header> parse_header(std::string_view text);

}  // namespace offq
