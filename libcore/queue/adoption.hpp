// SPDX-License-Identifier: MIT
#pragma once

// Adoption: files in pending/ that offq did not write get an id, a seal and a proper name; what
// cannot be read goes to failed/. A part of recovery (recovery.hpp).

#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/intake.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

class Adoption {
 public:
  Adoption(sys::Files& files, Index& index, const sys::Clock& clock, Intake& intake,
           Recovered& report)
      : files_(files), index_(index), clock_(clock), intake_(intake), report_(report) {}

  // Adopts the file of this name in pending/, or moves it to failed/, bytes untouched, with a
  // receipt. One that cannot be read now is left alone: then why.
  Result<std::optional<Error>> adopt(const std::string& name, const sys::FileStatus& status);

 private:
  // The lines under which it is to be installed.
  struct Adopted {
    FileName target;
    std::string lines;
  };
  // Errors are those of the file: corrupt, not_found, denied, io; or of may_go_on.
  Result<Adopted> adopt_single(const std::string& name, const sys::FileStatus& status,
                               const std::optional<FileName>& proper) const;
  Result<Adopted> adopt_batch(const std::string& name, const sys::FileStatus& status,
                              const std::optional<FileName>& proper) const;
  Result<> install(const std::string& name, const FileName& target, const std::string& bytes);
  Result<> quarantine(const std::string& name, const sys::FileStatus& status,
                      const std::string& cause);

  sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  Intake& intake_;
  Recovered& report_;
};

}  // namespace core::queue
