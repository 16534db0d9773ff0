// SPDX-License-Identifier: MIT
#pragma once

// Store: a queue opened by every command but enqueue: directory, index and recovery in one. Opening
// recovers; what it did is in recovered(). A damaged index is made again; one that cannot be used
// at all (another process holds it for ever, a read-only directory) is replaced by one in memory
// for this run, and notice() says so. Whoever only looks is shown a queue as it is where recovery
// cannot write, be it for want of a permission or of room. Whatever recovers here may be ended by
// the MayGoOn that it was opened with.

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/transition.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::queue {

// How long another process's use of the index is waited for.
inline constexpr std::chrono::milliseconds k_patience{5000};

// How a queue is opened.
struct Terms {
  std::chrono::milliseconds patience = k_patience;
  Purpose purpose = Purpose::change;
  MayGoOn may_go_on{};
};

class Store {
 public:
  // Errors: those of open_directory and recover.
  static Result<Store> open(const std::string& directory, Create create, const sys::Clock& clock,
                            sys::Random& random, Terms terms = {});
  // The same for a tree that is prepared already.
  static Result<Store> open(std::unique_ptr<sys::Files> files, const sys::Clock& clock,
                            Terms terms = {});

  [[nodiscard]] sys::Files& files() { return *files_; }
  [[nodiscard]] Index& index() { return *index_; }
  [[nodiscard]] const Recovered& recovered() const { return recovered_; }
  // Empty, or what a person should know about the index.
  [[nodiscard]] const std::string& notice() const { return notice_; }
  // Whether opening found the index damaged and made it again.
  [[nodiscard]] bool has_mended_index() const { return index_is_ == IndexIs::mended; }

  // Whether there is one on disk that could not be used.
  [[nodiscard]] bool has_index_in_memory() const { return index_is_ == IndexIs::in_memory; }
  // Tries that one again, and keeps the one in memory when it is no use yet: false. Errors: those
  // of MayGoOn, and io.
  Result<bool> leave_memory_index(std::chrono::milliseconds patience);

  // Makes the index anew from the files, whatever it said: `offq fsck --repair`. Recovers.
  // After an error there is no index, as with reopen_index().
  Result<> rebuild_index();

  // Opens it again: the file may be another one now. Recovers. After an error there is no index
  // until this or rebuild_index() succeeds.
  Result<> reopen_index(std::chrono::milliseconds patience = k_patience);

  // Looks at the directory again (another process may have enqueued).
  Result<> refresh();

  // Looks at these files of pending/ only, which came, changed or went (queue/recovery.hpp). True:
  // something in them was not known yet; recovered() says what was done about it.
  Result<bool> take_in(std::span<const std::string> names);

  // The one operation whose id begins or ends with what was typed. Errors: usage when it is no id
  // or fits several (the message names some), not_found.
  Result<Entry> resolve(const std::string& typed);

  // Applies one event to many operations, in groups. An operation in a state where the event makes
  // no sense is skipped and told in `refused`.
  struct Applied {
    std::vector<OperationId> done;
    std::vector<std::pair<OperationId, Error>> refused;
  };
  Result<Applied> apply(const std::vector<Entry>& entries, const Event& event);

 private:
  Store(std::unique_ptr<sys::Files> files, const sys::Clock& clock, Terms terms)
      : files_(std::move(files)),
        clock_(&clock),
        purpose_(terms.purpose),
        may_go_on_(std::move(terms.may_go_on)) {}
  Result<> recover_index(Effects effects);
  Result<> open_index(std::chrono::milliseconds patience);
  Result<> open_disk_index(std::chrono::milliseconds patience);
  Result<> open_memory_index();
  [[nodiscard]] bool cannot_write(Errc code) const;

  std::unique_ptr<sys::Files> files_;
  const sys::Clock* clock_;
  Purpose purpose_;
  MayGoOn may_go_on_;
  Effects effects_ = Effects::all;
  std::unique_ptr<Index> index_;
  Recovered recovered_;
  std::string notice_;
  enum class IndexIs { sound, mended, in_memory } index_is_ = IndexIs::sound;
};

// A position in the state machine, for transition().
Position position_of(const Entry& entry, int default_max_attempts = 4);

}  // namespace core::queue
