// SPDX-License-Identifier: MIT
#pragma once

// Running a command when there is a network, and doing something else when there is none: what
// `offq run` and `offq curl` share. Links no shared library.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libcore/cli/context.hpp"
#include "tools/offq/offline_policy.hpp"

namespace offq {

struct Job {
  std::string program;
  std::vector<std::string> arguments;
  std::string directory{};             // where this process is; for local-fallback alone
  std::optional<std::string> input{};  // absent: this process's
};

struct PolicyRun {
  Job job;
  PolicyOptions options;
  std::optional<std::string> output_key{};  // its output is kept under it; absent: under the job
  std::optional<std::string> offline{};     // why it is not run now
  // Of one that has ended: why that is the same as being offline.
  std::function<std::optional<std::string>(int status)> could_not;
  // What the policy `queue` does, and is told why.
  std::function<core::Result<core::cli::ExitCode>(const std::string& why)> queue_it;
};

// The exit code is the command's, or says what was done instead. Errors: later, when nothing could
// be done; not_found, denied, io; those of queue_it.
core::Result<core::cli::ExitCode> run_by_policy(core::cli::Context& context, const PolicyRun& run);

}  // namespace offq
