// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_init.hpp"

#include "libcore/cli/ends.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, InitOptions& o) {
  b.flag("--yes", "Contact those that are suggested, without asking.", o.suggested,
         TakeSuggested::yes);
  b.flag("--none", "Contact nobody: links, addresses and routes must do.", o.nobody,
         ContactNobody::yes);
  b.option("--endpoints,--endpoint", "ENDPOINT",
           "Contact this one: tcp://HOST:PORT, dns://ADDRESS, http://HOST/PATH, or an https:// URL "
           "that must answer.",
           o.endpoints);
  b.flag("--queue", "Write config.yaml of the queue, instead of the user's.", o.target,
         InitFor::queue);
}

core::Result<> check(const InitOptions& o) {
  const int answers = (o.suggested == TakeSuggested::yes ? 1 : 0) +
                      (o.nobody == ContactNobody::yes ? 1 : 0) + (o.endpoints.empty() ? 0 : 1);
  if (answers > 1) {
    return core::fail(core::Errc::usage, "--yes, --none and --endpoints exclude each other");
  }
  return {};
}

}  // namespace

core::cli::Declaration<InitOptions> init_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {
      .doc = {.name = "init",
              .summary = "Choose who is asked whether there is a network",
              .description =
                  "Nobody outside is contacted until the configuration names endpoints. This lists "
                  "some, with what they cost in a month, asks on the terminal, and writes the "
                  "answer to `~/.config/offkit/config.yaml`, as a part of its own; the rest of the "
                  "file stays as it is. Run it again to change the answer.",
              .group = "Setup",
              .examples = {{"netwatch init", "Ask me:"},
                           {"netwatch init --endpoints https://api.example.com/health",
                            "A server of one's own:"},
                           {"netwatch init --none", "Ask nobody, and do not ask me again:"}},
              .exit_codes = core::cli::exit_codes(
                  {{ExitCode::config,
                    "The file has a mistake, or a section `network` that somebody wrote "
                    "by hand: it is left alone."}},
                  {Does::writes, Does::waits}),
              .files = {{"~/.config/offkit/config.yaml", "What is written."}},
              .see_also = {"offkit-network(5)"}},
      .bind = bind,
      .program = {},
      .check = check};
}

}  // namespace netwatch
