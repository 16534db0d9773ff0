// SPDX-License-Identifier: MIT
#include "libcore/queue/blobs.hpp"

#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::Fault;
using fakes::QueueFixture;

TEST_CASE("new blobs are taken back, but for those that are named") {
  QueueFixture queue;
  queue.open();
  NewBlobs blobs(queue.files, queue.clock, queue.random);
  const auto named = blobs.store("named");
  REQUIRE(named.has_value());
  REQUIRE(blobs.store("not named").has_value());
  REQUIRE(blobs.store("not named").has_value());
  CHECK(queue.names_in("blobs").size() == 2);

  REQUIRE(blobs.take_back({named->sha256}).has_value());

  CHECK(queue.names_in("blobs").size() == 1);
  CHECK(queue.names_in("tmp").empty());
}

TEST_CASE("a blob that was there before, or was stored again meanwhile, is not taken back") {
  for (const bool before : {false, true}) {
    CAPTURE(before);
    QueueFixture queue;
    queue.open();
    NewBlobs blobs(queue.files, queue.clock, queue.random);
    const auto store_other = [&] {
      REQUIRE(store_blob(queue.files, queue.clock, queue.random, "body").has_value());
    };
    if (before) store_other();
    REQUIRE(blobs.store("body").has_value());
    if (!before) store_other();
    REQUIRE(blobs.take_back().has_value());
    CHECK(queue.names_in("blobs").size() == 1);
  }
}

TEST_CASE("a blob that fails to be stored at any effect is taken back") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    queue.open();
    NewBlobs blobs(queue.files, queue.clock, queue.random);
    queue.files.arm(n, Fault::error);
    [[maybe_unused]] const auto stored = blobs.store("body");
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    REQUIRE(blobs.take_back().has_value());
    CHECK(queue.names_in("tmp").empty());
    CHECK(queue.names_in("blobs").empty());
    if (!struck) break;
  }
}
