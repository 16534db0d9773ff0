// SPDX-License-Identifier: MIT
#include "libcore/queue/enqueue.hpp"

#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::draft_of;
using fakes::Fault;
using fakes::QueueFixture;

TEST_CASE("an enqueued operation is one sealed line in pending") {
  QueueFixture queue;
  const auto id = queue.enqueue(draft_of(R"({"n":123456789012345678901234567890,"s":"\u0000"})"));

  const std::string text = fakes::read_text(queue.dir / ("pending/" + id.text() + ".json"));
  CHECK(text.ends_with("\n"));
  CHECK(text.find(R"("payload":{"n":123456789012345678901234567890,"s":"\u0000"})") !=
        std::string::npos);
  CHECK(core::codec::is_sealed(std::string_view(text).substr(0, text.size() - 1)));
  CHECK(queue.names_in("tmp").empty());
}

TEST_CASE("what nobody could read again is not enqueued") {
  QueueFixture queue;
  auto draft = draft_of();
  draft.expires_at = core::Time{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}};
  const auto refused = queue.enqueuer().add(draft);

  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == core::Errc::usage);
  CHECK(queue.names_in("pending").empty());
}

TEST_CASE("pending is made again when somebody has removed it") {
  QueueFixture queue;
  queue.enqueue();
  std::filesystem::remove_all(queue.dir / "pending");
  const auto id = queue.enqueue();
  std::filesystem::remove_all(queue.dir / "pending");
  const auto lines = queue.enqueue_batch({draft_of("1"), draft_of("2")});

  CHECK(queue.names_in("pending") == std::vector{lines[0].stem.text() + ".jsonl"});
  CHECK(id < lines[0]);
}

TEST_CASE("ids increase even when the clock is set back a year") {
  QueueFixture queue;
  const auto first = queue.enqueue();
  queue.clock.step(-std::chrono::hours{24 * 365});
  const auto second = queue.enqueue();

  CHECK(first < second);
}

TEST_CASE("a full queue refuses, names its limit, and counts what was refused as nothing") {
  QueueFixture queue;
  queue.limits.max_ops = 2;
  queue.enqueue();
  queue.enqueue();
  const auto refused = queue.enqueuer().add(draft_of());

  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == core::Errc::full);
  CHECK(refused.error().message.find("queue.max_ops") != std::string::npos);
  CHECK(queue.names_in("pending").size() == 2);
  CHECK(queue.names_in("tmp").empty());
}

TEST_CASE("the size limit counts bytes, and a missing counter is counted again") {
  QueueFixture queue;
  queue.enqueue(draft_of("\"" + std::string(1000, 'x') + "\""));
  std::filesystem::remove(queue.dir / "usage.json");
  queue.limits.max_size = {1200};

  CHECK_FALSE(queue.enqueuer().add(draft_of("\"" + std::string(500, 'x') + "\"")).has_value());
}

TEST_CASE("of one key only the newest operation stays pending, by default") {
  QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "k"));
  const auto newer = queue.enqueue(draft_of("2", "k"));
  queue.open();

  CHECK(queue.entry(older).state() == State::failed);
  CHECK(queue.entry(older).reason == core::codec::Reason::replaced);
  CHECK(queue.entry(newer).state() == State::pending);
}

TEST_CASE("a key can keep the older operation, or be an error") {
  QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "k"));

  const auto kept = queue.enqueuer(IfPending::keep).add(draft_of("2", "k"));
  REQUIRE(kept.has_value());
  CHECK(kept->id == older);
  CHECK(kept->how == Enqueued::How::kept);
  CHECK_FALSE(queue.enqueuer(IfPending::error).add(draft_of("2", "k")).has_value());
  CHECK(queue.names_in("pending").size() == 1);
  CHECK(queue.enqueuer(IfPending::error).add(draft_of("2", "other")).has_value());
}

