// SPDX-License-Identifier: MIT
#pragma once

// The place of a sweep: a directory of its own with a queue, the queue as it is when a scenario
// begins, and two servers, one that accepts everything and one that answers 500. What they say
// they got is the ledger.

#include <memory>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "tests/crashlab/sweep_process.hpp"

namespace sweep {

class Lab {
 public:
  // Errors: io, timeout. `build` is the build directory with the programs.
  static core::Result<std::unique_ptr<Lab>> open(const std::string& build);
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;
  ~Lab();

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string queue() const { return directory_ + "/queue"; }
  [[nodiscard]] std::string start() const { return directory_ + "/start"; }
  [[nodiscard]] std::string rows() const { return directory_ + "/rows"; }  // for input files
  [[nodiscard]] std::string log() const { return directory_ + "/strace.log"; }
  void keep() { is_kept_ = true; }

  // A command of the queue, as it is meant to be: no fault.
  core::Result<Ended> offq(std::vector<std::string> arguments) const;
  // The same, after `prefix` (strace and its options).
  core::Result<Ended> offq_under(std::vector<std::string> prefix,
                                 const std::vector<std::string>& arguments) const;
  // Error unless it exits with one of `statuses`; returns what it printed.
  core::Result<std::string> must(std::vector<std::string> arguments,
                                 const std::vector<int>& statuses = {0}) const;

  // Where operations of type "t" are sent from now on.
  enum class Target { good, failing };
  core::Result<> aim_at(Target target) const;
  // The keys of the requests since the last call, in order.
  std::vector<std::string> delivered();

  // The queue becomes what it is when a scenario begins, or the other way round.
  core::Result<> reset() const;
  core::Result<> save() const;

 private:
  Lab(std::string directory, std::string program, Surroundings surroundings, Server good,
      Server failing)
      : directory_(std::move(directory)),
        program_(std::move(program)),
        surroundings_(std::move(surroundings)),
        good_(std::move(good)),
        failing_(std::move(failing)) {}
  [[nodiscard]] core::Result<> copy(const std::string& from, const std::string& to) const;

  std::string directory_;
  std::string program_;  // offq
  Surroundings surroundings_;
  Server good_;
  Server failing_;
  bool is_kept_ = false;
};

}  // namespace sweep
