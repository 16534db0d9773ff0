// SPDX-License-Identifier: MIT
#pragma once

// What `offq receive` answers: stores requests in an Inbox, after checking that they come from
// whom they should, and misbehaves on purpose when told to. Any thread may call answer().
//
//   201, for GET and HEAD 200   {"id":"01K…","stored":true}; a repeated Idempotency-Key gets the
//                               first answer with "Idempotency-Replayed: true"
//   200   GET /health: {"ok":true}; nothing is stored, no token is needed
//   400   malformed, or a key that is not 1 to 255 printable ASCII characters
//   401   no or the wrong bearer token        403  foreign Host or Origin
//   408   the body came too slowly            413  body over the limit
//   422   the key was used for another request
//   500   the inbox cannot be written         507  the disk is full; nothing was stored

#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/httpd.hpp"
#include "libcore/net/inbox.hpp"
#include "libcore/sys/random.hpp"

namespace core::net {

// Who may talk to the server.
struct Admission {
  ListenAddress address;  // where it listens; on loopback, Host must name it or loopback
  std::string token;      // empty: none is needed
};

// The answer to a request that must not get any further, if it must not: Host against DNS
// rebinding, Origin against web pages, then the token (not for `GET /health`).
std::optional<ServerAnswer> refuse_stranger(const ServerRequest& request,
                                            const Admission& admission);

// Takes the same time wherever the two differ.
bool equals_in_constant_time(std::string_view a, std::string_view b);

// Faults on demand, for tests and demonstrations of the other side.
struct Misbehaviour {
  double fail_rate = 0;              // 503 before anything is stored
  double fail_after_store_rate = 0;  // stored, then the connection is closed without an answer
  std::optional<int> status;         // always this one; stores only for 2xx
  Duration delay{};                  // before every answer
};

class Receiver {
 public:
  // The inbox and the random source must outlive the receiver.
  Receiver(Inbox& inbox, sys::Random& random, Admission admission, Misbehaviour misbehaviour)
      : inbox_(inbox),
        random_(random),
        admission_(std::move(admission)),
        misbehaviour_(misbehaviour) {}

  ServerAnswer answer(const ServerRequest& request, RequestBody& body);

  // What the inbox last failed with, if it has become unusable.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  ServerAnswer accept(const ServerRequest& request, RequestBody& body);
  ServerAnswer answer_to(const Accepted& accepted);
  ServerAnswer failed(const Error& error, const RequestBody& body);

  Inbox& inbox_;
  sys::Random& random_;
  const Admission admission_;
  const Misbehaviour misbehaviour_;
  mutable std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace core::net
