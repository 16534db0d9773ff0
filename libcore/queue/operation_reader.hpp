// SPDX-License-Identifier: MIT
#pragma once

// Reads the operations of a run, one after the other, and keeps what spares work when the next one
// is a line of the same batch: the open file and the bytes that follow. A batch that has been
// removed since is noticed when more of it is read, so at most k_ahead later.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/queue/entry.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

class OperationReader {
 public:
  static constexpr std::size_t k_ahead = 64UL * 1024;

  // `files` must outlive the reader.
  explicit OperationReader(const sys::Files& files) : files_(files) {}

  // As load_operation. Errors: not_found when its file is gone; corrupt; io.
  Result<codec::Envelope> load(const Entry& entry);

 private:
  [[nodiscard]] bool has(const Place& place) const;
  Result<> read_on(const Place& place);

  const sys::Files& files_;
  FileName batch_;
  sys::Fd fd_;
  std::uint64_t from_ = 0;  // where ahead_ lies in the batch
  std::string ahead_;
};

}  // namespace core::queue