namespace {

// The operation that keeping the older one of key "k" finds; empty: there was none.
std::string kept_of(QueueFixture& queue) {
  const auto refused = queue.enqueuer(IfPending::error).add(draft_of("9", "k"));
  const auto kept = queue.enqueuer(IfPending::keep).add(draft_of("9", "k"));
  REQUIRE(kept.has_value());
  const bool was_kept = kept->how == Enqueued::How::kept;
  CHECK((refused.has_value() || refused.error().code == core::Errc::later));
  CHECK((!refused.has_value() || kept->id == refused->id));
  return refused.has_value() || !was_kept ? std::string{} : kept->id.text();
}

}  // namespace

TEST_CASE("an older operation is kept though its key points at one that never came to be") {
  QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "k"));
  const core::OperationId nothing{.stem = make_ulid(queue.clock, queue.random)};
  REQUIRE(point_key_at(queue.files, "api_call", "k", nothing).has_value());
  CHECK(kept_of(queue) == older.text());
  // And is not looked for a second time.
  CHECK(find_key_holder(queue.files, "api_call", "k", WhenLost::ignore).value()->id == older);
}

TEST_CASE("an older operation is kept though its pointer is damaged") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1", "k"), draft_of("2", "other")});
  for (const auto& name : queue.names_in("keys"))
    fakes::write_text(queue.dir / ("keys/" + name), "");
  CHECK(kept_of(queue) == ids[0].text());
}

TEST_CASE("what was settled under a key hinders nobody") {
  QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "k"));
  queue.open();
  REQUIRE(queue.settle(older, event::Delivered{}).has_value());
  CHECK(kept_of(queue).empty());
}

TEST_CASE("recovery points the keys of a batch whose writer was killed before it did") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1", "k"), draft_of("2", "k")});
  for (const auto& name : queue.names_in("keys"))
    std::filesystem::remove(queue.dir / ("keys/" + name));
  queue.open();
  CHECK(kept_of(queue) == ids[1].text());
}

TEST_CASE("what a person put into pending holds its key") {
  QueueFixture queue;
  fakes::write_text(queue.dir / "pending/note.json",
                    R"({"type":"api_call","key":"k","request":{"url":"http://127.0.0.1:9/"}})");
  queue.open();
  CHECK_FALSE(kept_of(queue).empty());
}

TEST_CASE("an operation that is retried holds its key again") {
  QueueFixture queue;
  const auto older = queue.enqueue(draft_of("1", "k"));
  queue.open();
  REQUIRE(queue.settle(older, event::Refused{}).has_value());
  const auto newer = queue.enqueue(draft_of("2", "k"));
  queue.open();
  REQUIRE(queue.settle(newer, event::Delivered{}).has_value());
  auto store = Store::open(queue.dir.path(), Create::no, queue.clock, queue.random);
  REQUIRE(store.has_value());
  REQUIRE(store->apply({queue.entry(older)}, event::RetryRequested{}).value().done.size() == 1);
  CHECK(kept_of(queue) == older.text());
}

TEST_CASE("wherever an enqueue is cut off, what is pending after recovery is kept") {
  for (const bool in_batch : {false, true}) {
    for (std::uint64_t n = 0;; ++n) {
      CAPTURE(n);
      CAPTURE(in_batch);
      QueueFixture queue;
      queue.enqueue(draft_of("0", "k"));
      queue.files.arm(n, Fault::crash);
      if (in_batch) {
        int left = 2;
        [[maybe_unused]] const auto added =
            queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
              if (left-- == 0) return std::nullopt;
              return draft_of("1", "k");
            });
      } else {
        [[maybe_unused]] const auto added = queue.enqueuer().add(draft_of("1", "k"));
      }
      const bool struck = queue.files.has_struck();
      queue.files.disarm();
      queue.open();

      std::string pending;
      for (const auto& [id, state] : queue.states()) {
        if (state == State::pending) pending = id;
      }
      CHECK(kept_of(queue) == pending);
      if (!struck) break;
    }
  }
}

TEST_CASE("a batch is one file whose lines are operations") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
  queue.open();

  REQUIRE(ids.size() == 3);
  CHECK(ids[2].text() == ids[0].stem.text() + ".3");
  CHECK(queue.names_in("pending") == std::vector{ids[0].stem.text() + ".jsonl"});
  CHECK(queue.states().size() == 3);
}

