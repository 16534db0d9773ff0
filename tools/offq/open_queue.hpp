// SPDX-License-Identifier: MIT
#pragma once

// Opening the queue that the command line names, and telling the user what was found on the way.

#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/fd.hpp"

namespace offq {

// For commands that only look: they wait less for the index, because without it they can still
// read the files. nullopt: no queue is there yet, which looks like an empty one; none is made.
// One that cannot be written, or whose disk is full, is shown as it is. Errors: denied, config, io.
core::Result<std::optional<core::queue::Store>> open_to_look(core::cli::Context& context);

// The same for a sync, which must know what is settled. Errors: also full.
core::Result<std::optional<core::queue::Store>> open_to_deliver(core::cli::Context& context);

// For commands that change something. Errors: also not_found when no queue is there yet.
core::Result<core::queue::Store> open_to_change(core::cli::Context& context);

// For a program that stays: a queue that is not there yet is made. A signal that was noted
// (sys/signal.hpp) ends whatever recovers it, now and later. Errors: denied, config, io;
// interrupted, terminated.
core::Result<core::queue::Store> open_to_stay(core::cli::Context& context);

// What opening or refreshing it has found, for the user.
void tell_recovered(core::cli::Context& context, const core::queue::Recovered& recovered);

// For commands that must not run beside a sync: the lock that a sync holds, until the Fd is closed.
// Errors: later ("another sync is running", and whether it is a watcher's), and those of
// Files::lock.
core::Result<core::sys::Fd> lock_out_syncs(core::queue::Store& store);

// The lock that a watcher of this queue holds as long as it lives. Errors: later, naming the
// process of the other one; those of Files::lock.
core::Result<core::sys::Fd> lock_out_watchers(core::queue::Store& store);
// "the watcher, process 4711" when there is one.
std::optional<std::string> watcher_of(core::queue::Store& store);

}  // namespace offq
