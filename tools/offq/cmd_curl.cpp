// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_curl.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, CurlOptions& o) {
  bind_policy(b, o.offline, "`curl`");
  b.operand("ARG", "What you would give to `curl`, word by word.", o.arguments);
}

core::Result<> check(const CurlOptions& o) {
  TRY(check_policy(o.offline));
  if (!o.arguments.empty()) return {};
  return core::fail(core::Errc::usage, "missing operand: ARG: what `curl` is to do");
}

}  // namespace

core::cli::Declaration<CurlOptions> curl_command() {
  using core::cli::ExitCode;
  return {
      .doc =
          {.name = "curl",
           .summary = "Run a curl command line, or queue its request",
           .description =
               "Put `offq` before a `curl` command. With a network, or where nobody knows, `curl` "
               "is "
               "run as it stands, and its exit status is that of `offq`. Without one, and when "
               "`curl` could not reach anybody (its exit status is 5, 6 or 7), the request is "
               "queued "
               "as `offq enqueue` does, and `offq sync` delivers it, or `--policy` says what else "
               "is "
               "done; with `skip` and `fail` only where `curl` was not run. Options of `offq` come "
               "first, before all that is `curl`'s."
               "\n\nWhat makes a request "
               "is understood: the URL, `-X -H -A -e -b -u -d --data-raw --data-binary "
               "--data-urlencode --json -G -I -T` and their long names. What is about the transfer "
               "and its display is left out (`-s -S -f -v -i -L -m --retry` and the like), and so "
               "is where the answer goes (`-o`): `offq show` has it. Anything else cannot be "
               "queued, as forms (`-F`) and several URLs: it is named, and the exit status is 75. "
               "A request to this machine needs no network: `curl` is run whatever the mode. "
               "Headers are sent as they were typed: `${env:NAME}` and `${file:PATH}` name no "
               "secret "
               "here. "
               "Credentials of `-u` and `-H` are in the queue then, which nobody else can read.",
           .group = "Requests",
           .examples = {{"offq curl -fsS -X PUT -d @run.json https://api.example.com/state",
                         "As with curl, and when the network is back if need be:"},
                        {"offq curl --policy local-fallback -sf https://api.example.com/rates",
                         "The newest answer that can be had:"}},
           .exit_codes =
               {{ExitCode::ok,
                 "curl has ended with 0, or the request is queued, skipped or answered for."},
                {ExitCode::not_found, "A file that was named does not exist."},
                {ExitCode::full, "The queue or the disk is full."},
                {ExitCode::io, {}},
                {ExitCode::later,
                 "Offline, and this command line cannot be queued, or `--policy` does "
                 "not say that it should be."},
                {ExitCode::denied, {}},
                {ExitCode::config, {}}},
           .see_also = {"curl(1)", "offkit(7)"}},
      .bind = bind,
      .check = check};
}

}  // namespace offq
