// SPDX-License-Identifier: MIT
#include "tests/crashlab/replay_states.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <fmt/core.h>

namespace replay {
namespace {

constexpr std::uint64_t k_sector = 512;

// Where ext4, XFS and btrfs keep superblocks, to the block of 4 KiB.
constexpr std::uint64_t k_block = 4096;
constexpr std::array<std::uint64_t, 3> k_superblocks{0, 64UL << 10U, 64UL << 20U};

bool holds_superblock(const Record& record) {
  return std::ranges::any_of(k_superblocks, [&](std::uint64_t at) {
    return record.offset < at + k_block && record.offset + record.length > at;
  });
}

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t number) {
    std::seed_seq mixed{seed & 0xffffffffU, seed >> 32U, number & 0xffffffffU, number >> 32U};
    engine_.seed(mixed);
  }
  // From 0 to n - 1.
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }

 private:
  std::mt19937_64 engine_;
};

std::size_t choose_point(std::span<const Record> records, Dice& dice) {
  std::vector<std::size_t> marks;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (records[i].kind == Record::Kind::mark) marks.push_back(i);
  if (!marks.empty() && dice.percent(50)) return marks[dice.below(marks.size())] + 1;
  return dice.below(records.size() + 1);
}

// Which of the late writes arrive, and in what shape.
class Arrival {
 public:
  Arrival(std::span<const Record> records, CrashState& state, Dice& dice)
      : records_(records), state_(state), dice_(dice) {}

  void choose(const std::vector<std::size_t>& late) {
    enum class Style { none, all, first, some, torn };
    constexpr std::array k_styles{Style::none, Style::all, Style::first, Style::some, Style::torn};
    const std::uint64_t chance = 10 + 10 * dice_.below(9);
    switch (k_styles.at(dice_.below(k_styles.size()))) {
      case Style::none:
        break;
      case Style::all:
        take(late);
        break;
      case Style::first:
        take_first(late);
        break;
      case Style::some:
        for (const auto record : late)
          if (dice_.percent(chance)) whole(record);
        break;
      case Style::torn:
        for (const auto record : late)
          if (dice_.percent(chance)) dice_.percent(50) ? torn(record) : whole(record);
        break;
    }
  }

 private:
  void take(std::span<const std::size_t> some) {
    for (const auto record : some)
      whole(record);
  }
  // As from a disk that writes in order, cut in the middle of a write.
  void take_first(std::span<const std::size_t> late) {
    if (late.empty()) return;
    const std::size_t count = dice_.below(late.size());
    take(late.first(count));
    torn(late[count]);
  }
  void whole(std::size_t record) { part(record, 0, records_[record].length); }
  void torn(std::size_t record) {
    const std::uint64_t length = records_[record].length;
    if (length <= k_sector || holds_superblock(records_[record])) {
      whole(record);
      return;
    }
    ++state_.torn;
    if (dice_.percent(50)) {
      part(record, 0, dice_.below(length / k_sector) * k_sector);
      return;
    }
    for (std::uint64_t at = 0; at < length; at += k_sector)
      if (dice_.percent(50)) part(record, at, std::min(at + k_sector, length));
  }
  void part(std::size_t record, std::uint64_t begin, std::uint64_t end) {
    state_.arrived.push_back({.record = record, .begin = begin, .end = end});
  }

  std::span<const Record> records_;
  CrashState& state_;
  Dice& dice_;
};

}  // namespace

CrashState crash_state(std::span<const Record> records, std::uint64_t seed, std::uint64_t number) {
  Dice dice(seed, number);
  CrashState state{.point = choose_point(records, dice)};
  std::vector<std::size_t> late;
  for (std::size_t i = 0; i < state.point; ++i) {
    if (records[i].kind == Record::Kind::flush) {
      state.flushed = i + 1;
      late.clear();
    }
    if (records[i].changes_disk()) late.push_back(i);
  }
  state.late = late.size();
  Arrival(records, state, dice).choose(late);
  return state;
}

std::string CrashState::text() const {
  std::vector<std::size_t> records;
  for (const auto& piece : arrived)
    if (records.empty() || records.back() != piece.record) records.push_back(piece.record);
  return fmt::format("after record {}: of {} writes since the last flush {} arrived, {} torn",
                     point, late, records.size(), torn);
}

}  // namespace replay
