// SPDX-License-Identifier: MIT
#include "libcore/queue/usage.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/ledger.hpp"

namespace core::queue {
namespace {

// Beyond this batches are not noted as open: the file has a limit.
constexpr std::size_t k_open_text = 2048;

struct Usage {
  Amount pending;
  Ulid last;
  std::string boot;  // in which the numbers were given out
  Serial serial;     // the last one; series 0: none yet
  std::map<Ulid, SerialSet> open;
};

// "ULID:1-17,19 ULID:20"
std::map<Ulid, SerialSet> parse_open(std::uint64_t series, std::string_view text) {
  std::map<Ulid, SerialSet> open;
  for (const auto item : split(text, ' ')) {
    const auto colon = item.find(':');
    const auto stem = Ulid::parse(item.substr(0, colon));
    SerialSet serials;
    if (colon == std::string_view::npos || !stem) continue;
    if (serials.parse_into(series, item.substr(colon + 1))) open.emplace(*stem, serials);
  }
  return open;
}

std::string format_open(const Usage& usage) {
  std::string text;
  for (const auto& [stem, serials] : usage.open) {
    const std::string item = fmt::format("{}{}:{}", text.empty() ? "" : " ", stem.text(),
                                         serials.text(usage.serial.series));
    if (text.size() + item.size() <= k_open_text) text += item;
  }
  return text;
}

std::optional<Usage> parse_usage(const std::string& text) {
  const auto members = codec::parse_flat_object(text);
  if (!members) return std::nullopt;
  const auto member = [&](const char* name) {
    const auto found = members->find(name);
    return found == members->end() ? std::string{} : found->second;
  };
  const auto ops = parse_unsigned(member("ops"));
  const auto bytes = parse_unsigned(member("bytes"));
  const auto last = Ulid::parse(member("last"));
  if (!ops || !bytes || !last) return std::nullopt;
  Usage usage{.pending = {.ops = *ops, .bytes = *bytes},
              .last = *last,
              .boot = member("boot"),
              .serial = Serial::parse(member("seq")).value_or(Serial{}),
              .open = {}};
  usage.open = parse_open(usage.serial.series, member("open"));
  return usage;
}

std::string format_usage(const Usage& usage) {
  codec::JsonObject object;
  object.add("ops", usage.pending.ops)
      .add("bytes", usage.pending.bytes)
      .add("last", usage.last.text());
  if (usage.serial.series != 0) {
    object.add("seq", usage.serial.text()).add("boot", usage.boot);
  }
  if (!usage.open.empty()) object.add("open", format_open(usage));
  return object.text() + "\n";
}

std::uint64_t count_lines(const sys::Files& files, const std::string& path) {
  constexpr std::size_t k_chunk = 1U << 20U;
  const auto fd = files.open(path);
  if (!fd || !fd->is_open()) return 0;
  std::uint64_t lines = 0;
  while (true) {
    const auto chunk = sys::read_up_to(fd->get(), k_chunk, path);
    if (!chunk || chunk->empty()) return lines;
    lines += static_cast<std::uint64_t>(std::ranges::count(*chunk, '\n'));
  }
}

// The slow way, when the counter is missing or damaged.
Result<Usage> count_directory(const sys::Files& files) {
  Usage usage;
  std::vector<std::string> batches;
  TRY(files.list(folder(State::pending), [&](const sys::DirectoryEntry& entry) {
    const auto name = FileName::parse(entry.name);
    if (!name) return;
    usage.last = std::max(usage.last, name->stem);
    const std::string path = path_of(State::pending, *name);
    const auto status = files.status(path);
    if (status && *status) usage.pending.bytes += (**status).size;
    if (name->kind == FileName::Kind::single) ++usage.pending.ops;
    if (name->kind == FileName::Kind::batch) batches.push_back(path);
  }));
  for (const auto& path : batches)
    usage.pending.ops += count_lines(files, path);
  return usage;
}

Result<> update(sys::Files& files, const std::function<Result<>(Usage&)>& change) {
  return files.update(path::k_usage, [&](const std::string& text) -> Result<std::string> {
    auto usage = parse_usage(text);
    if (!usage) {
      TRY_ASSIGN(usage, count_directory(files));
    }
    TRY(change(*usage));
    return format_usage(*usage);
  });
}

Ulid next_stem(Usage& usage, const Ulid& fresh) {
  usage.last = fresh > usage.last ? fresh : usage.last.successor();
  return usage.last;
}

std::uint64_t milliseconds(Time time) {
  using std::chrono::milliseconds;
  const auto since = std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0));
}

