// SPDX-License-Identifier: MIT
#pragma once

// offq receive: a small server that keeps what it is sent.

#include <cstdint>
#include <optional>
#include <string>

#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/cli/command.hpp"

namespace offq {

struct ReceiveOptions {
  std::string listen = "127.0.0.1:8787";
  std::optional<std::string> token_file;
  core::ByteCount body_limit{64ULL << 20U};
  double fail_rate = 0;         // from 0 to 1
  double fail_after_store = 0;  // from 0 to 1
  std::optional<int> status;
  core::Duration delay{0};
  std::optional<std::int64_t> quit_after;
};

core::cli::Declaration<ReceiveOptions> receive_command();

}  // namespace offq
