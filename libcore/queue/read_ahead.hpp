// SPDX-License-Identifier: MIT
#pragma once

// Reading many small files ahead of their use. To open, read and parse a file takes about as long
// as to tell the index of it, and neither needs the other: while some files are added, a second
// thread looks at the next ones.

#include <cstddef>
#include <future>
#include <optional>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/queue/entry.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/name_list.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// What a name in a folder was found to be.
struct FoundFile {
  std::optional<FileName> name;                   // nullopt: offq would not call a file that
  Result<std::optional<sys::FileStatus>> status;  // nullopt: gone meanwhile
  // What a file of one operation says. Errors: denied, io; corrupt when this is not what offq
  // writes.
  std::optional<Result<Entry>> operation;
};

class ReadAhead {
 public:
  // The `wanted` of `names`; all of the arguments must outlive this.
  ReadAhead(const sys::Files& files, const sys::Clock& clock, State state, const NameList& names,
            const std::vector<std::size_t>& wanted);

  // As many times as there are wanted ones, in their order.
  FoundFile next();

 private:
  using Chunk = std::vector<FoundFile>;
  std::future<Chunk> start(std::size_t from) const;
  FoundFile find(std::string_view name) const;

  const sys::Files& files_;
  const sys::Clock& clock_;
  const State state_;
  const NameList& names_;
  const std::vector<std::size_t>& wanted_;
  std::size_t given_ = 0;
  Chunk chunk_;
  std::future<Chunk> ahead_;
};

}  // namespace core::queue
