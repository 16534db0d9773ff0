// SPDX-License-Identifier: MIT
#pragma once

// A queue in a directory of the test's own, and the words that tests of the queue speak.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/codec/envelope.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/enqueue.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/store.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/faulty_files.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace fakes {

inline core::codec::Envelope draft_of(const std::string& payload = R"({"a":1})",
                                      const std::string& key = {}) {
  core::codec::Envelope draft;
  draft.type = "api_call";
  draft.key = key;
  draft.request =
      core::codec::Request{.method = "POST", .url = "http://127.0.0.1:9/x", .headers = {}};
  draft.payload = payload;
  return draft;
}

class QueueFixture {
 public:
  QueueFixture() : real_(core::sys::RealFiles::at(dir.path()).value()), files(real_) {
    REQUIRE(core::queue::prepare(files, clock, random).has_value());
  }

  core::queue::Enqueuer enqueuer(core::queue::IfPending policy = core::queue::IfPending::replace) {
    return {files, clock, random, limits, policy};
  }
  core::OperationId enqueue(const core::codec::Envelope& draft = draft_of()) {
    const auto added = enqueuer().add(draft);
    REQUIRE_MESSAGE(added.has_value(), (added ? "" : added.error().message));
    return added->id;
  }
  std::vector<core::OperationId> enqueue_batch(std::vector<core::codec::Envelope> drafts) {
    std::size_t at = 0;
    const auto added =
        enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
          if (at == drafts.size()) return std::nullopt;
          return drafts[at++];
        });
    REQUIRE(added.has_value());
    std::vector<core::OperationId> ids;
    for (const auto& entry : *added)
      ids.push_back(entry.id);
    return ids;
  }

  // A process that opens the queue: index from disk, recovery.
  core::queue::Recovered open() {
    index.reset();
    auto opened = core::queue::Index::open(dir / "index.db", std::chrono::seconds{5});
    REQUIRE(opened.has_value());
    index = std::make_unique<core::queue::Index>(*std::move(opened));
    // Past the time in which a change of a directory might not move its stamp.
    clock.advance(std::chrono::seconds{1});
    auto recovered = core::queue::recover(files, *index, clock);
    REQUIRE_MESSAGE(recovered.has_value(), (recovered ? "" : recovered.error().message));
    return *std::move(recovered);
  }
  core::queue::Recovered open_without_index() {
    index.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(dir / (std::string("index.db") + suffix));
    }
    return open();
  }

  core::queue::Entry entry(const core::OperationId& id) {
    auto found = index->find(id);
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    return **found;
  }
  // id → state, as the index sees it.
  std::map<std::string, core::queue::State> states() {
    std::map<std::string, core::queue::State> result;
    REQUIRE(index
                ->select({},
                         [&](const core::queue::Entry& found) -> core::Result<> {
                           result[found.id.text()] = found.state();
                           return {};
                         })
                .has_value());
    return result;
  }
  std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(dir / directory)) {
      names.push_back(file.path().filename());
    }
    return names;
  }
  core::Result<> settle(const core::OperationId& id, const core::queue::Event& event) {
    auto before = index->find(id);
    if (!before || !*before) return core::fail(core::Errc::not_found, id.text());
    TRY_ASSIGN(const auto step, core::queue::transition(core::queue::position_of(**before), event));
    std::vector<core::queue::Settlement> group{
        {.entry = **before, .transition = step, .receipt = {}}};
    return core::queue::Settler(files, *index, clock).settle(group);
  }

  TempDir dir;
  FakeClock clock;
  FakeRandom random;
  core::queue::Limits limits;

 private:
  core::sys::RealFiles real_;

 public:
  FaultyFiles files;
  std::unique_ptr<core::queue::Index> index;
};

}  // namespace fakes
