// SPDX-License-Identifier: MIT
#pragma once

// Whether the index says what the files say. Told of every operation as its file is read, it then
// goes once through the rows: each must have its file, or its line at just these bytes of a batch,
// and whatever is to be delivered must have a row. A part of fsck.hpp.
//
// It keeps eight bytes and a bit for each line of a batch.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

class IndexCheck {
 public:
  IndexCheck(const sys::Files& files, Index& index) : files_(files), index_(index) {}

  // A file of its own that holds this operation.
  Result<> has_single(State state, const FileName& file);
  // The next line of a batch, from the first on.
  enum class Line { good, damaged };
  void has_line(const OperationId& id, std::uint64_t offset, std::uint64_t length, Line line);

  // In how many places they differ, once all files have been read.
  Result<std::uint64_t> differences();

 private:
  struct Batch {
    std::vector<std::uint64_t> offsets;  // of the lines, and where the last one ends
    std::vector<bool> is_missing;        // has no row, as far as is known
  };
  Result<std::uint64_t> compare_names();
  Result<std::uint64_t> compare_rows();
  Result<std::uint64_t> missing_lines();
  Result<bool> has_place(const Entry& entry);
  Result<bool> has_line_at(const Entry& entry);
  Result<bool> is_there(const FileName& batch);

  const sys::Files& files_;
  Index& index_;
  std::map<Ulid, Batch> batches_;
  std::map<Ulid, bool> others_;  // batches that have not been read: are they there now?
  std::uint64_t missing_ = 0;    // files of their own without a row
};

}  // namespace core::queue
