// SPDX-License-Identifier: MIT
#include "libcore/delivery/id_set.hpp"

#include <algorithm>
#include <cstddef>

#include <doctest/doctest.h>

using core::OperationId;
using core::delivery::IdSet;

namespace {

std::size_t fullest_bucket(const IdSet& ids) {
  std::size_t most = 0;
  for (std::size_t bucket = 0; bucket < ids.bucket_count(); ++bucket)
    most = std::max(most, ids.bucket_size(bucket));
  return most;
}

}  // namespace

TEST_CASE("ids of one millisecond, and lines of one batch, have buckets of their own") {
  IdSet files;
  IdSet lines;
  core::Ulid stem(core::parse_time("2026-11-21T02:25:00Z").value(), {1});
  for (std::uint32_t i = 1; i <= 10'000; ++i, stem = stem.successor()) {
    files.insert({.stem = stem});
    lines.insert({.stem = core::Ulid{}, .line = i});
  }

  CHECK(files.size() == 10'000);
  CHECK(fullest_bucket(files) < 12);
  CHECK(fullest_bucket(lines) < 12);
}
