// SPDX-License-Identifier: MIT
#include "libcore/queue/usage.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

struct Usage {
  Amount pending;
  Ulid last;
};

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
  return Usage{.pending = {.ops = *ops, .bytes = *bytes}, .last = *last};
}

std::string format_usage(const Usage& usage) {
  return codec::JsonObject()
             .add("ops", usage.pending.ops)
             .add("bytes", usage.pending.bytes)
             .add("last", usage.last.text())
             .text() +
         "\n";
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

Result<> count_in(sys::Files& files, const Amount& more, const Limits& limits) {
  return update(
      files, [&](Usage& usage) { return add_within(limits, more, files.root(), usage.pending); });
}

Result<> check_room(const sys::Files& files, const Amount& more, const Limits& limits) {
  TRY_ASSIGN(const auto counted, load_usage(files));
  Amount pending = counted.value_or(Amount{});
  return add_within(limits, more, files.root(), pending);
}

Result<Ulid> admit(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                   const Amount& more, const Limits& limits) {
  const Ulid fresh = make_ulid(clock, random);
  Ulid taken;
  const auto updated = update(files, [&](Usage& usage) -> Result<> {
    auto added = add_within(limits, more, files.root(), usage.pending);
    if (added) taken = next_stem(usage, fresh);
    return added;
  });
  if (!updated) return tl::unexpected<Error>(updated.error());
  return taken;
}

Result<> count_out(sys::Files& files, const Amount& less) {
  return update(files, [&](Usage& usage) -> Result<> {
    usage.pending.ops -= std::min(usage.pending.ops, less.ops);
    usage.pending.bytes -= std::min(usage.pending.bytes, less.bytes);
    return {};
  });
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
