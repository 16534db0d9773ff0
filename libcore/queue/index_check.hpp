// SPDX-License-Identifier: MIT
#pragma once

// Whether the index says what the files say. Told of every operation as its file is read, it then
// goes through the rows: each must have its file, or its line at just these bytes of a batch, and
// whatever is to be delivered must have a row. A part of fsck.hpp.
//
// What others do meanwhile looks the same as a difference. So whatever differs is looked at again
// once the index has been told of their work, until what is left does not get less.
//
// It keeps eight bytes and a bit for each line of a batch.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
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
  // The next line of a batch that is in the folder of `state`, from the first on.
  enum class Line { good, damaged };
  void has_line(State state, const OperationId& id, std::uint64_t offset, std::uint64_t length,
                Line line);
  // A file that could not be read, or not to its end: the index may know it, and need not.
  void cannot_read(State state, const FileName& file);

  // In how many places they differ, once all files have been read. `look_again` tells the index
  // what has changed.
  Result<std::uint64_t> differences(const std::function<Result<>()>& look_again);

 private:
  struct Batch {
    State state = State::pending;
    std::vector<std::uint64_t> offsets;  // of the lines, and where the last one ends
    std::vector<bool> is_missing;        // has no row, as far as is known
  };
  // What differs, each once: of files their paths, of lines their ids.
  using Names = std::set<std::string, std::less<>>;
  Result<Names> differing();
  Result<> compare_singles(Names& differing);
  Result<> compare_names(Names& differing);
  Result<> compare_rows(Names& differing);
  Result<> compare_lines(Names& differing);
  Result<bool> has_place(const Entry& entry);
  Result<bool> has_line_at(const Entry& entry);
  Result<bool> is_there(const FileName& batch);

  const sys::Files& files_;
  Index& index_;
  std::map<Ulid, Batch> batches_;
  std::map<Ulid, bool> others_;  // batches that have not been read: are they there now?
  std::map<std::string, OperationId> rowless_;  // files of their own that had no row, by path
  std::set<std::string> unreadable_;            // paths
};

}  // namespace core::queue