// Not durable, and no failure of the enqueue: without it, `offq verify` names a gap.
void note(sys::Files& files, Fate fate, const SerialSet& serials, Time now) {
  [[maybe_unused]] const auto noted = note_in_ledger(files, fate, serials, now, sys::Sync::no);
}

// Numbers that nothing was written with, where nobody has taken one after them.
bool give_back(Usage& usage, const SerialRange& range) {
  if (usage.serial != Serial{.series = range.series, .number = range.last}) return false;
  usage.serial.number = range.first - 1;
  return true;
}

// Gives numbers out, and knows what to tell the ledger when the last series is not continued.
class Numberer {
 public:
  explicit Numberer(const sys::Clock& clock) : now_(clock.now()), boot_(clock.boot_id()) {}

  SerialRange take(Usage& usage, std::uint64_t count) {
    if (usage.serial.series == 0 || usage.boot != boot_) begin_series(usage);
    const auto before = usage.serial.number;
    usage.serial.number += count;
    return {.series = usage.serial.series, .first = before + 1, .last = usage.serial.number};
  }

  // After the update.
  void note_end(sys::Files& files) const { note(files, Fate::given, SerialSet(ended_), now_); }

 private:
  // What an earlier boot wrote last may have been lost in a power cut: numbers after those that are
  // known may have been given out.
  void begin_series(Usage& usage) {
    const auto& [series, number] = usage.serial;
    ended_ = {.series = series, .first = 1, .last = number};
    // Later than every series that is known, also when the clock was set back.
    const auto now = milliseconds(now_);
    const auto newest = milliseconds(usage.last.time());
    const auto fresh = newest > now ? newest + 1 : std::max<std::uint64_t>(now, 1);
    usage.serial = {.series = std::max(fresh, series + 1), .number = 0};
    usage.boot = boot_;
    usage.open.clear();
  }

  Time now_;
  std::string boot_;
  SerialRange ended_;
};

Result<> add_within(const Limits& limits, const Amount& more, const std::string& root,
                    Amount& pending) {
  if (pending.ops + more.ops > limits.max_ops) {
    return fail(Errc::full, fmt::format("enqueue: {}: the queue is full: {} pending, limit {} "
                                        "(queue.max_ops)",
                                        root, pending.ops, limits.max_ops));
  }
  if (pending.bytes + more.bytes > limits.max_size.value) {
    return fail(Errc::full,
                fmt::format("enqueue: {}: the queue is full: {} pending, {} more would pass the "
                            "limit of {} (queue.max_size)",
                            root, format_size({pending.bytes}), format_size({more.bytes}),
                            format_size(limits.max_size)));
  }
  pending.ops += more.ops;
  pending.bytes += more.bytes;
  return {};
}

}  // namespace

Result<Ulid> take_stem(sys::Files& files, const sys::Clock& clock, sys::Random& random) {
  const Ulid fresh = make_ulid(clock, random);
  Ulid taken;
  TRY(update(files, [&](Usage& usage) -> Result<> {
    taken = next_stem(usage, fresh);
    return {};
  }));
  return taken;
}

Result<SerialRange> take_serials(sys::Files& files, const sys::Clock& clock, const Ulid& stem,
                                 std::uint64_t count) {
  Numberer numberer(clock);
  SerialRange taken;
  TRY(update(files, [&](Usage& usage) -> Result<> {
    taken = numberer.take(usage, count);
    usage.open[stem].add(taken);
    return {};
  }));
  numberer.note_end(files);
  return taken;
}

