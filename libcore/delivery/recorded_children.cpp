// SPDX-License-Identifier: MIT
#include "libcore/delivery/recorded_children.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/process.hpp"
#include "libcore/sys/stray.hpp"
#include "libcore/sys/wait.hpp"

namespace core::delivery {
namespace {

constexpr Duration k_longest{std::chrono::seconds{5}};

struct Record {
  std::string boot;
  sys::ProcessName child;
  sys::ProcessName parent;
};

std::string format_record(const Record& record) {
  codec::JsonObject object;
  object.add("boot", record.boot);
  object.add("process", record.child.number).add("started", record.child.started);
  object.add("parent", record.parent.number).add("parent_started", record.parent.started);
  return std::move(object).text() + "\n";
}

// Of whatever cannot be read the process is nobody.
Record parse_record(std::string_view text) {
  const auto members = codec::parse_flat_object(text);
  if (!members) return {};
  const auto process_of = [&](const char* number, const char* started) -> sys::ProcessName {
    return {.number = codec::small_number_of(*members, number),
            .started = codec::number_of(*members, started)};
  };
  return {.boot = codec::text_of(*members, "boot"),
          .child = process_of("process", "started"),
          .parent = process_of("parent", "parent_started")};
}

bool is_there(const sys::ProcessName& process) {
  return sys::name_of_process(process.number) == process;
}

// Tends them until all are over. One that hangs in the kernel has been killed, and is not waited
// for.
Result<> see_to(std::list<sys::StrayEnd>& ends, const sys::PollSet& wakes,
                const sys::Clock& clock) {
  const Duration longest = clock.since_boot() + k_longest;
  while (true) {
    ends.remove_if([](sys::StrayEnd& end) { return end.tend(); });
    const Duration now = clock.since_boot();
    if (ends.empty() || now >= longest) return {};
    Duration next = longest;
    for (const auto& end : ends)
      next = std::min(next, end.deadline());
    TRY(sys::wait_for(wakes.fd(), POLLIN, std::max(next - now, Duration{})));
  }
}

}  // namespace

Result<sys::Children::Id> RecordedChildren::start(const sys::Command& command) {
  TRY_ASSIGN(const Id id, parts_.children.start(command));
  const int process = parts_.children.process(id);
  const auto recorded = record(process);
  if (recorded) records_[id] = queue::running_path(process);
  if (!recorded && !std::exchange(has_warned_, true)) {
    parts_.warn("what runs cannot be put on record: " + recorded.error().message);
  }
  return id;
}

Result<> RecordedChildren::record(int process) {
  const auto child = sys::name_of_process(process);
  const auto parent = sys::name_of_process(sys::process_id());
  if (!child || !parent) return {};  // it has ended already
  // Each time: somebody may remove it.
  TRY(parts_.files.make_directory(queue::path::k_running));
  return parts_.files.update(
      queue::running_path(process), [&](const std::string& /*before*/) -> Result<std::string> {
        return format_record({.boot = parts_.clock.boot_id(), .child = *child, .parent = *parent});
      });
}

std::optional<sys::Ended> RecordedChildren::ended(Id id) {
  auto how = parts_.children.ended(id);
  if (!how) return how;
  if (const auto record = records_.extract(id); !record.empty()) {
    // One that stays is of a process that is gone.
    static_cast<void>(parts_.files.remove(record.mapped()));
  }
  return how;
}

Result<std::size_t> end_strays(sys::Files& files, const sys::Clock& clock) {
  std::vector<std::string> paths;
  TRY(files.list(queue::path::k_running, [&](const sys::DirectoryEntry& entry) {
    paths.push_back(queue::running_path(entry.name));
  }));
  if (paths.empty()) return 0;
  TRY_ASSIGN(auto wakes, sys::PollSet::create());
  std::list<sys::StrayEnd> ends;
  const auto boot = clock.boot_id();
  std::vector<std::string> done;
  for (const auto& path : paths) {
    const auto text = sys::read_file(files, path, sys::Files::k_update_limit);
    const Record record = text && *text ? parse_record(**text) : Record{};
    const bool is_of_now = record.boot == boot;
    if (is_of_now && is_there(record.parent)) continue;
    done.push_back(path);
    auto stray = is_of_now ? sys::Stray::find(record.child) : std::nullopt;
    if (stray) ends.emplace_back(*std::move(stray), wakes, clock);
  }
  const std::size_t count = ends.size();
  TRY(see_to(ends, wakes, clock));
  for (const auto& path : done) {
    // What is no file is none of ours.
    static_cast<void>(files.remove(path));
  }
  return count - ends.size();
}

}  // namespace core::delivery
