// SPDX-License-Identifier: MIT
#pragma once

// The inbox of `offq receive`: every request that was accepted, durable before it is answered.
//
//   DIR/inbox.jsonl   one JSON object per line, in order of arrival (codec/inbox_line.hpp);
//                     append-only: a program may read it at any time, the last line may be torn
//   DIR/blobs/SHA256  bodies above 64 KiB and bodies that are not UTF-8, stored once by content
//   DIR/tmp/          bodies being received; emptied at start
//   DIR/lock          held (flock) while a program receives into DIR
//
// A request with an Idempotency-Key is stored once. The same key with the same method, target
// and body gets the first answer again, after a restart too, since keys are read back from
// inbox.jsonl; with anything else it is refused. Keys are never forgotten: each takes some 150
// bytes of memory and its own length, so a million of them some 200 MB; starting over with an
// empty DIR forgets them. Of two that come at once, one is stored and the
// other waits for it.
//
// A crash leaves at most a torn last line, which open() cuts off: nobody was told that it is
// stored. A whole line that cannot be read is left alone and skipped.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/codec/inbox_line.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/net/group_commit.hpp"
#include "libcore/net/http.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::net {

// Gives the pieces of a body until an empty one; a piece is valid until the next call.
using NextPiece = std::function<Result<std::string_view>()>;

struct InboxRequest {
  std::string method;
  std::string target;
  std::vector<HeaderField> headers;
  std::string key;  // of the sender's choice; empty: none
  std::string media_type;
};

// What became of a request, and which line of the inbox answers it.
enum class Acceptance {
  stored,
  replayed,  // stored before, with this key
  conflict,  // the key belongs to another request; nothing stored
};

struct Accepted {
  Acceptance acceptance = Acceptance::stored;
  Ulid id;
  int status = 0;          // that of the first answer
  std::uint64_t size = 0;  // of the body
};

class Inbox {
 public:
  static constexpr std::size_t k_inline_limit = 64UL * 1024;

  // Takes the lock and reads the keys. All three must outlive the inbox. Errors: later when
  // another process receives into this directory, and those of Files.
  static Result<std::unique_ptr<Inbox>> open(sys::Files& files, const sys::Clock& clock,
                                             sys::Random& random);

  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() = default;

  // Reads the body with constant memory and stores the request; durable when this returns.
  // `status` is what it will be answered with, if it is new. Any thread may call. Errors: those
  // of `next`, and full or io of the disk; then nothing is stored.
  Result<Accepted> store(const InboxRequest& request, int status, const NextPiece& next);

  [[nodiscard]] std::uint64_t lines() const { return lines_at_open_; }  // when it was opened
  // Lines that could not be read when the inbox was opened, "inbox.jsonl:7: why"; the first few.
  [[nodiscard]] const std::vector<std::string>& damage() const { return damage_; }
  // How many bytes of a torn last line were cut off.
  [[nodiscard]] std::uint64_t torn() const { return torn_; }

 private:
  // The body of a request on its way into the inbox.
  struct Body {
    std::variant<std::monostate, codec::InboxJson, codec::InboxText, codec::BlobRef> value;
    std::uint64_t size = 0;
    std::string sha256;
    std::string temporary;  // a blob's file, durable but not yet in blobs/
  };
  using Fingerprint = codec::Sha256::Digest;  // of method, target and body
  struct Known {
    Fingerprint fingerprint;
    Ulid id;
    int status = 0;  // 0: being stored right now
  };
  class Claim;

  Inbox(sys::Files& files, const sys::Clock& clock, sys::Random& random, sys::Fd lock);

  Result<> load();
  void remember(std::string_view line, std::uint64_t number);
  Result<Body> receive(const std::string& media_type, const NextPiece& next);
  Result<Body> receive_blob(std::string_view begin, const std::string& media_type,
                            const NextPiece& next);
  static Body inline_body(std::string bytes);
  Result<> publish(const Body& body);
  void discard(const Body& body);
  static Fingerprint fingerprint(std::string_view method, std::string_view target,
                                 std::string_view body_sha256);
  Ulid next_id();

  sys::Files& files_;
  const sys::Clock& clock_;
  sys::Random& random_;
  const sys::Fd lock_;
  GroupCommit commit_;
  std::uint64_t lines_at_open_ = 0;
  std::uint64_t torn_ = 0;
  std::vector<std::string> damage_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable settled_;
  std::unordered_map<std::string, Known> keys_;
  Ulid last_id_;
};

}  // namespace core::net
