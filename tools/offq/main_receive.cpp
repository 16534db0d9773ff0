// SPDX-License-Identifier: MIT
#include "tools/offq/run_receive.hpp"
#include "tools/offq/tool.hpp"

int main(int argc, char** argv) {
  return core::cli::main(offq::tool_with({offq::receive_command().with(offq::run_receive)}), argc,
                         argv);
}
