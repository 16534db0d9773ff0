// SPDX-License-Identifier: MIT
#pragma once

// What a run of delivery tells while it goes on, and when it has ended.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/delivery/network.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/delivery/withheld.hpp"
#include "libcore/queue/settle.hpp"

namespace core::delivery {

// What became of one operation in this run.
struct Report {
  enum class Outcome { delivered, retry, failed, held } outcome = Outcome::held;
  OperationId id;
  std::string type;
  std::string destination;
  Verdict verdict;
  int status = 0;  // HTTP; 0: no answer
  int attempts = 0;
  std::chrono::milliseconds elapsed{};
  std::optional<Time> again_at;
  codec::Reason reason = codec::Reason::none;
};

struct Summary {
  std::uint64_t delivered = 0;
  std::uint64_t retry = 0;       // charged, will be tried again
  std::uint64_t failed = 0;      // by this run, for good
  std::uint64_t unreadable = 0;  // could not be read or sent by this machine: warned of
  std::uint64_t forbidden = 0;   // of these: for want of a permission
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  std::vector<HeldDestination> holds;
  // Absent: nothing that is due waits for the network.
  std::optional<NetworkHold> network{};
  std::uint64_t waiting_for_network = 0;  // operations, those not due included
  // Absent: nothing waits for the budget.
  std::optional<NetworkHold> budget{};
  std::uint64_t waiting_for_budget = 0;  // operations that were due
  bool out_of_time = false;
  bool stopped = false;
};

// Where the run tells what happens. Members may be empty.
struct Observer {
  std::function<void(const Report&)> on_report{};
  std::function<void(const Summary& so_far)> on_progress{};
  std::function<bool()> should_stop{};
  // False: nothing more is begun, and the run ends when what is under way has been answered.
  std::function<bool()> may_start{};
  // Asked between answers: true when there may be more to send than when the run began, because
  // something came or a time was reached. Absent: the run ends with what was due when it began.
  std::function<Result<bool>()> look_again{};
  // Waits at most this long, less when a signal arrives. Absent: short holds are not waited for.
  std::function<void(std::chrono::milliseconds)> pause{};
  // Waits at most this long, less when something happens: for when a command is under way, and no
  // request. Absent: it is asked again and again.
  std::function<void(std::chrono::milliseconds)> rest{};
  std::function<void(const std::string&)> on_warning{};
  // After a group of outcomes has become durable.
  std::function<void(std::span<const queue::Settlement>)> on_settled{};
};

}  // namespace core::delivery

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::delivery::Report::Outcome>{
    "delivered", "retry", "failed", "held"};
