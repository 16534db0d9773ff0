// SPDX-License-Identifier: MIT
#include "tools/offq/selection.hpp"

#include <algorithm>

namespace offq {

bool reads_stdin(const std::vector<std::string>& ids, IdSource source) {
  return source == IdSource::standard_input || std::ranges::find(ids, "-") != ids.end();
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
