// SPDX-License-Identifier: MIT
#include "libcore/queue/series_end.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "libcore/codec/envelope.hpp"
#include "libcore/queue/operation_lines.hpp"

namespace core::queue {
namespace {

struct Candidate {
  State state = State::pending;
  FileName name;
};

class Search {
 public:
  Search(const sys::Files& files, const KnownEnd& known) : files_(files), known_(known) {}

  Result<SeriesEnd> run() {
    for (const State state : k_states)
      TRY(note_names(state));
    for (const auto& batch : batches_)
      read(batch);
    std::ranges::sort(singles_, std::greater{},
                      [](const auto& single) { return single.name.stem; });
    for (const auto& single : singles_) {
      if (read(single)) break;
    }
    return end_;
  }

 private:
  Result<> note_names(State state) {
    return files_.list(folder(state), [this, state](const sys::DirectoryEntry& entry) {
      const auto name = FileName::parse(entry.name);
      if (!name || name->line != 0) return;
      const bool is_batch = name->kind == FileName::Kind::batch;
      const bool is_news = !known_.stem || name->stem > *known_.stem;
      if (!is_news && !(is_batch && known_.open.contains(name->stem))) return;
      (is_batch ? batches_ : singles_).push_back({.state = state, .name = *name});
    });
  }

  // Whether it has a number.
  bool read(const Candidate& candidate) {
    const auto& [state, name] = candidate;
    const bool is_open = known_.open.contains(name.stem);
    bool has_number = false;
    [[maybe_unused]] const auto read_all =
        each_operation(files_, state, name, [&](std::string_view line, const OperationId& id) {
          if (!codec::is_sealed(line)) return;
          const auto serial = codec::leading_serial(line, id);
          if (!serial) return;
          has_number = true;
          end_.newest = std::max(end_.newest, name.stem);
          end_.last = std::max(end_.last, *serial);
          if (is_open) end_.in_use.add(*serial);
        });
    return has_number;
  }

  const sys::Files& files_;
  const KnownEnd& known_;
  std::vector<Candidate> singles_;
  std::vector<Candidate> batches_;
  SeriesEnd end_;
};

}  // namespace

Result<SeriesEnd> find_series_end(const sys::Files& files, const KnownEnd& known) {
  return Search(files, known).run();
}

}  // namespace core::queue
