// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_probe.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, ProbeOptions& o) {
  b.flag("-4", "Over IPv4 only.", o.over, Over::v4);
  b.flag("-6", "Over IPv6 only.", o.over, Over::v6);
  b.option("--iface", "NAME", "Over this interface only.", o.interface);
  b.option("--timeout", "DURATION", "How long it may take in all.", o.timeout);
  bind_json(b, o.format, "one JSON object for each endpoint");
  b.operand("ENDPOINT",
            "https://HOST/PATH, http://HOST/PATH, tcp://HOST:PORT or HOST:PORT, "
            "dns://ADDRESS?name=NAME.",
            o.endpoints);
}

core::Result<> check(const ProbeOptions& o) {
  if (o.endpoints.empty()) return core::fail(core::Errc::usage, "no endpoint is named");
  if (o.timeout <= core::Duration{0}) {
    return core::fail(core::Errc::usage, "--timeout 0 leaves no time for an answer");
  }
  return {};
}

}  // namespace

core::cli::Declaration<ProbeOptions> probe_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "probe",
                  .summary = "Ask endpoints, and say how long each step takes",
                  .description =
                      "Asks each endpoint once, all at the same time, whatever the configuration "
                      "says, and prints what came of it: the time for DNS, the connection, TLS and "
                      "the first byte of the answer, each from the end of the one before, and the "
                      "bytes of it on the wire, headers included. Nothing is published.\n\n"
                      "A connection is made and reset again; of URLs any status below 500 but 511 "
                      "is an answer. DNS is asked without the system's resolver, except for "
                      "`https`, where the bytes of DNS are an estimate.",
                  .group = "Diagnosis",
                  .examples = {{"netwatch probe https://api.example.com/health",
                                "Is it the network, DNS, TLS or the server?"},
                               {"netwatch probe -6 tcp://[2001:db8::1]:443 192.0.2.1:443",
                                "Two addresses, of which only one is of IPv6:"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::ok, "All endpoints answered."},
                       {ExitCode::no, "An endpoint did not answer as it should."},
                       {ExitCode::unavailable, "The helper program is not installed."},
                       {ExitCode::io, {}}},
                      {Does::waits}),
                  .see_also = {"offkit-network(5)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace netwatch
