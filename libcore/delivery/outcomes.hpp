// SPDX-License-Identifier: MIT
#pragma once

// Outcomes that wait to be settled together, for many cost little more than one. A group is due
// after 50 ms or 256 outcomes.

#include <cstddef>
#include <optional>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/clock.hpp"

namespace core::delivery {

class Outcomes {
 public:
  // Both must outlive this.
  Outcomes(queue::Store& store, const sys::Clock& clock)
      : clock_(clock), settler_(store.files(), store.index(), clock) {}

  void keep(queue::Settlement settlement);
  [[nodiscard]] bool empty() const { return group_.empty(); }
  [[nodiscard]] bool are_due() const;
  // Makes all of them durable and returns them. Errors: those of queue::Settler; some may be
  // settled then and none is kept here.
  Result<std::vector<queue::Settlement>> settle();

 private:
  const sys::Clock& clock_;
  queue::Settler settler_;
  std::vector<queue::Settlement> group_;
  Duration oldest_{};
};

}  // namespace core::delivery
