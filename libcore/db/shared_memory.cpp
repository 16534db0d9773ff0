// SPDX-License-Identifier: MIT
#include "libcore/db/shared_memory.hpp"

#include <cerrno>
#include <cstddef>
#include <mutex>

#include <sys/mman.h>

#include <sqlite3.h>

namespace core::db {
namespace {

constexpr const char* k_name = "offkit";

// SQLite keeps one register of such tables for the whole process, and calls plain functions.
class SafeMemory {
 public:
  static SafeMemory& of_this_process() {
    static SafeMemory self;
    return self;
  }

  [[nodiscard]] const char* name() const { return is_registered_ ? k_name : nullptr; }

 private:
  SafeMemory() : system_(sqlite3_vfs_find(nullptr)) {
    if (system_ == nullptr) return;
    vfs_ = *system_;
    vfs_.zName = k_name;
    vfs_.pNext = nullptr;
    vfs_.xOpen = &SafeMemory::open;
    is_registered_ = sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK;
  }

  static int open(sqlite3_vfs* /*self*/, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* opened) {
    auto& self = of_this_process();
    const int status = self.system_->xOpen(self.system_, name, file, flags, opened);
    const bool shares = (flags & SQLITE_OPEN_MAIN_DB) != 0 && file->pMethods != nullptr &&
                        file->pMethods->iVersion >= 2 && file->pMethods->xShmMap != nullptr;
    if (status == SQLITE_OK && shares) self.replace_methods(*file);
    return status;
  }

  void replace_methods(sqlite3_file& file) {
    std::call_once(once_, [&] {
      own_ = file.pMethods;
      methods_ = *own_;
      methods_.xShmMap = &SafeMemory::map;
    });
    if (file.pMethods == own_) file.pMethods = &methods_;
  }

  static int map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
    const int status = of_this_process().own_->xShmMap(file, region, size, extend, memory);
    if (status != SQLITE_OK || *memory == nullptr) return status;
    // Since Linux 5.14; older ones do not know it, and nothing is as it was then.
    const int populated =
        ::madvise(const_cast<void*>(*memory), static_cast<std::size_t>(size), MADV_POPULATE_WRITE);
    if (populated == 0 || errno != EFAULT) return SQLITE_OK;
    *memory = nullptr;  // or it would be used all the same
    return SQLITE_FULL;
  }

  sqlite3_vfs* system_;
  sqlite3_vfs vfs_{};
  bool is_registered_ = false;
  std::once_flag once_;
  const sqlite3_io_methods* own_ = nullptr;
  sqlite3_io_methods methods_{};
};

}  // namespace

const char* vfs_with_safe_memory() {
  return SafeMemory::of_this_process().name();
}

}  // namespace core::db
