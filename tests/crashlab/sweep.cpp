// SPDX-License-Identifier: MIT
//
// usage: sweep SCENARIO
//        sweep SCENARIO CALL:FAULT:N
//        sweep --list
//
// Runs a command of offq once for each system call that changes something, and lets it be killed
// there, or lets the call fail with EIO or ENOSPC, once or from then on; sweep_check.hpp says what
// must hold after each. The programs are those of $OFFKIT_BUILD. With a fault, only that is tried,
// and the directory is kept. Exits 0 when everything holds, 1 when not, 2 when it cannot be tried.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "tests/crashlab/sweep_check.hpp"

namespace {

using core::Result;
using sweep::Fault;

constexpr int k_holds = 0;
constexpr int k_broken = 1;
constexpr int k_impossible = 2;
constexpr int k_shown = 10;

struct Tally {
  int runs = 0;
  int died = 0;
  int failed = 0;
  int went_on = 0;
  int repaired = 0;
  int broken = 0;
};

void count(const sweep::Scenario& scenario, const sweep::Observed& observed, Tally& tally) {
  ++tally.runs;
  if (observed.ended.how == sweep::Ended::How::killed) {
    ++tally.died;
  } else {
    ++(observed.ended.exited_with(scenario.exit) ? tally.went_on : tally.failed);
  }
  if (observed.needed_repair) ++tally.repaired;
  if (!observed.complaints.empty()) ++tally.broken;
}

void tell(const sweep::Scenario& scenario, const sweep::Trial& trial, const Fault& fault,
          const sweep::Observed& observed) {
  fmt::print("{} at {}: {}\n", scenario.name, fault.text(), observed.ended.text());
  for (const auto& complaint : observed.complaints)
    fmt::print("  - {}\n", complaint);
  if (!observed.ended.err.empty()) fmt::print("  it said: {}", observed.ended.err);
  fmt::print("  again: sweep {} {}\n  which is: {}\n", scenario.name, fault.text(),
             trial.by_hand(fault));
}

// What begins later is much like what began before, when it lasts, and takes as long to try.
int step_after(const Fault& fault) {
  constexpr int k_each = 8;
  constexpr int k_step = 5;
  return fault.lasts() && fault.n >= k_each ? k_step : 1;
}

// At the first call, the second, and so on, until it comes to its end without the fault.
Result<> sweep_call(const sweep::Scenario& scenario, sweep::Trial& trial, Fault fault,
                    Tally& tally) {
  constexpr int k_too_many = 10000;
  for (fault.n = 1; fault.n < k_too_many; fault.n += step_after(fault)) {
    TRY_ASSIGN(const auto observed, trial.run(fault));
    if (!observed.hit) return {};
    count(scenario, observed, tally);
    if (!observed.complaints.empty() && tally.broken <= k_shown)
      tell(scenario, trial, fault, observed);
  }
  return core::fail(core::Errc::io, "no end: " + fault.text());
}

Result<int> sweep_all(const sweep::Scenario& scenario, sweep::Lab& lab) {
  using Kind = Fault::Kind;
  TRY_ASSIGN(auto trial, sweep::Trial::of(scenario, lab));
  Tally tally;
  for (const auto& [call, calls] : trial.calls()) {
    for (const Kind kind :
         {Kind::kill, Kind::eio, Kind::enospc, Kind::eio_from_then_on, Kind::enospc_from_then_on})
      TRY(sweep_call(scenario, trial, {.call = call, .kind = kind}, tally));
  }
  fmt::print(
      "{}: {} faults: it died {} times, failed {} times, went on {} times; {} repaired, {} "
      "broken\n",
      scenario.name, tally.runs, tally.died, tally.failed, tally.went_on, tally.repaired,
      tally.broken);
  // A sweep that hits nothing proves nothing.
  if (tally.died == 0 || tally.failed == 0) {
    fmt::print("{}: no fault had an effect\n", scenario.name);
    return k_broken;
  }
  return tally.broken == 0 ? k_holds : k_broken;
}

Result<int> try_one(const sweep::Scenario& scenario, sweep::Lab& lab, const Fault& fault) {
  lab.keep();
  TRY_ASSIGN(auto trial, sweep::Trial::of(scenario, lab));
  TRY_ASSIGN(const auto observed, trial.run(fault));
  tell(scenario, trial, fault, observed);
  fmt::print("  kept: {} (start/: the queue before, strace.log)\n", lab.directory());
  if (!observed.hit) fmt::print("  the fault did not happen\n");
  return observed.hit && observed.complaints.empty() ? k_holds : k_broken;
}

int usage() {
  fmt::print(stderr,
             "usage: sweep SCENARIO [CALL:kill|EIO|EIO+|ENOSPC|ENOSPC+:N]\n"
             "       sweep --list\n");
  return k_impossible;
}

int list() {
  for (const auto& scenario : sweep::scenarios())
    fmt::print("{:<22} {}\n", scenario.name, scenario.what);
  return k_holds;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "--list") return list();
  const auto* scenario = sweep::find_scenario(name);
  const auto fault = argc > 2 ? Fault::parse(argv[2]) : std::optional<Fault>{};
  const char* build = std::getenv("OFFKIT_BUILD");  // NOLINT(concurrency-mt-unsafe): one thread
  if (scenario == nullptr || argc > 3 || (argc == 3 && !fault)) return usage();
  if (build == nullptr) {
    fmt::print(stderr, "sweep: set OFFKIT_BUILD to the build directory\n");
    return k_impossible;
  }
  auto lab = sweep::Lab::open(build);
  auto result = !lab    ? Result<int>(tl::unexpected<core::Error>(lab.error()))
                : fault ? try_one(*scenario, **lab, *fault)
                        : sweep_all(*scenario, **lab);
  if (!result) {
    fmt::print(stderr, "sweep: {}: {}\n", name, result.error().message);
    return k_impossible;
  }
  return *result;
}
