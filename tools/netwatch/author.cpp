// SPDX-License-Identifier: MIT
#include "tools/netwatch/author.hpp"

#include <optional>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/process.hpp"

namespace netwatch {
namespace {

// getpwuid(3) would load libraries, which a static program cannot.
std::optional<std::string> name_of_user(const core::sys::Machine& machine, unsigned user) {
  const auto accounts = machine.read("/etc/passwd");
  if (!accounts) return std::nullopt;
  const auto number = std::to_string(user);
  for (const auto line : core::split(*accounts, '\n')) {
    const auto fields = core::split(line, ':');
    if (fields.size() > 2 && fields[2] == number) return std::string(fields[0]);
  }
  return std::nullopt;
}

}  // namespace

std::string author(const core::sys::Environment& environment, const core::sys::Machine& machine) {
  const auto user = core::sys::user_id();
  auto name = name_of_user(machine, user);
  if (!name) name = environment.value_or_nothing("USER");
  if (!name) name = fmt::format("user {}", user);
  const auto command = machine.read(fmt::format("/proc/{}/comm", core::sys::parent_process_id()));
  if (!command || core::trim(*command).empty()) return *name;
  return fmt::format("{} ({})", *name, core::trim(*command));
}

}  // namespace netwatch