TEST_CASE("of one key in one batch only the last line stays pending") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1", "k"), draft_of("2", "k"), draft_of("3")});
  queue.open();

  CHECK(queue.entry(ids[0]).state() == State::failed);
  CHECK(queue.entry(ids[1]).state() == State::pending);
}

TEST_CASE("a batch whose source fails leaves nothing") {
  QueueFixture queue;
  int count = 0;
  const auto added =
      queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
        if (++count == 3) return core::fail(core::Errc::corrupt, "line 3");
        return draft_of();
      });

  CHECK_FALSE(added.has_value());
  CHECK(queue.names_in("pending").empty());
  CHECK(queue.names_in("tmp").empty());
}

TEST_CASE("a batch whose writer was killed before its end is dropped, not promoted") {
  QueueFixture queue;
  // Enough lines for several pieces of the file: at no moment may it look complete.
  const std::string payload = '"' + std::string(100'000, 'x') + '"';
  int count = 0;
  const auto copy_unfinished = [&] {
    for (const auto& name : queue.names_in("tmp")) {
      if (name.ends_with(".99")) continue;
      const auto killed = name.substr(0, name.rfind('.')) + ".99";
      std::filesystem::copy_file(queue.dir / ("tmp/" + name), queue.dir / ("tmp/" + killed),
                                 std::filesystem::copy_options::overwrite_existing);
    }
  };
  const auto added =
      queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
        copy_unfinished();
        if (++count == 8) return core::fail(core::Errc::corrupt, "line 8");
        return draft_of(payload);
      });
  REQUIRE_FALSE(added.has_value());
  REQUIRE(queue.names_in("tmp").size() == 1);
  const auto recovered = queue.open();

  CHECK(recovered.promoted == 0);
  CHECK(recovered.dropped == 1);
  CHECK(queue.states().empty());
}

// For every n: the n-th effect goes wrong. An error must leave nothing; whatever was acknowledged
// must be pending exactly once after the next open.
TEST_CASE("enqueue survives an error, a full disk and a crash at every effect") {
  for (const Fault fault : {Fault::error, Fault::full, Fault::crash}) {
    for (const bool keyed : {false, true}) {
      for (std::uint64_t n = 0;; ++n) {
        CAPTURE(n);
        CAPTURE(keyed);
        QueueFixture queue;
        const auto before = queue.enqueue(draft_of("0", keyed ? "k" : ""));
        queue.files.arm(n, fault);
        const auto added = queue.enqueuer().add(draft_of("1", keyed ? "k" : ""));
        const bool struck = queue.files.has_struck();
        queue.files.disarm();
        if (fault != Fault::crash) CHECK(queue.names_in("tmp").empty());
        queue.open_without_index();

        const auto states = queue.states();
        std::size_t pending = 0;
        for (const auto& [id, state] : states)
          pending += state == State::pending ? 1 : 0;
        if (keyed) CHECK(pending == 1);
        if (!keyed && fault != Fault::crash) CHECK(pending == (added ? 2 : 1));
        if (added) CHECK(states.at(added->id.text()) == State::pending);
        if (!added && !keyed) CHECK(states.at(before.text()) == State::pending);
        CHECK(states.contains(before.text()));
        CHECK(queue.names_in("tmp").empty());
        if (!struck) break;
      }
    }
  }
}

TEST_CASE("asking for room counts nothing, and refuses what enqueueing would refuse") {
  QueueFixture queue;
  queue.enqueue();
  const Limits limits{.max_size = {1000}, .max_ops = 2};

  for (int i = 0; i < 3; ++i)
    CHECK(check_room(queue.files, {.ops = 1, .bytes = 10}, limits).has_value());
  const auto refused = check_room(queue.files, {.ops = 1, .bytes = 1000}, limits);

  REQUIRE(!refused.has_value());
  CHECK(refused.error().code == core::Errc::full);
}
