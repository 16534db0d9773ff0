// SPDX-License-Identifier: MIT
#include "tools/offq/selection.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace offq {

bool reads_stdin(const std::vector<std::string>& ids, IdSource source) {
  return source == IdSource::standard_input || std::ranges::find(ids, "-") != ids.end();
}

core::Result<> check_named(const std::vector<std::string>& ids, IdSource source,
                           std::string_view others) {
  if (!ids.empty() || source == IdSource::standard_input) return {};
  return core::fail(core::Errc::usage,
                    fmt::format("nothing selected: name an ID, or say {}--stdin", others));
}

void bind_ids(core::cli::Binder& binder, std::vector<std::string>& ids) {
  binder.operand("ID",
                 "Operations: whole ids, or any unique beginning or end of at least four "
                 "characters.",
                 ids, {.complete = core::cli::Complete::operation_id});
}

void bind_stdin(core::cli::Binder& binder, IdSource& source) {
  binder.flag("--stdin", "Read ids from standard input, separated by newlines or NULs.", source);
}

}  // namespace offq
