// SPDX-License-Identifier: MIT
#pragma once

// Circuit breakers: which destinations are held, until when and why; shared by all processes
// through state.db, which may be lost at any time (then a destination is only tried earlier).
// closed → held for 1 s × 2ⁿ (jittered, at most 5 min) → one probe → closed, or held for longer.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/db/sqlite.hpp"
#include "libcore/delivery/verdict.hpp"

namespace core::delivery {

struct Hold {
  std::string destination;
  int failures = 0;  // in a row
  Time set_at;
  Time until;
  Class kind = Class::offline;
  std::string reason;

  // A hold whose making lies in the future was made by a clock that has been set back: no hold.
  [[nodiscard]] bool is_active(Time now) const { return set_at <= now && now < until; }
};

// What a failure makes of a destination's hold. Pure; `jitter` is in [0, 1].
Hold next_hold(const std::optional<Hold>& before, const std::string& destination,
               const Verdict& verdict, Time now, double jitter);

class Breakers {
 public:
  // Of `path`; a damaged file is made again, and one that cannot be used is replaced by memory of
  // this process (`notice` then says so).
  static Result<Breakers> open(const std::string& path, std::chrono::milliseconds patience,
                               std::string& notice);

  [[nodiscard]] std::optional<Hold> find(const std::string& destination) const;
  [[nodiscard]] std::vector<Hold> all() const;
  Result<> set(const Hold& hold);
  Result<> clear(const std::string& destination);

 private:
  explicit Breakers(db::Database database)
      : database_(std::make_unique<db::Database>(std::move(database))) {}
  static Result<Breakers> open_file(const std::string& path, std::chrono::milliseconds patience);
  Result<> load();

  std::unique_ptr<db::Database> database_;
  std::map<std::string, Hold> holds_;  // what this process knows; one sync runs at a time
};

}  // namespace core::delivery
