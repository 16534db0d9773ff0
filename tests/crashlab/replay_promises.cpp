// SPDX-License-Identifier: MIT
#include "tests/crashlab/replay_promises.hpp"

#include <array>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/crc32c.hpp"

namespace replay {

using core::Errc;
using core::fail;
using core::Result;

namespace {

constexpr std::string_view k_directives = "say";
constexpr std::array<std::size_t, 5> k_sizes{20, 300, 700, 2500, 9000};
constexpr std::size_t k_blob_size = 70'000;

Result<> obey(const Said& said, std::map<std::string, Promise>& promises) {
  const auto words = core::split(said.line, ' ');
  const bool is_must = words.size() == 3 && words[0] == "must";
  const bool is_may = words.size() == 3 && words[0] == "may";
  if (!is_must && !is_may) return fail(Errc::corrupt, "say: what is this: " + said.line);
  const std::string state(words[2]);
  if (words[1] == "all") {
    for (auto& [id, promise] : promises)
      promise.states.insert(state);
    return {};
  }
  const auto at = promises.find(std::string(words[1]));
  // Recovered after the first of two crashes: it was durable before anybody was told its id.
  if (at == promises.end()) return {};
  if (is_must) at->second.states.clear();
  at->second.states.insert(state);
  return {};
}

}  // namespace

Result<std::map<std::string, Promise>> promises_of(std::span<const Said> said) {
  std::map<std::string, Promise> promises;
  std::map<std::string, std::uint64_t> lines;
  for (const auto& one : said) {
    if (one.label == k_directives) {
      TRY(obey(one, promises));
      continue;
    }
    promises[one.line] = {.body = body_of(one.label, ++lines[one.label]), .states = {"pending"}};
  }
  return promises;
}

std::string body_of(std::string_view label, std::uint64_t line) {
  const std::string_view name = label.substr(0, label.find('~'));
  // Letters of its own, so that a sector of one body is no sector of another.
  std::uint32_t letters = core::codec::crc32c(fmt::format("{}:{}", name, line));
  const std::size_t size =
      name.starts_with("blob") ? k_blob_size : k_sizes.at(letters % k_sizes.size());
  std::string filling;
  while (filling.size() < size) {
    letters = letters * 1664525U + 1013904223U;
    filling += static_cast<char>('a' + (letters >> 24U) % 26);
  }
  return fmt::format(R"({{"of":"{}","line":{},"filling":"{}"}})", name, line, filling);
}

}  // namespace replay
