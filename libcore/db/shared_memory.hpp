// SPDX-License-Identifier: MIT
#pragma once

// SQLite's own way to files, but for one thing: the memory that all processes of a database share
// (its -shm file, mapped) has its place on the disk before anybody touches it. SQLite writes one
// byte to each 4 KiB of it; on a filesystem with smaller blocks the rest are holes, and touching
// one on a full disk is SIGBUS (mmap(2)). Here it is an error, SQLITE_FULL.

namespace core::db {

// The name to open databases with, for the last parameter of sqlite3_open_v2. nullptr, SQLite's
// own: it is not known how to reach into it.
const char* vfs_with_safe_memory();

}  // namespace core::db
