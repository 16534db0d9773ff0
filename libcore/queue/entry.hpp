// SPDX-License-Identifier: MIT
#pragma once

// One operation as the index knows it, and where its bytes are.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {

// Where the bytes of an operation are.
struct Place {
  State state = State::pending;
  FileName file;             // a file of its own, or the batch's (which stays in pending/ until
                             // every line is settled, whatever the state of this one)
  std::uint64_t offset = 0;  // in a batch
  std::uint64_t length = 0;  // of the line; of the file when it has its own
};

struct Entry {
  OperationId id;
  Place place;
  std::string type;
  std::string action;
  std::string lane;
  std::string key;
  std::string method;
  std::string url;
  std::int64_t priority = 0;
  bool critical = false;
  Time created_at;
  std::optional<Time> not_before;
  std::optional<Time> expires_at;
  bool on_boot_clock = false;    // the two above count from this boot, not from 1970
  std::optional<Time> retry_at;  // the backoff's end
  int attempts = 0;  // charged, as the name of the file says: without the one that delivered it
  std::optional<int> max_attempts;
  std::uint64_t body_bytes = 0;  // of the payload or the blob
  codec::Reason reason = codec::Reason::none;
  std::optional<Time> settled_at;
  std::vector<OperationId> after;  // filled when adding; not when selecting
  bool wait_after_failure = false;

  [[nodiscard]] State state() const { return place.state; }
  [[nodiscard]] bool is_batch_line() const { return place.file.kind == FileName::Kind::batch; }
};

}  // namespace core::queue
