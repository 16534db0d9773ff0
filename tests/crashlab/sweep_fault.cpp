// SPDX-License-Identifier: MIT
#include "tests/crashlab/sweep_fault.hpp"

#include <array>
#include <csignal>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace sweep {
namespace {

struct KindOfFault {
  Fault::Kind kind;
  std::string_view name;
  std::string_view action;  // of strace
  bool lasts;
  int exit;
};

constexpr std::array<KindOfFault, 5> k_kinds{{
    {Fault::Kind::kill, "kill", "signal=KILL", false, 0},
    {Fault::Kind::eio, "EIO", "error=EIO", false, 74},
    {Fault::Kind::eio_from_then_on, "EIO+", "error=EIO", true, 74},
    {Fault::Kind::enospc, "ENOSPC", "error=ENOSPC", false, 73},
    {Fault::Kind::enospc_from_then_on, "ENOSPC+", "error=ENOSPC", true, 73},
}};

const KindOfFault& row_of(Fault::Kind kind) {
  for (const auto& row : k_kinds)
    if (row.kind == kind) return row;
  return k_kinds.front();
}

// Every call by which the programs change what is on disk.
constexpr std::string_view k_calls =
    "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,msync,rename,renameat,"
    "renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,truncate,ftruncate,fallocate,"
    "mkdir,mkdirat,copy_file_range,sendfile,utimensat";

}  // namespace

std::string Fault::text() const {
  return fmt::format("{}:{}:{}", call, row_of(kind).name, n);
}

std::optional<Fault> Fault::parse(std::string_view text) {
  const auto parts = core::split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  const auto n = core::parse_unsigned(parts[2]);
  for (const auto& row : k_kinds)
    if (n && row.name == parts[1])
      return Fault{.call = std::string(parts[0]), .kind = row.kind, .n = static_cast<int>(*n)};
  return std::nullopt;
}

bool Fault::lasts() const {
  return row_of(kind).lasts;
}

int Fault::expected_exit() const {
  return row_of(kind).exit;
}

std::vector<std::string> with_fault(const Fault& fault, const std::string& log) {
  const auto& row = row_of(fault.kind);
  std::vector<std::string> command{"strace", "-f", "-qq", "-o", log};
  // Stops the program at this call only, which is faster; but a signal then comes after the call.
  if (fault.kind != Fault::Kind::kill) command.emplace_back("--seccomp-bpf");
  command.insert(command.end(), {"-e", "trace=" + fault.call, "-e",
                                 fmt::format("inject={}:{}:when={}{}", fault.call, row.action,
                                             fault.n, row.lasts ? "+" : ""),
                                 "--"});
  return command;
}

std::vector<std::string> counting_calls(const std::string& log, const std::string& more) {
  return {"strace", "-f", "-qq", "--seccomp-bpf",
          "-o",     log,  "-e",  fmt::format("trace={},{}", k_calls, more),
          "--"};
}

std::map<std::string, int> counted_calls(const std::string& log) {
  std::map<std::string, int> counts;
  const std::string text = text_of_file(log);
  for (const auto line : core::split(text, '\n')) {
    // "4711 fsync(4) = 0"; the other lines tell of signals, or of the rest of a call.
    const auto space = line.find_first_not_of("0123456789");
    const auto name = space == std::string_view::npos ? "" : core::trim(line.substr(space));
    const auto bracket = name.find('(');
    if (bracket == std::string_view::npos || name.starts_with('+') || name.starts_with('<'))
      continue;
    ++counts[std::string(name.substr(0, bracket))];
  }
  return counts;
}

bool has_cut_off(int descriptor, const std::string& log) {
  const std::string begin = fmt::format(" write({}, ", descriptor);
  const std::string text = text_of_file(log);
  for (const auto line : core::split(text, '\n')) {
    if (line.find(begin) != std::string_view::npos && line.ends_with("(INJECTED)")) return true;
  }
  return false;
}

bool has_hit(const Fault& fault, const Ended& ended, const std::string& log) {
  if (fault.kind == Fault::Kind::kill) return ended.how == Ended::How::killed;
  return text_of_file(log).find("(INJECTED)") != std::string::npos;
}

}  // namespace sweep
