// SPDX-License-Identifier: MIT
#pragma once

// Children that run until the test ends them. Signals are noted, and end nothing.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "libcore/sys/child.hpp"
#include "libcore/sys/fd.hpp"

namespace fakes {

class FakeChildren final : public core::sys::Children {
 public:
  core::Result<Id> start(const core::sys::Command& command) override {
    started.push_back(command);
    outputs.emplace_back(command.output < 0 ? -1 : ::dup(command.output));
    running[started.size()] = std::nullopt;
    return started.size();
  }
  [[nodiscard]] int fd(Id /*id*/) const override { return -1; }
  [[nodiscard]] int process(Id /*id*/) const override { return 0; }
  std::optional<core::sys::Ended> ended(Id id) override {
    const auto how = running.at(id);
    if (how) running.erase(id);
    return how;
  }
  void signal(Id id, Signal signal) override {
    signals.push_back((signal == Signal::kill ? "kill " : "terminate ") + std::to_string(id));
  }

  void end(Id id, core::sys::Ended how = {}) { running.at(id) = how; }
  void print(Id id, const std::string& text) {
    static_cast<void>(core::sys::write_all(outputs.at(id - 1).get(), text, "output"));
  }

  std::vector<core::sys::Command> started;  // the first has id 1
  std::vector<core::sys::Fd> outputs;       // theirs
  std::map<Id, std::optional<core::sys::Ended>> running;
  std::vector<std::string> signals;
};

}  // namespace fakes