Result<> count_in(sys::Files& files, const sys::Clock& clock, const Ulid& stem, const Amount& more,
                  const SerialRange& unused, const Limits& limits) {
  SerialSet left_over;
  const auto counted = update(files, [&](Usage& usage) -> Result<> {
    TRY(add_within(limits, more, files.root(), usage.pending));
    usage.open.erase(stem);
    if (unused.count() > 0 && !give_back(usage, unused)) left_over.add(unused);
    return {};
  });
  TRY(counted);
  note(files, Fate::unprinted, left_over, clock.now());
  return {};
}

Result<> give_up_serials(sys::Files& files, const sys::Clock& clock, const Ulid& stem,
                         const SerialSet& in_use) {
  SerialSet open;
  TRY(update(files, [&](Usage& usage) -> Result<> {
    const auto found = usage.open.find(stem);
    if (found == usage.open.end()) return {};
    open = std::move(found->second);
    usage.open.erase(found);
    return {};
  }));
  note(files, Fate::unprinted, open.without(in_use), clock.now());
  return {};
}

Result<> check_room(const sys::Files& files, const Amount& more, const Limits& limits) {
  TRY_ASSIGN(const auto counted, load_usage(files));
  Amount pending = counted.value_or(Amount{});
  return add_within(limits, more, files.root(), pending);
}

Result<Admission> admit(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                        const Amount& more, const Limits& limits) {
  const Ulid fresh = make_ulid(clock, random);
  Numberer numberer(clock);
  Admission taken;
  const auto admitted = update(files, [&](Usage& usage) -> Result<> {
    TRY(add_within(limits, more, files.root(), usage.pending));
    taken.stem = next_stem(usage, fresh);
    const auto range = numberer.take(usage, 1);
    taken.serial = {.series = range.series, .number = range.last};
    return {};
  });
  TRY(admitted);
  numberer.note_end(files);
  return taken;
}

Result<> count_out(sys::Files& files, const sys::Clock& clock, const Amount& less,
                   const SerialSet& serials) {
  note(files, Fate::unprinted, serials, clock.now());
  return update(files, [&](Usage& usage) -> Result<> {
    usage.pending.ops -= std::min(usage.pending.ops, less.ops);
    usage.pending.bytes -= std::min(usage.pending.bytes, less.bytes);
    return {};
  });
}

Result<> count_moves(sys::Files& files, const Amount& less, const Amount& more) {
  return update(files, [&](Usage& usage) -> Result<> {
    auto& [ops, bytes] = usage.pending;
    ops = ops + more.ops - std::min(ops + more.ops, less.ops);
    bytes = bytes + more.bytes - std::min(bytes + more.bytes, less.bytes);
    return {};
  });
}

Result<Numbering> load_numbering(const sys::Files& files) {
  constexpr ByteCount k_limit{4096};
  TRY_ASSIGN(const auto text, sys::read_file(files, path::k_usage, k_limit));
  const auto usage = text ? parse_usage(*text) : std::nullopt;
  Numbering numbering;
  if (!usage) return numbering;
  numbering.given = {.series = usage->serial.series, .first = 1, .last = usage->serial.number};
  numbering.open = usage->open;
  return numbering;
}

Result<std::optional<Amount>> load_usage(const sys::Files& files) {
  constexpr ByteCount k_limit{4096};
  TRY_ASSIGN(const auto text, sys::read_file(files, path::k_usage, k_limit));
  const auto usage = text ? parse_usage(*text) : std::nullopt;
  return usage ? std::optional(usage->pending) : std::nullopt;
}

Result<> set_usage(sys::Files& files, const Amount& pending) {
  return update(files, [&](Usage& usage) -> Result<> {
    usage.pending = pending;
    return {};
  });
}

}  // namespace core::queue
