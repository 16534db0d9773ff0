// SPDX-License-Identifier: MIT
#pragma once

// Durable appends to one file by many threads that share their fdatasync: while one batch is on
// its way to the disk, the lines of everybody else gather in the next one. The busier it is, the
// larger the batches, so throughput does not fall to one line per fdatasync.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/sys/files.hpp"

namespace core::net {

class GroupCommit {
 public:
  // Appends to `path` in `files`, which must outlive this. Nobody else appends to it meanwhile.
  GroupCommit(sys::Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;
  ~GroupCommit() = default;

  // `line` ends with a newline; it is durable when this returns. Blocks; any thread may call.
  // Errors: those of Files::append, for everybody in the batch. After any but `full` every later
  // call fails the same way: what an fdatasync that failed once left behind cannot be trusted.
  Result<> append(std::string_view line);

 private:
  struct Batch {
    std::string lines;
    std::optional<Result<>> outcome;
    std::condition_variable settled;
  };

  sys::Files& files_;
  const std::string path_;

  std::mutex mutex_;  // guards what follows, and the members of every Batch
  std::condition_variable idle_;
  std::shared_ptr<Batch> gathering_;  // owned with the threads that wait for it
  bool is_writing_ = false;
  std::optional<Error> broken_;
};

}  // namespace core::net
