// SPDX-License-Identifier: MIT
#include "libcore/queue/watch.hpp"

#include <string_view>
#include <utility>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/paths.hpp"

namespace core::queue {
namespace {

using sys::DirectoryEvent;
using sys::Notice;

// More names than this are not worth being looked at one by one.
constexpr std::size_t k_most_names = 50'000;

bool is_named(std::string_view name, std::string_view path) {
  return path.substr(path.rfind('/') + 1) == name;
}

}  // namespace

void Changes::add(Changes&& more) {
  pending.merge(more.pending);
  elsewhere |= more.elsewhere;
  network |= more.network;
  settings |= more.settings;
  lock |= more.lock;
  index_is_gone |= more.index_is_gone;
  anything |= more.anything || pending.size() > k_most_names;
  if (anything) pending.clear();
}

Result<Watch> Watch::on(const std::string& queue_directory,
                        std::span<const std::string> settings_files) {
  Watch watch(queue_directory);
  TRY(watch.add_queue());
  TRY(watch.add_folders());
  const auto netwatch =
      watch.events_.add(sys::join_path(queue_directory, path::k_netwatch),
                        Notice::arrivals | Notice::departures | Notice::moves_away);
  if (netwatch) watch.netwatch_ = *netwatch;
  watch.settings_ = sys::NamedFiles(settings_files);
  watch.settings_.watch(watch.events_);
  return watch;
}

Result<> Watch::add_queue() {
  TRY_ASSIGN(queue_,
             events_.add(root_, Notice::arrivals | Notice::departures | Notice::moves_away));
  return {};
}

// Moves out of pending/ are not told: nearly all of them are our own, and what a person moves away
// is missed when it is to be sent.
Result<> Watch::add_folders() {
  pending_ = failed_ = -1;
  is_blind_ = queue_ < 0;
  const auto add = [this](State state, Notice notice) -> Result<int> {
    TRY_ASSIGN(const int watched, events_.add(sys::join_path(root_, folder(state)), notice));
    is_blind_ |= watched < 0;
    return watched;
  };
  TRY_ASSIGN(pending_,
             add(State::pending, Notice::arrivals | Notice::departures | Notice::attributes));
  TRY_ASSIGN(failed_, add(State::failed, Notice::arrivals | Notice::departures));
  return {};
}

Result<bool> Watch::add_refused() {
  if (queue_ < 0) {
    TRY(add_queue());
    settings_.watch(events_);
  }
  if (!add_folders()) has_lost_folder_ = true;
  return !is_blind_;
}

Result<Changes> Watch::take() {
  Changes changes;
  TRY(events_.take([&](const DirectoryEvent& event) {
    note(event, changes);
    changes.settings |= settings_.take(events_, event);
  }));
  if (is_gone_) return fail(Errc::not_found, "queue: " + root_ + ": it was moved or removed");
  if (std::exchange(has_lost_folder_, false)) {
    events_.remove(pending_);
    events_.remove(failed_);
    // One that is still missing is made again by the next look at everything.
    if (!add_folders()) has_lost_folder_ = true;
    changes.anything = true;
  } else if (is_blind_) {
    TRY_ASSIGN(const bool is_all, add_refused());
    changes.anything |= is_all;
  }
  return changes;
}

void Watch::note(const DirectoryEvent& event, Changes& changes) {
  if (event.kind == DirectoryEvent::Kind::lost) {
    changes.add({.anything = true});
    return;
  }
  if (event.kind == DirectoryEvent::Kind::gone) return note_loss(event.directory);
  if (event.directory == pending_) {
    if (!changes.anything) changes.pending.emplace(event.name);
  } else if (event.directory == failed_) {
    changes.elsewhere = true;
  }
  if (event.directory == queue_ && event.name == path::k_network) changes.network = true;
  if (event.directory == netwatch_) {
    // A lock ends when its file is closed, which is told, for it was open for writing.
    changes.network |=
        is_named(event.name, path::k_netwatch_mode) || is_named(event.name, path::k_netwatch_lock);
  }
  if (event.directory == queue_ && event.name == path::k_lock) changes.lock = true;
  // Every process that has used the index closes it: only its end is news.
  if (event.directory == queue_ && event.name == path::k_index &&
      event.notice != Notice::arrivals) {
    changes.index_is_gone = true;
  }
}

void Watch::note_loss(int directory) {
  if (directory == queue_) is_gone_ = true;
  if (directory == pending_ || directory == failed_) has_lost_folder_ = true;
}

}  // namespace core::queue
