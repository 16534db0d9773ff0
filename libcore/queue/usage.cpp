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
#include "libcore/queue/series_end.hpp"

namespace core::queue {
namespace {

// Beyond this batches are not noted as open: the file has a limit.
constexpr std::size_t k_open_text = 2048;
// In the place of a boot: the series is not continued, and its last number was looked for.
constexpr const char* k_ended = "-";

struct Usage {
  Amount pending;
  Ulid last;
  std::string boot;  // in which the numbers were given out
  Serial serial;     // the last one; series 0: none yet
  std::map<Ulid, SerialSet> open;
};

// "ULID:1-17,19 ULID:20 ULID:"
std::map<Ulid, SerialSet> parse_open(std::uint64_t series, std::string_view text) {
  std::map<Ulid, SerialSet> open;
  for (const auto item : split(text, ' ')) {
    const auto colon = item.find(':');
    const auto stem = Ulid::parse(item.substr(0, colon));
    SerialSet serials;
    if (colon == std::string_view::npos || !stem) continue;
    const auto numbers = item.substr(colon + 1);
    if (numbers.empty() || serials.parse_into(series, numbers)) open.emplace(*stem, serials);
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
  if (usage.serial.series != 0) object.add("seq", usage.serial.text());
  if (!usage.boot.empty()) object.add("boot", usage.boot);
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
  TRY_ASSIGN(const auto end, find_series_end(files, {}));
  usage.last = std::max(usage.last, end.newest);
  usage.serial = end.last;
  usage.boot = k_ended;
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

// Gives stems and numbers out, and tells the ledger where a series ended that is not continued.
// Each member is called while usage.json is locked.
class Numberer {
 public:
  Numberer(sys::Files& files, const sys::Clock& clock)
      : files_(files), now_(clock.now()), boot_(clock.boot_id()) {}

  Result<Ulid> take_stem(Usage& usage, const Ulid& fresh) {
    // Before the last stem is forgotten: what is newer must be looked at.
    TRY(end_series(usage));
    usage.last = fresh > usage.last ? fresh : usage.last.successor();
    return usage.last;
  }

  Result<SerialRange> take(Usage& usage, std::uint64_t count) {
    TRY(end_series(usage));
    if (usage.serial.series == 0 || usage.boot == k_ended) TRY(begin_series(usage));
    const auto before = usage.serial.number;
    usage.serial.number += count;
    return SerialRange{
        .series = usage.serial.series, .first = before + 1, .last = usage.serial.number};
  }

 private:
  // What an earlier boot wrote last here may have been lost in a power cut: later numbers than are
  // known may have been given out, and their operations are durable.
  Result<> end_series(Usage& usage) {
    if (usage.boot == boot_ || usage.boot == k_ended) return {};
    KnownEnd known{.stem = usage.last, .open = {}};
    SerialSet open;
    for (const auto& [stem, serials] : usage.open) {
      known.open.insert(stem);
      open.add(serials);
    }
    TRY_ASSIGN(const auto end, find_series_end(files_, known));
    // Whoever wrote these died with its boot.
    TRY(note_in_ledger(files_, Fate::unprinted, open.without(end.in_use), now_, sys::Sync::yes));
    usage.open.clear();
    usage.last = std::max(usage.last, end.newest);
    usage.serial = std::max(usage.serial, end.last);
    usage.boot = k_ended;
    return {};
  }

  // Durable before a number of the new series can be printed: once there are operations with such
  // numbers, nobody looks for the end of the old series any more.
  Result<> begin_series(Usage& usage) {
    const auto [series, number] = usage.serial;
    const SerialSet ended({.series = series, .first = 1, .last = number});
    TRY(note_in_ledger(files_, Fate::given, ended, now_, sys::Sync::yes));
    // Later than every series that is known, also when the clock was set back.
    const auto now = milliseconds(now_);
    const auto newest = milliseconds(usage.last.time());
    const auto fresh = newest > now ? newest + 1 : std::max<std::uint64_t>(now, 1);
    usage.serial = {.series = std::max(fresh, series + 1), .number = 0};
    usage.boot = boot_;
    return {};
  }

  sys::Files& files_;
  Time now_;
  std::string boot_;
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
  Numberer numberer(files, clock);
  Ulid taken;
  TRY(update(files, [&](Usage& usage) -> Result<> {
    TRY_ASSIGN(taken, numberer.take_stem(usage, fresh));
    usage.open[taken];
    return {};
  }));
  return taken;
}

Result<SerialRange> take_serials(sys::Files& files, const sys::Clock& clock, const Ulid& stem,
                                 std::uint64_t count) {
  Numberer numberer(files, clock);
  SerialRange taken;
  TRY(update(files, [&](Usage& usage) -> Result<> {
    TRY_ASSIGN(taken, numberer.take(usage, count));
    usage.open[stem].add(taken);
    return {};
  }));
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
  Numberer numberer(files, clock);
  Admission taken;
  const auto admitted = update(files, [&](Usage& usage) -> Result<> {
    TRY(add_within(limits, more, files.root(), usage.pending));
    TRY_ASSIGN(taken.stem, numberer.take_stem(usage, fresh));
    TRY_ASSIGN(const auto range, numberer.take(usage, 1));
    taken.serial = {.series = range.series, .number = range.last};
    return {};
  });
  TRY(admitted);
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
