// SPDX-License-Identifier: MIT
#include "libcore/sys/directory_events.hpp"

#include <array>
#include <cerrno>
#include <cstddef>

#include <sys/inotify.h>
#include <unistd.h>

namespace core::sys {
namespace {

std::uint32_t mask_of(Notice notice) {
  const auto wanted = static_cast<std::uint32_t>(notice);
  const auto has = [wanted](Notice one) { return (wanted & static_cast<std::uint32_t>(one)) != 0; };
  std::uint32_t mask = IN_ONLYDIR | IN_MASK_ADD | IN_DELETE_SELF | IN_MOVE_SELF;
  if (has(Notice::arrivals)) mask |= IN_MOVED_TO | IN_CLOSE_WRITE;
  if (has(Notice::departures)) mask |= IN_DELETE;
  if (has(Notice::moves_away)) mask |= IN_MOVED_FROM;
  if (has(Notice::attributes)) mask |= IN_ATTRIB;
  if (has(Notice::folders)) mask |= IN_CREATE | IN_MOVED_TO;
  return mask;
}

DirectoryEvent event_of(const inotify_event& raw) {
  DirectoryEvent event{.directory = raw.wd, .name = {}};
  if ((raw.mask & IN_Q_OVERFLOW) != 0) {
    event.kind = DirectoryEvent::Kind::lost;
  } else if ((raw.mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) {
    event.kind = DirectoryEvent::Kind::gone;
  } else if (raw.len > 0) {
    event.name = &raw.name[0];  // padded with NULs
    if ((raw.mask & IN_DELETE) != 0) event.notice = Notice::departures;
    if ((raw.mask & IN_MOVED_FROM) != 0) event.notice = Notice::moves_away;
    if ((raw.mask & IN_ATTRIB) != 0) event.notice = Notice::attributes;
    if ((raw.mask & IN_CREATE) != 0) event.notice = Notice::folders;
  }
  return event;
}

}  // namespace

DirectoryEvents DirectoryEvents::open() {
  return DirectoryEvents(Fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)));
}

Result<int> DirectoryEvents::add(const std::string& directory, Notice notice) {
  if (!is_open()) return -1;
  const int watched = ::inotify_add_watch(fd_.get(), directory.c_str(), mask_of(notice));
  if (watched >= 0) return watched;
  if (errno == ENOSPC || errno == ENOMEM) return -1;
  if (errno == ENOENT || errno == ENOTDIR) {
    return fail(Errc::not_found, "watch: " + directory + ": no such directory");
  }
  return io_error("watch", directory, errno);
}

void DirectoryEvents::remove(int directory) {
  if (directory >= 0) ::inotify_rm_watch(fd_.get(), directory);
}

Result<> DirectoryEvents::take(const std::function<void(const DirectoryEvent&)>& visit) {
  alignas(inotify_event) std::array<char, 65536> buffer;
  while (is_open()) {
    const auto size = ::read(fd_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EAGAIN) return {};
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return io_error("watch", "inotify", errno);
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto* raw = reinterpret_cast<const inotify_event*>(buffer.data() + at);  // NOLINT
      at += sizeof(inotify_event) + raw->len;
      const DirectoryEvent event = event_of(*raw);
      const bool is_of_directory_itself =
          event.kind == DirectoryEvent::Kind::entry && event.name.empty();
      // A file that is made is told when it has been written.
      const bool is_empty_file = (raw->mask & (IN_CREATE | IN_ISDIR)) == IN_CREATE;
      if (!is_of_directory_itself && !is_empty_file) visit(event);
    }
  }
  return {};
}

}  // namespace core::sys
