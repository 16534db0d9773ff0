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

Result<core::sys::Fd> try_lock(core::sys::Files& files, const char* path) {
  for (int i = 0; i < k_attempts; ++i) {
    TRY_ASSIGN(auto lock, files.lock(path, core::sys::Wait::no));
    if (lock.is_open()) return lock;
    core::sys::pause(k_between);
    TRY(core::sys::check_interruption());
  }
  return core::sys::Fd{};
}

struct Locks {
  core::sys::Fd alone;  // no other daemon has one
  core::sys::Fd alive;  // readers see that it is held
};

// Readers hold the second for a moment, to learn whether a daemon has it; who holds it for longer
// keeps what was there, and is no daemon.
Result<Locks> take_locks(core::sys::Files& files) {
  Locks locks;
  TRY_ASSIGN(locks.alone, try_lock(files, path::k_netwatch_daemon));
  if (!locks.alone.is_open()) {
    return core::fail(Errc::later, "another daemon is running: " + files.root());
  }
  TRY_ASSIGN(locks.alive, try_lock(files, path::k_netwatch_lock));
  if (locks.alive.is_open()) return locks;
  TRY(files.remove(path::k_netwatch_new_lock));
  TRY_ASSIGN(locks.alive, files.create(path::k_netwatch_new_lock, ""));
  TRY(core::sys::put_in_place(files, path::k_netwatch_new_lock, path::k_netwatch_lock));
  return locks;
}

}  // namespace

Result<core::cli::ExitCode> run_daemon(core::cli::Context& context,
                                       const DaemonOptions& /*options*/) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto files, open_place(context));
  TRY_ASSIGN(auto config, load_settings(context));
  TRY_ASSIGN(const auto locks, take_locks(*files));
  TRY_ASSIGN(const auto daemon, Daemon::create(context, *files, std::move(config)));
  TRY(daemon->run());
  return core::cli::ExitCode::ok;
}

}  // namespace netwatch
