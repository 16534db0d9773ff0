// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_daemon.hpp"

#include <chrono>
#include <utility>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/daemon.hpp"
#include "tools/netwatch/place.hpp"

namespace netwatch {
namespace {

namespace path = core::queue::path;
using core::Errc;
using core::Result;

constexpr int k_attempts = 20;
constexpr core::Duration k_between = std::chrono::milliseconds{10};

// Readers hold the lock for a moment, to learn whether a daemon has it.
Result<core::sys::Fd> take_lock(core::sys::Files& files) {
  for (int i = 0; i < k_attempts; ++i) {
    TRY_ASSIGN(auto lock, files.lock(path::k_netwatch_lock, core::sys::Wait::no));
    if (lock.is_open()) return lock;
    core::sys::pause(k_between);
    TRY(core::sys::check_interruption());
  }
  return core::fail(Errc::later, "another daemon is running: " + files.root());
}

}  // namespace

Result<core::cli::ExitCode> run_daemon(core::cli::Context& context,
                                       const DaemonOptions& /*options*/) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto files, open_place(context));
  TRY_ASSIGN(auto config, load_settings(context));
  TRY_ASSIGN(const auto lock, take_lock(*files));
  TRY_ASSIGN(const auto daemon, Daemon::create(context, *files, std::move(config)));
  TRY(daemon->run());
  return core::cli::ExitCode::ok;
}

}  // namespace netwatch
