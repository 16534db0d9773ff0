// SPDX-License-Identifier: MIT
#include <string_view>
#include <utility>
#include <vector>

#include "tools/netwatch/run_budget.hpp"
#include "tools/netwatch/run_check.hpp"
#include "tools/netwatch/run_daemon.hpp"
#include "tools/netwatch/run_doctor.hpp"
#include "tools/netwatch/run_explain.hpp"
#include "tools/netwatch/run_history.hpp"
#include "tools/netwatch/run_hook.hpp"
#include "tools/netwatch/run_init.hpp"
#include "tools/netwatch/run_is.hpp"
#include "tools/netwatch/run_mode.hpp"
#include "tools/netwatch/run_pace.hpp"
#include "tools/netwatch/run_probe.hpp"
#include "tools/netwatch/run_run.hpp"
#include "tools/netwatch/run_simulate.hpp"
#include "tools/netwatch/run_wait.hpp"
#include "tools/netwatch/run_watch.hpp"
#include "tools/netwatch/tool.hpp"

namespace {

std::vector<core::cli::Command> commands_for(std::string_view first_word) {
  std::vector<core::cli::Command> commands{netwatch::is_command().with(netwatch::run_is)};
  // A prompt asks this all the time: the words of other commands are left out.
  if (first_word == commands.front().doc.name) return commands;
  commands.push_back(netwatch::check_command().with(netwatch::run_check));
  commands.push_back(netwatch::wait_command().with(netwatch::run_wait));
  commands.push_back(netwatch::run_command().with(netwatch::run_run));
  commands.push_back(netwatch::watch_command().with(netwatch::run_watch));
  commands.push_back(netwatch::explain_command().with(netwatch::run_explain));
  commands.push_back(netwatch::history_command().with(netwatch::run_history));
  commands.push_back(netwatch::mode_command().with(netwatch::run_mode));
  commands.push_back(netwatch::hook_command().with(netwatch::run_hook));
  commands.push_back(netwatch::budget_command().with(netwatch::run_budget));
  commands.push_back(netwatch::pace_command().with(netwatch::run_pace));
  commands.push_back(netwatch::probe_command().with(netwatch::run_probe));
  commands.push_back(netwatch::simulate_command().with(netwatch::run_simulate));
  commands.push_back(netwatch::daemon_command().with(netwatch::run_daemon));
  commands.push_back(netwatch::doctor_command().with(netwatch::run_doctor));
  commands.push_back(netwatch::init_command().with(netwatch::run_init));
  commands.push_back(netwatch::config_command().with(core::cli::run_config));
  return netwatch::all_commands(std::move(commands));
}

}  // namespace

int main(int argc, char** argv) {
  return core::cli::main(netwatch::tool_with(commands_for(argc > 1 ? argv[1] : "")), argc, argv);
}
