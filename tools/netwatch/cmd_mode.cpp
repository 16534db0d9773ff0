// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_mode.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

using core::Errc;
using core::Result;

void bind(core::cli::Binder& b, ModeOptions& o) {
  b.operand("MODE",
            "What programs shall act on: online, offline, or auto, to follow the state. Without "
            "it, the mode in force is shown.",
            o.wanted);
  b.option("--for", "DURATION", "Back to auto after DURATION.", o.duration);
  b.option("--until", "TIME", "Back to auto at TIME (RFC 3339, or a span as +30m).", o.until);
  b.option("--reason", "TEXT", "Why, for those who wonder later.", o.reason);
  b.flag("--persist", "Keep the mode when the machine starts anew.", o.persist);
  b.flag("--force", "Set it even when it is set already, or nothing can be reached.", o.force);
  bind_json(b, o.format, "the mode as one JSON object");
}

Result<> check(const ModeOptions& o) {
  const bool is_limited = o.duration || !o.until.empty();
  if (o.duration && !o.until.empty()) {
    return core::fail(Errc::usage, "--for and --until exclude each other");
  }
  const bool is_set = o.wanted == ModeWanted::online || o.wanted == ModeWanted::offline;
  if (!is_set && (is_limited || !o.reason.empty() || o.persist == Persist::yes)) {
    return core::fail(Errc::usage,
                      "--for, --until, --reason and --persist need a mode of online or offline");
  }
  return o.duration ? more_than_nothing("--for", *o.duration) : Result<>{};
}

}  // namespace

core::cli::Declaration<ModeOptions> mode_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "mode",
                  .summary = "Set what programs act on, or show it",
                  .description =
                      "The mode is what programs act on: by itself it follows the state. A mode "
                      "that is set here goes before that, for everybody who uses this queue "
                      "directory, and is seen at once. It ends with `netwatch mode auto`, at its "
                      "time, or when the machine starts anew; it never changes the state, and who "
                      "set it is kept with it.",
                  .group = "State",
                  .examples = {{"netwatch mode offline --for 2h --reason plane",
                                "Nothing shall be sent on board:"},
                               {"netwatch mode", "Who has set it, and until when?"},
                               {"netwatch mode auto", "Follow the state again:"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::ok, "Done."},
                       {ExitCode::no, "It is set to this mode already."},
                       {ExitCode::later,
                        "online: the network is not available; `--force` sets it anyway."}},
                      {Does::reads, Does::writes}),
                  .see_also = {"offkit-network(5)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace netwatch
