// SPDX-License-Identifier: MIT
#pragma once

// offq fsck: is the queue in order?

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

enum class Repair { no, yes };

struct FsckOptions {
  Repair repair = Repair::no;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<FsckOptions> fsck_command();

}  // namespace offq
