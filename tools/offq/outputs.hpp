// SPDX-License-Identifier: MIT
#pragma once

// What commands have printed last, in the folder outputs/ of the queue: one file for each, named by
// a digest, a line of JSON and then the bytes. A cache: not durable, bounded in number and size
// (the oldest go), and expendable.

#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace offq {

struct Output {
  core::Time at;
  std::string bytes;
};

class Outputs {
 public:
  static constexpr core::ByteCount k_largest{16UL << 20U};

  // `files` is the queue directory; both must outlive this.
  Outputs(core::sys::Files& files, const core::sys::Clock& clock) : files_(files), clock_(clock) {}

  // nullopt: none, older than `ttl`, or damaged. Errors: denied, io.
  [[nodiscard]] core::Result<std::optional<Output>> find(const std::string& digest,
                                                         core::Duration ttl) const;
  // Errors: denied, full, io.
  core::Result<> keep(const std::string& digest, const std::string& bytes);

 private:
  core::Result<> make_room();

  core::sys::Files& files_;
  const core::sys::Clock& clock_;
};

}  // namespace offq
