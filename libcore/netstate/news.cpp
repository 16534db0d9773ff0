// SPDX-License-Identifier: MIT
#include "libcore/netstate/news.hpp"

#include <string_view>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/paths.hpp"

namespace core::netstate {
namespace {

namespace path = queue::path;
using Kind = sys::DirectoryEvent::Kind;

bool is_named(std::string_view name, std::string_view path) {
  return path.substr(path.rfind('/') + 1) == name;
}

}  // namespace

Result<News> News::of(const std::string& queue_directory,
                      std::span<const std::string> settings_files) {
  News news(sys::DirectoryEvents::open());
  using sys::Notice;
  TRY_ASSIGN(news.queue_, news.events_.add(queue_directory, Notice::arrivals | Notice::departures));
  TRY_ASSIGN(news.netwatch_,
             news.events_.add(sys::join_path(queue_directory, path::k_netwatch),
                              Notice::arrivals | Notice::departures | Notice::moves_away));
  news.is_blind_ = news.queue_ < 0 || news.netwatch_ < 0;
  news.settings_ = sys::NamedFiles(settings_files);
  news.settings_.watch(news.events_);
  return news;
}

Result<Changes> News::take() {
  Changes changes;
  TRY(events_.take([&](const sys::DirectoryEvent& event) {
    note(event, changes);
    changes.settings |= settings_.take(events_, event);
  }));
  return changes;
}

void News::note(const sys::DirectoryEvent& event, Changes& changes) const {
  if (event.kind == Kind::lost) {
    changes = {.line = true,
               .mode = true,
               .reports = true,
               .ask = false,
               .released = true,
               .settings = true,
               .is_gone = changes.is_gone};
    return;
  }
  if (event.kind == Kind::gone) {
    changes.is_gone |= event.directory == queue_ || event.directory == netwatch_;
    return;
  }
  if (event.directory == queue_) changes.line |= is_named(event.name, path::k_network);
  if (event.directory != netwatch_) return;
  changes.mode |= is_named(event.name, path::k_netwatch_mode);
  changes.reports |= is_named(event.name, path::k_netwatch_reports);
  changes.ask |= is_named(event.name, path::k_netwatch_ask);
  // A lock ends when its file is closed, which is told, for it was open for writing.
  changes.released |= is_named(event.name, path::k_netwatch_lock) ||
                      is_named(event.name, path::k_netwatch_check) ||
                      is_named(event.name, path::k_netwatch_hook_lock);
}

}  // namespace core::netstate
