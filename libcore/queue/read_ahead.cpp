// SPDX-License-Identifier: MIT
#include "libcore/queue/read_ahead.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "libcore/queue/operation.hpp"

namespace core::queue {
namespace {

// Few enough to be held in memory, and enough to be worth a thread.
constexpr std::size_t k_chunk = 1024;

Result<std::optional<sys::FileStatus>> status_of(const sys::Fd& fd, const std::string& path) {
  TRY_ASSIGN(const auto status, sys::status_of(fd, path));
  return status;
}

}  // namespace

FoundFile ReadAhead::find(std::string_view name) const {
  FoundFile found{.name = FileName::parse(name), .status = {}, .operation = {}};
  const std::string path = path_in(state_, name);
  // Opened before it is looked at: that is one path less to walk.
  const auto fd = files_.open(path);
  if (fd && !fd->is_open()) return found;
  found.status = fd ? status_of(*fd, path) : files_.status(path);  // a link, or not ours to read
  const bool is_single = found.name && found.name->kind == FileName::Kind::single;
  if (!is_single || !found.status || !*found.status) return found;
  const sys::FileStatus& status = **found.status;
  if (status.kind == sys::FileKind::regular) {
    found.operation = fd ? load_entry(*fd, status, {.state = state_, .file = *found.name}, clock_)
                         : Result<Entry>(tl::unexpected<Error>(fd.error()));
  }
  return found;
}

ReadAhead::ReadAhead(const sys::Files& files, const sys::Clock& clock, State state,
                     const NameList& names, const std::vector<std::size_t>& wanted)
    : files_(files), clock_(clock), state_(state), names_(names), wanted_(wanted) {
  if (!wanted.empty()) ahead_ = start(0);
}

FoundFile ReadAhead::next() {
  const std::size_t at = given_++ % k_chunk;
  if (at == 0) {
    chunk_ = ahead_.get();
    if (given_ - 1 + k_chunk < wanted_.size()) ahead_ = start(given_ - 1 + k_chunk);
  }
  return std::move(chunk_[at]);
}

std::future<ReadAhead::Chunk> ReadAhead::start(std::size_t from) const {
  const std::size_t to = std::min(from + k_chunk, wanted_.size());
  // Where no thread can be had, or it is not worth one, the work is done when it is asked for.
  const auto when =
      wanted_.size() > k_chunk ? std::launch::async | std::launch::deferred : std::launch::deferred;
  return std::async(when, [this, from, to] {
    Chunk chunk;
    chunk.reserve(to - from);
    for (std::size_t i = from; i < to; ++i)
      chunk.push_back(find(names_.name(wanted_[i])));
    return chunk;
  });
}

}  // namespace core::queue
