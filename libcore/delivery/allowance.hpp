// SPDX-License-Identifier: MIT
#pragma once

// What a run of delivery may spend: the budget that all programs of the queue share
// (offkit-network(5)), asked before a request and told after it.

#include <functional>
#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/delivery/network.hpp"
#include "libcore/netstate/budget.hpp"

namespace core::delivery {

using netstate::Priority;

class Allowance {
 public:
  Allowance() = default;
  Allowance(const Allowance&) = delete;
  Allowance& operator=(const Allowance&) = delete;
  virtual ~Allowance() = default;

  // Whether about so many bytes may go; they are ours from then on. Else why not, and until when.
  // Errors: denied, full, io.
  virtual Result<std::optional<NetworkHold>> take(ByteCount size, Priority priority) = 0;
  // How long to wait until they may go.
  virtual Result<Duration> pace(ByteCount size) = 0;
  // What take() gave is over; `spent` bytes were on the wire.
  virtual void give_back(ByteCount size, ByteCount spent) = 0;
};

// Why what was refused waits, and until when; `under_way` bytes more are spent or reserved than the
// permission knows. Pure.
NetworkHold budget_hold(const netstate::Permission& refused, ByteCount under_way,
                        const sys::Calendar& calendar);

// The real one. It reserves more than a request at a time, so that many small ones do not write the
// budget's file each; what was not used is given back at its end. Without limits bytes are only
// counted, once a second, and only where somebody runs netwatch.
class SharedAllowance final : public Allowance {
 public:
  using Warn = std::function<void(const std::string&)>;

  // All must outlive this. `files` is the queue directory.
  SharedAllowance(sys::Files& files, const sys::Clock& clock, const sys::Calendar& calendar,
                  sys::Random& random, const config::BudgetConfig& limits, Warn warn);
  SharedAllowance(const SharedAllowance&) = delete;
  SharedAllowance& operator=(const SharedAllowance&) = delete;
  ~SharedAllowance() override;

  Result<std::optional<NetworkHold>> take(ByteCount size, Priority priority) override;
  Result<Duration> pace(ByteCount size) override;
  void give_back(ByteCount size, ByteCount spent) override;
  // Nothing is under way any more: what is reserved is somebody else's.
  void end_run();

 private:
  // Bytes of one reservation: those of critical operations come from another than the rest.
  struct Block {
    std::string id{};  // empty: none
    std::uint64_t left = 0;
  };
  Block& block_of(Priority priority) {
    return priority == Priority::critical ? critical_ : normal_;
  }
  Result<std::optional<NetworkHold>> refill(Block& block, std::uint64_t size, Priority priority);
  Result<> settle();
  void warn_once(const Result<>& done);

  sys::Files& files_;
  const sys::Clock& clock_;
  const sys::Calendar& calendar_;
  netstate::Budget budget_;
  netstate::Network network_;
  Warn warn_;
  std::string warned_;
  bool has_limit_ = false;
  bool counts_ = false;
  Block normal_;
  Block critical_;
  std::uint64_t under_way_ = 0;  // taken, and not given back
  std::uint64_t spent_ = 0;      // and not told yet
  Duration next_count_{};        // since boot
};

}  // namespace core::delivery
