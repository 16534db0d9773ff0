// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_send.hpp"
#include "tools/offq/cmd_sync.hpp"
#include "tools/offq/run_send.hpp"
#include "tools/offq/run_sync.hpp"
#include "tools/offq/tool.hpp"

int main(int argc, char** argv) {
  return core::cli::main(offq::tool_with({offq::sync_command().with(offq::run_sync),
                                          offq::send_command().with(offq::run_send)}),
                         argc, argv);
}
