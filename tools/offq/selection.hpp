// SPDX-License-Identifier: MIT
#pragma once

// Words that several commands share: states, reasons, and where ids come from.

#include <string>
#include <string_view>
#include <vector>

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"

namespace offq {

using core::codec::Reason;
using core::queue::State;
enum class Scope { selected, all };                // --all
enum class IdSource { operands, standard_input };  // --stdin
enum class Confirm { ask, yes };                   // --yes
enum class DryRun { no, yes };                     // --dry-run

// "-" and "--stdin" are the same wish.
bool reads_stdin(const std::vector<std::string>& ids, IdSource source);
// Ids are given, or read. `others`: the options that would do instead, as "--type, --all or ", for
// the message. Errors: usage.
core::Result<> check_named(const std::vector<std::string>& ids, IdSource source,
                           std::string_view others);

void bind_ids(core::cli::Binder& binder, std::vector<std::string>& ids);
void bind_stdin(core::cli::Binder& binder, IdSource& source);

}  // namespace offq
