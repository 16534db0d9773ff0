// SPDX-License-Identifier: MIT
//
// usage: netwatch-metered [INTERFACE]
//
// A helper of netwatch, which has D-Bus: prints what NetworkManager says of the interface, or of
// the primary connection, as one word: yes, no, guess-yes, guess-no or unknown. Exits 0; 69 where
// it does not run; as other programs of offkit else.

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include <unistd.h>

#include "libcore/cli/exit_code.hpp"
#include "libcore/cli/output.hpp"
#include "libcore/net/network_manager.hpp"

namespace {

using core::cli::ExitCode;
using core::cli::FdOutput;

constexpr std::array<std::string_view, 5> k_words{"unknown", "yes", "no", "guess-yes", "guess-no"};

ExitCode complain(const core::Error& error) {
  FdOutput err(STDERR_FILENO, "standard error", FdOutput::Buffering::none);
  err.write("netwatch-metered: " + error.message + "\n");
  return core::cli::exit_code(error.code);
}

ExitCode run(const std::string& interface) {
  const auto metered = core::net::read_metered(interface, std::chrono::milliseconds{500});
  if (!metered) return complain(metered.error());
  if (!*metered) return ExitCode::unavailable;
  FdOutput out(STDOUT_FILENO, "standard output", FdOutput::Buffering::none);
  out.write(std::string(k_words[**metered < k_words.size() ? **metered : 0]) + "\n");
  if (const auto written = out.flush(); !written) return complain(written.error());
  return ExitCode::ok;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) {
    return static_cast<int>(
        complain({.code = core::Errc::usage, .message = "usage: netwatch-metered [INTERFACE]"}));
  }
  return static_cast<int>(run(argc == 2 ? argv[1] : ""));
}
