// SPDX-License-Identifier: MIT
#include "tests/crashlab/replay_states.hpp"

#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using replay::CrashState;
using replay::Record;
using Kind = replay::Record::Kind;

// Above the superblocks, in steps of their own.
Record write_at(std::uint64_t block, char letter, std::uint64_t length = 4096) {
  return {.kind = Kind::write,
          .offset = (1UL << 20U) + block * 8192,
          .length = length,
          .bytes = std::string(length, letter)};
}

std::string disk_of(const std::vector<Record>& records, const CrashState& state) {
  std::string disk(2UL << 20U, '.');
  replay::apply(
      records, state,
      [&](std::uint64_t offset, std::string_view bytes) {
        disk.replace(offset, bytes.size(), bytes);
      },
      [&](std::uint64_t offset, std::uint64_t length) {
        disk.replace(offset, length, length, '0');
      });
  return disk;
}

constexpr std::uint64_t k_tries = 100;

TEST_CASE("what was flushed before the crash is always on the disk") {
  const std::vector<Record> records{
      write_at(0, 'a'), write_at(1, 'b'), {.kind = Kind::flush}, write_at(2, 'c')};

  for (std::uint64_t number = 0; number < k_tries; ++number) {
    const CrashState state = replay::crash_state(records, 7, number);
    const std::string disk = disk_of(records, state);
    const bool was_flushed = state.point >= 3;
    CHECK((!was_flushed || disk.substr(1UL << 20U, 4096) == std::string(4096, 'a')));
    CHECK((!was_flushed || disk.substr((1UL << 20U) + 8192, 4096) == std::string(4096, 'b')));
  }
}

TEST_CASE("nothing is on the disk that was not written before the crash") {
  const std::vector<Record> records{
      write_at(0, 'a'), write_at(1, 'b'), {.kind = Kind::flush}, write_at(2, 'c')};

  for (std::uint64_t number = 0; number < k_tries; ++number) {
    const CrashState state = replay::crash_state(records, 7, number);
    const std::string disk = disk_of(records, state);
    CHECK((state.point > 0 || disk.find('a') == std::string::npos));
    CHECK((state.point > 3 || disk.find('c') == std::string::npos));
  }
}

TEST_CASE("writes that were not flushed arrive in every combination") {
  const std::vector<Record> records{write_at(0, 'a'), write_at(1, 'b')};
  std::set<std::string> seen;

  for (std::uint64_t number = 0; number < k_tries; ++number) {
    const std::string disk = disk_of(records, replay::crash_state(records, 7, number));
    std::string which;
    for (const char letter : {'a', 'b'})
      if (disk.find(letter) != std::string::npos) which += letter;
    seen.insert(which);
  }

  CHECK(seen == std::set<std::string>{"", "a", "b", "ab"});
}

TEST_CASE("a write is torn between sectors, and a superblock never") {
  const Record superblock{
      .kind = Kind::write, .offset = 65536, .length = 4096, .bytes = std::string(4096, 's')};
  const std::vector<Record> records{write_at(0, 'a'), superblock};
  std::size_t torn = 0;

  for (std::uint64_t number = 0; number < k_tries; ++number) {
    const std::string disk = disk_of(records, replay::crash_state(records, 7, number));
    const std::string block = disk.substr(1UL << 20U, 4096);
    for (std::size_t at = 0; at < block.size(); at += 512)
      CHECK(block.substr(at, 512).find_first_not_of(block[at]) == std::string::npos);
    if (block.find_first_not_of(block[0]) != std::string::npos) ++torn;
    const std::string other = disk.substr(65536, 4096);
    CHECK(other.find_first_not_of(other[0]) == std::string::npos);
  }

  CHECK(torn > 0);
}

TEST_CASE("the same seed and number make the same crash state") {
  const std::vector<Record> records(40, write_at(0, 'x'));

  const CrashState once = replay::crash_state(records, 3, 9);
  const CrashState again = replay::crash_state(records, 3, 9);

  CHECK(once.text() == again.text());
  CHECK(disk_of(records, once) == disk_of(records, again));
}

TEST_CASE("a line is said when its newline is there, and by one stream at a time") {
  const auto mark = [](const char* label, const char* bytes) {
    return Record{.kind = Kind::mark, .bytes = bytes, .label = label};
  };
  const std::vector<Record> records{mark("a", "one\ntw"), mark("b", "uno\n"), mark("a", "o\nthr")};

  const auto said = replay::said_in(records);

  REQUIRE(said.size() == 3);
  CHECK(said[0].line == "one");
  CHECK(said[1].label == "b");
  CHECK(said[2].line == "two");
}

}  // namespace
