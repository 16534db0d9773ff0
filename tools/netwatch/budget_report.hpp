// SPDX-License-Identifier: MIT
#pragma once

// What `netwatch budget show` and `can-send` say: text for people, records for programs.

#include <string>

#include "libcore/cli/context.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/netstate/account.hpp"
#include "tools/netwatch/open_budget.hpp"

namespace netwatch {

// "later  5 MB do not fit: …"
std::string sentence(const core::netstate::Permission& permission, core::ByteCount size,
                     core::netstate::Priority priority, const core::sys::Calendar& calendar,
                     core::Time now);
core::cli::Record record_of(const core::netstate::Permission& permission,
                            core::netstate::Priority priority, const core::sys::Calendar& calendar);
core::cli::Record record_of(const core::netstate::Reservation& reservation);

void show_budget(core::cli::Context& context, const OpenBudget& open,
                 const core::netstate::Account& account);
std::string budget_json(core::cli::Context& context, const OpenBudget& open,
                        const core::netstate::Account& account);

// "██████░░░░": `part` of `whole` in so many characters, and never full or empty when it is not.
std::string bar(std::uint64_t part, std::uint64_t whole, int width, bool is_utf8);

}  // namespace netwatch
