// SPDX-License-Identifier: MIT
#pragma once

// Whether the bodies that operations name are there as they were stored. Bodies are read whole,
// each only once however many operations name it. A part of fsck.hpp.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

class BodyChecks {
 public:
  explicit BodyChecks(const sys::Files& files) : files_(files) {}
  // What is wrong with it, to be read behind its path ("is missing"); empty: nothing. Errors: io,
  // denied.
  Result<std::string> complaint(const codec::BlobRef& blob);

 private:
  const sys::Files& files_;
  std::map<std::pair<std::string, std::uint64_t>, std::string> known_;
};

}  // namespace core::queue
