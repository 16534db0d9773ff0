// SPDX-License-Identifier: MIT
#pragma once

// Which operation is sent next. Every target (see queue::Index) has a line of its own, so that a
// slow or dead one holds up only itself: of the targets that may take one more, the one whose next
// operation has the best score gives it. Operations of a lane, and those that wait for others, join
// when what they wait for is settled.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/delivery/id_set.hpp"
#include "libcore/queue/index.hpp"

namespace core::delivery {

class Scheduler {
 public:
  struct Options {
    queue::DueQuery query;
    std::uint64_t page = 50;        // operations of one target that are read at once
    double fresh_share = 0;         // how much of each page goes to the newest, 0 to 1
    std::vector<OperationId> only;  // not empty: these and no others
  };

  Scheduler(queue::Index& index, Options options) : index_(index), options_(std::move(options)) {}

  Result<> open();
  // Begins again with what is due at another time. What was given before and is `under_way` may
  // have its turn again, and have been settled then: it is not new.
  Result<> open(const queue::Instant& now, const IdSet& under_way);

  // Looks whether somebody has written to the index: what was read before is then looked up again
  // when its turn comes, and not given out when it is no longer pending. (A file of one operation
  // tells that by itself when it is opened; a line of a batch does not.)
  Result<> look();

  // The best operation of a target for which `may_take` says yes. nullopt: none of those has one.
  Result<std::optional<queue::Entry>> next(
      const std::function<bool(const std::string& target)>& may_take);
  // The next ones of the target, at most `limit`, that `alike` says yes to: those that may share a
  // request with the one that was given last. The others keep their places; when a page of them
  // has gathered, the search ends.
  Result<std::vector<queue::Entry>> next_alike(
      const std::string& target, std::size_t limit,
      const std::function<bool(const queue::Entry&)>& alike);
  // A small operation of a target that is due and that `may_be` says yes to: a probe costs as
  // little as possible. Even turns are the smallest, odd ones one of the few that follow, for what
  // went wrong may have been the operation's own. When none of them may be, the next one; nullopt:
  // there is none.
  Result<std::optional<queue::Entry>> probe(const std::string& target, int turn,
                                            const std::function<bool(const queue::Entry&)>& may_be);
  // Whether an operation that was given can only be given once: it cannot have been settled since
  // it was read from the index. False: look again.
  [[nodiscard]] bool is_new(const OperationId& id) const { return !read_early_.contains(id); }
  // Another number when somebody had written to the index when look() looked last.
  [[nodiscard]] std::int64_t version() const { return version_; }
  // What `settled` was in the way of may go now.
  Result<> settled(const queue::Entry& settled);
  // Puts one back in front of its line.
  void put_back(queue::Entry entry);

 private:
  struct Line {
    std::deque<queue::Entry> waiting;  // of no lane, page by page
    std::deque<queue::Entry> heads;    // of lanes, and what has become free, the best first
    std::optional<queue::PageEnd> best_end;
    std::optional<queue::PageEnd> newest_end;
    bool is_read = false;              // to the end
    std::int64_t version = k_unknown;  // of the index, when what waits was read
  };
  static constexpr std::int64_t k_unknown = -1;
  struct Place {  // where the next operation is
    Line* line = nullptr;
    std::deque<queue::Entry>* in = nullptr;
  };
  Result<Place> best_place(const std::function<bool(const std::string& target)>& may_take);
  [[nodiscard]] bool may_have_changed(const Place& place) const;
  Result<> refill(const std::string& target, Line& line, std::uint64_t count);
  Result<std::optional<queue::Entry>> take(const Place& place);
  Result<> open_selected();
  void add_head(queue::Entry entry);
  [[nodiscard]] std::deque<queue::Entry>* front_of(Line& line) const;
  [[nodiscard]] bool goes_before(const queue::Entry& a, const queue::Entry& b) const;

  queue::Index& index_;
  Options options_;
  std::map<std::string, Line> lines_;
  std::int64_t opened_at_version_ = k_unknown;
  std::int64_t version_ = k_unknown;  // as it was when we looked last
  IdSet read_early_;                  // before their turn, which comes all the same
};

}  // namespace core::delivery
