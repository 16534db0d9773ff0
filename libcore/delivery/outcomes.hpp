// SPDX-License-Identifier: MIT
#pragma once

// Outcomes that wait to be settled together, for many cost little more than one. A group is due
// after 50 ms or 256 outcomes. While requests are under way a group is settled in a thread beside
// the caller's, with a connection to the index of its own, so that nobody waits for the disk.

#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/clock.hpp"

namespace core::delivery {

class Outcomes {
 public:
  using Group = std::vector<queue::Settlement>;

  // Both must outlive this. Files and clock are used by both threads.
  Outcomes(queue::Store& store, const sys::Clock& clock)
      : store_(store), clock_(clock), settler_(store.files(), store.index(), clock) {}

  void keep(queue::Settlement settlement);
  // Nothing waits or is being settled.
  [[nodiscard]] bool empty() const { return group_.empty() && !beside_.valid(); }
  // Begins to settle the group if it is due. Waits only when the disk has fallen far behind.
  // Errors: those of queue::Settler, of this group or the one before; some of it may be settled
  // then, and none of it is kept here.
  Result<> settle_due();
  // Makes everything durable. Errors: as above.
  Result<> settle_all();
  // What has become durable since this was asked last, also before an error.
  Group take_settled() { return std::exchange(settled_, {}); }

 private:
  // The connection of the other thread, and its memory of other processes.
  struct Beside {
    queue::Index index;
    queue::Settler settler;
    Beside(queue::Store& store, queue::Index opened, const sys::Clock& clock)
        : index(std::move(opened)), settler(store.files(), index, clock) {}
  };
  [[nodiscard]] bool is_due() const;
  Result<> collect();
  void add_settled(Group group);
  Beside* other_thread();

  queue::Store& store_;
  const sys::Clock& clock_;
  queue::Settler settler_;
  Group group_;
  Group settled_;
  Duration oldest_{};
  bool has_tried_ = false;  // to open the other connection
  std::unique_ptr<Beside> other_;
  std::future<Result<Group>> beside_;  // ends before other_ does
};

}  // namespace core::delivery
