// SPDX-License-Identifier: MIT
#pragma once

// A queue directory on disk: made on first use, checked at each opening. It must belong to us and
// must not be writable by others (what is in it will be sent with our credentials).

#include <memory>
#include <string>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::queue {

enum class Create { no, yes };
// Whoever only looks does without the description of a queue that has lost it and cannot be
// written.
enum class Purpose { look, change };

// Opens `directory`, with Create::yes making it and its parents, durably, when it is missing.
// Errors: not_found (Create::no), denied (owner, mode), config (a newer format, or queue.json is
// not ours), full, io.
Result<std::unique_ptr<sys::Files>> open_directory(const std::string& directory, Create create,
                                                   const sys::Clock& clock, sys::Random& random,
                                                   Purpose purpose = Purpose::change);

// The same for a tree that a test provides: makes what is missing, checks queue.json.
Result<> prepare(sys::Files& files, const sys::Clock& clock, sys::Random& random);

// The id of the queue, from queue.json. Errors: config, io.
Result<std::string> queue_id(const sys::Files& files);

// A fresh id from the clock and the randomness.
Ulid make_ulid(const sys::Clock& clock, sys::Random& random);

// The reserve: blocks and inodes that are given up when the disk is full, so that outcomes can
// still be recorded and files moved. Keeping it is best effort; its absence is no error.
void keep_reserve(sys::Files& files);
// Whether a name in the queue directory is a part of it.
bool is_of_reserve(std::string_view name);
void release_reserve(sys::Files& files);
// For whoever is about to do what must be recorded: where there is no reserve, makes a small one.
// Errors: full, there is no room for that; whatever else is wrong with the disk is not told here.
Result<> require_reserve(sys::Files& files);

}  // namespace core::queue
