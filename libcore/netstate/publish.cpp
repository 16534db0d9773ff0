// SPDX-License-Identifier: MIT
#include "libcore/netstate/publish.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/queue/layout.hpp"

namespace core::netstate {
namespace {

namespace path = queue::path;

constexpr ByteCount k_line_limit{4096};
constexpr ByteCount k_document_limit{1U << 20U};
constexpr std::uint64_t k_longest_log = 1U << 20U;
// Between two runs of cron the state is not known, and yet the same.
constexpr Duration k_longest_gap = std::chrono::hours{1};
constexpr Duration k_mode_holds = std::chrono::hours{24};

// nullopt also for what is too long to be one of ours: it is about to be replaced.
Result<std::optional<std::string>> read_own(const sys::Files& files, const std::string& path,
                                            ByteCount limit) {
  auto text = sys::read_file(files, path, limit);
  if (!text && text.error().code == Errc::corrupt) return std::nullopt;
  return text;
}

bool is_same_generation(const Published& a, const Published& b) {
  return a.state == b.state && a.mode == b.mode && a.reason == b.reason &&
         a.interface == b.interface && a.metered == b.metered;
}

// Of a document whose line was never written, because its writer died between the two.
std::uint64_t generation_of(const std::string& document) {
  const auto members = codec::parse_flat_object(document);
  if (!members) return 0;
  const auto found = members->find("generation");
  return found == members->end() ? 0 : parse_unsigned(found->second).value_or(0);
}

}  // namespace

Result<sys::Fd> Publisher::take_turn() {
  TRY(files_.make_directory(path::k_netwatch));
  return files_.lock(path::k_netwatch_publish, sys::Wait::yes);
}

Result<Publisher::Before> Publisher::before() const {
  Before before;
  TRY_ASSIGN(const auto status, files_.status(path::k_network));
  if (status) before.modified = status->modified;
  TRY_ASSIGN(const auto text, read_own(files_, path::k_network, k_line_limit));
  if (text) {
    if (auto line = parse_published(*text)) before.line = *std::move(line);
  }
  TRY_ASSIGN(const auto document, read_own(files_, path::k_network_document, k_document_limit));
  before.generation =
      std::max(before.line ? before.line->generation : 0, document ? generation_of(*document) : 0);
  return before;
}

Result<Published> Publisher::publish(Published found, const Describe& describe) {
  TRY_ASSIGN(const sys::Fd turn, take_turn());
  TRY_ASSIGN(auto before, this->before());
  if (before.line && before.line->state == found.state && before.line->since < found.since &&
      found.since - before.line->valid_until <= k_longest_gap) {
    found.since = before.line->since;
  }
  before.modified.reset();
  TRY(write(before, found, describe));
  return found;
}

Result<Published> Publisher::publish_mode(const SetMode& mode, const Describe& describe) {
  TRY_ASSIGN(const sys::Fd turn, take_turn());
  TRY_ASSIGN(const auto before, this->before());
  const Time now = clock_.now();
  Published line = before.line.value_or(
      Published{.state = {}, .since = now, .valid_until = now + k_mode_holds, .interface = {}});
  line.mode = mode.mode;
  line.mode_by_itself = line.state ? mode.by_itself : std::nullopt;
  line.mode_until = mode.until;
  TRY(write(before, line, describe));
  return line;
}

Result<> Publisher::write(const Before& before, Published& line, const Describe& describe) {
  const bool is_new = !before.line || !is_same_generation(*before.line, line);
  line.generation = is_new ? before.generation + 1 : before.line->generation;
  const auto previous = before.line ? before.line->state : std::nullopt;
  const auto texts = describe(line, previous);
  TRY(replace(path::k_network_document, texts.document, {}));
  if (is_new) {
    TRY(append_bounded(files_, path::k_netwatch_history, path::k_netwatch_history_old,
                       texts.history));
  }
  return replace(path::k_network, format_published(line), before.modified);
}

Result<> Publisher::replace(const std::string& path, const std::string& text,
                            std::optional<Time> modified) {
  TRY(files_.remove(path::k_netwatch_new_line));
  TRY(files_.append(path::k_netwatch_new_line, text, sys::Sync::no));
  if (modified) TRY(files_.set_modified(path::k_netwatch_new_line, *modified));
  return sys::put_in_place(files_, path::k_netwatch_new_line, path);
}

Result<> append_bounded(sys::Files& files, const std::string& path, const std::string& old_path,
                        const std::string& line) {
  TRY_ASSIGN(const auto status, files.status(path));
  if (status && status->size + line.size() > k_longest_log) {
    TRY(files.rename(path, old_path, sys::Replace::yes));
  }
  return files.append(path, line, sys::Sync::no);
}

}  // namespace core::netstate
