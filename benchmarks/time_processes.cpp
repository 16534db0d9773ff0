// SPDX-License-Identifier: MIT
//
// usage: time_processes RUNS [--- NAME COMMAND ARG...]...
//
// Runs the commands one after the other, RUNS times, so that whatever disturbs the machine disturbs
// all of them, and prints for each name the median, minimum and maximum of the wall time in
// microseconds and the largest resident set in KiB, separated by tabs. Commands with the name "-"
// prepare: they are run in their place but not measured. Input and output are /dev/null. A command
// that ends with a status other than 0 ends everything; "NAME=75" wants status 75.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>
#include <time.h>

namespace {

struct Step {
  std::string name;
  int wanted_status = 0;
  std::vector<char*> command;
  std::vector<long> microseconds{};
  long resident_kib = 0;
};

// The environment of this process, for posix_spawn.
char** environment() {
  return ::environ;
}

long now_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

bool run(Step& step, const posix_spawn_file_actions_t& actions) {
  pid_t child = 0;
  int status = 0;
  rusage usage{};
  const long begin = now_microseconds();
  const int error = ::posix_spawnp(&child, step.command.front(), &actions, nullptr,
                                   step.command.data(), environment());
  if (error != 0 || ::wait4(child, &status, 0, &usage) != child) {
    fmt::print(stderr, "time_processes: cannot run {}\n", step.command.front());
    return false;
  }
  step.microseconds.push_back(now_microseconds() - begin);
  step.resident_kib = std::max(step.resident_kib, usage.ru_maxrss);
  if (WIFEXITED(status) && WEXITSTATUS(status) == step.wanted_status) return true;
  fmt::print(stderr, "time_processes: {}: {} ended with status {:#x}\n", step.name,
             step.command.front(), status);
  return false;
}

std::vector<Step> parse_steps(int argc, char** argv) {
  std::vector<Step> steps;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word != "---") {
      if (!steps.empty()) steps.back().command.push_back(argv[i]);
      continue;
    }
    const std::string name = i + 1 < argc ? argv[++i] : "";
    const auto equals = name.find('=');
    steps.push_back(
        {.name = name.substr(0, equals),
         .wanted_status = equals == name.npos ? 0 : std::atoi(name.c_str() + equals + 1),
         .command = {}});
  }
  return steps;
}

void report(Step& step) {
  auto& times = step.microseconds;
  std::sort(times.begin(), times.end());
  fmt::print("{}\t{}\t{}\t{}\t{}\n", step.name, times[times.size() / 2], times.front(),
             times.back(), step.resident_kib);
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 0;
  auto steps = parse_steps(argc, argv);
  const bool complete = std::none_of(steps.begin(), steps.end(),
                                     [](const Step& step) { return step.command.empty(); });
  if (runs < 1 || steps.empty() || !complete) {
    fmt::print(stderr, "usage: time_processes RUNS [--- NAME COMMAND ARG...]...\n");
    return 2;
  }
  for (auto& step : steps)
    step.command.push_back(nullptr);

  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  for (int i = 0; i < runs; ++i)
    for (auto& step : steps)
      if (!run(step, actions)) return 1;
  for (auto& step : steps)
    if (step.name != "-") report(step);
}
