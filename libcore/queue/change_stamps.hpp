// SPDX-License-Identifier: MIT
#pragma once

// Change stamps: what the folders and the journal looked like when the index was last made equal to
// them. As long as they are the same there is nothing to recover.

#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

struct ChangeStamp {
  std::string name;
  std::string value;  // "": not to be relied on
};

// Of now. A folder that is missing has an empty one. Errors: io.
Result<std::vector<ChangeStamp>> current_stamps(const sys::Files& files, const sys::Clock& clock);

// Whether the index was made equal to what these stamps say.
Result<bool> are_known(const std::vector<ChangeStamp>& stamps, Index& index);

// Whether the index was last made equal to the files since this boot began.
Result<bool> is_of_this_boot(const sys::Clock& clock, Index& index);

// Whether this boot's index knows the folder as it is.
Result<bool> is_folder_known(State state, const sys::Files& files, const sys::Clock& clock,
                             Index& index);

}  // namespace core::queue
