// SPDX-License-Identifier: MIT
#include "tools/netwatch/ask_daemon.hpp"

#include <algorithm>
#include <chrono>

#include <poll.h>

#include "libcore/netstate/news.hpp"
#include "libcore/netstate/reports.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/finding.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Document;

// More than a daemon takes for three rounds.
constexpr Duration k_patience = std::chrono::seconds{15};
// One that has not even heard by then stands still.
constexpr Duration k_time_to_hear = std::chrono::seconds{1};
constexpr Duration k_blind = std::chrono::milliseconds{100};

Result<bool> has_daemon(const core::sys::Files& files) {
  return files.is_being_written(path::k_netwatch_lock);
}

// Whether it says what was so at that time or later. What the ladder settles nobody is asked for.
bool is_of(const Document& document, Time since) {
  switch (document.line.reason) {
    case netstate::Reason::no_link:
    case netstate::Reason::no_addr:
    case netstate::Reason::no_route:
    case netstate::Reason::not_probed:
      return true;
    default:
      return document.looked_at && *document.looked_at >= since;
  }
}

}  // namespace

Result<std::optional<Document>> ask_daemon(Context& context, core::sys::Files& files, Time begin,
                                           Time since) {
  TRY_ASSIGN(bool is_there, has_daemon(files));
  if (!is_there) return std::nullopt;
  TRY_ASSIGN(auto news, netstate::News::of(files.root(), {}));
  TRY_ASSIGN(const auto question, netstate::ask_to_look(files, {.since = since}));
  const Duration asked = context.clock.since_boot();
  bool is_heard = false;
  while (true) {
    auto document = load_document(files);
    if (document && document->at >= begin && is_of(*document, since)) return document;
    const Duration waited = context.clock.since_boot() - asked;
    if (waited >= k_patience) {
      return core::fail(Errc::later, "check: the daemon does not answer");
    }
    if (!is_heard && waited >= k_time_to_hear) {
      TRY_ASSIGN(const bool is_untaken, netstate::is_untaken(files, question));
      if (is_untaken) {
        context.warn("the daemon stands still: looking without it");
        return std::nullopt;
      }
      is_heard = true;
    }
    const Duration left = (is_heard ? k_patience : k_time_to_hear) - waited;
    TRY(core::sys::wait_for(news.fd(), POLLIN, news.is_blind() ? std::min(left, k_blind) : left));
    TRY_ASSIGN(const auto changes, news.take());
    if (changes.is_gone) return core::fail(Errc::not_found, "check: the queue is gone");
    if (!changes.released) continue;
    TRY_ASSIGN(is_there, has_daemon(files));
    if (!is_there) return std::nullopt;
  }
}

}  // namespace netwatch
