// SPDX-License-Identifier: MIT
#include "libcore/cli/exit_code.hpp"

namespace core::cli {

ExitCode exit_code(Errc code) {
  switch (code) {
    case Errc::usage:
      return ExitCode::usage;
    case Errc::corrupt:
      return ExitCode::corrupt;
    case Errc::not_found:
      return ExitCode::not_found;
    case Errc::unavailable:
      return ExitCode::unavailable;
    case Errc::full:
      return ExitCode::full;
    case Errc::io:
      return ExitCode::io;
    case Errc::later:
      return ExitCode::later;
    case Errc::denied:
      return ExitCode::denied;
    case Errc::config:
      return ExitCode::config;
    case Errc::timeout:
      return ExitCode::timeout;
    case Errc::interrupted:
      return ExitCode::interrupted;
    case Errc::terminated:
      return ExitCode::terminated;
  }
  return ExitCode::io;
}

std::string_view meaning(ExitCode code) {
  switch (code) {
    case ExitCode::ok:
      return "Done; the answer is yes.";
    case ExitCode::no:
      return "The answer is no, or some operations failed.";
    case ExitCode::usage:
      return "The command line is wrong.";
    case ExitCode::limited:
      return "The network is limited.";
    case ExitCode::disconnected:
      return "The network is disconnected.";
    case ExitCode::corrupt:
      return "Input or stored data is malformed or damaged.";
    case ExitCode::not_found:
      return "No such operation or file.";
    case ExitCode::unavailable:
      return "A needed service or program cannot be reached.";
    case ExitCode::full:
      return "The queue or the disk is full.";
    case ExitCode::io:
      return "Input/output error.";
    case ExitCode::later:
      return "Not now, try again later: offline, held or locked.";
    case ExitCode::denied:
      return "Not permitted.";
    case ExitCode::config:
      return "The configuration is wrong.";
    case ExitCode::timeout:
      return "The time to wait was over.";
    case ExitCode::interrupted:
      return "Interrupted by SIGINT.";
    case ExitCode::terminated:
      return "Interrupted by SIGTERM.";
  }
  return {};
}

}  // namespace core::cli
