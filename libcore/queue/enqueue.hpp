// SPDX-License-Identifier: MIT
#pragma once

// Enqueuer: the durable way into the queue. When a member returns ids, the operations survive
// kill -9 and power loss; when it returns an error, nothing of them is left. It opens no database.
//
// The protocol, one file for an operation or for a whole batch:
//   1. take a stem and serial numbers, and count the operations in (usage.json)
//   2. write tmp/<name>.<pid>, locked, sealed, and fsync it
//   3. rename it into pending/, replacing nothing
//   4. fsync pending/
// A crash before 3 leaves a file in tmp/ that recovery promotes if it is whole, and drops if not;
// its id was never told to anybody. With a key: 0. lock keys/, apply the policy, point the key at
// the new id; 5. give up the older operation. A crash before 5 leaves two pending operations of one
// key, of which recovery keeps the newer.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/queue/keys.hpp"
#include "libcore/queue/usage.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::queue {

// What happens when an operation of the same type and key is pending.
enum class IfPending { replace, keep, error };

struct Enqueued {
  OperationId id;
  enum class How { added, kept } how = How::added;  // kept: the id is the older operation's
};

class Enqueuer {
 public:
  Enqueuer(sys::Files& files, const sys::Clock& clock, sys::Random& random, Limits limits,
           IfPending if_pending = IfPending::replace);

  // One operation. `draft.id` and `draft.created_at` are set here.
  // Errors: full, io, denied; later when IfPending::error finds one pending; usage for a draft that
  // breaks the rules (codec::check_draft), whose file nobody would read again.
  Result<Enqueued> add(codec::Envelope draft);

  // One batch file with constant memory: `next` gives drafts until nullopt; its error ends the
  // batch and nothing is queued. Returns one entry for each draft, in order.
  Result<std::vector<Enqueued>> add_batch(
      const std::function<Result<std::optional<codec::Envelope>>()>& next);

 private:
  struct Admitted;
  struct Replaced;
  class Batch;
  void stamp(codec::Envelope& draft, const OperationId& id) const;
  Result<> write(const FileName& name, const std::function<Result<std::string_view>()>& next);
  Result<> publish(const FileName& name, const std::string& temporary);
  Result<std::optional<KeyHolder>> older_of(const codec::Envelope& draft) const;
  Result<Admitted> admit(codec::Envelope& draft);
  Result<Enqueued> add_admitted(codec::Envelope draft, const Admitted& admitted);
  Result<Enqueued> add_keyed(codec::Envelope draft);
  Result<> take_back(const Admitted& admitted);
  void give_up_replaced(const std::vector<Replaced>& replaced);
  Result<> try_give_up(const std::vector<Replaced>& replaced);

  sys::Files& files_;
  const sys::Clock& clock_;
  sys::Random& random_;
  Limits limits_;
  IfPending if_pending_;
};

}  // namespace core::queue

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::queue::IfPending>{
    "replace", "keep", "error"};
