// SPDX-License-Identifier: MIT
#include "libcore/queue/fsck.hpp"

#include <algorithm>

#include "libcore/queue/blobs.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using fakes::draft_of;
using fakes::Fault;
using fakes::QueueFixture;

namespace {

Checkup check_now(QueueFixture& queue) {
  queue.files.arm(0, Fault::crash);  // a check must have no effects
  auto checkup = check(queue.files, *queue.index, queue.clock, [] { return core::Result<>{}; });
  CHECK(!queue.files.has_struck());
  queue.files.disarm();
  REQUIRE_MESSAGE(checkup.has_value(), (checkup ? "" : checkup.error().message));
  return *std::move(checkup);
}

bool says(const Checkup& checkup, Severity severity, const std::string& path,
          const std::string& what) {
  return std::ranges::any_of(checkup.findings, [&](const Finding& finding) {
    return finding.severity == severity && finding.path.find(path) != std::string::npos &&
           finding.what.find(what) != std::string::npos;
  });
}

void repair_now(QueueFixture& queue) {
  queue.open_without_index();
  const auto repaired = repair(queue.files, *queue.index, queue.clock);
  REQUIRE_MESSAGE(repaired.has_value(), (repaired ? "" : repaired.error().message));
}

core::OperationId enqueue_with_body(QueueFixture& queue, const std::string& bytes) {
  auto draft = draft_of();
  draft.payload.reset();
  const auto blob = store_blob(queue.files, queue.clock, queue.random, bytes);
  REQUIRE(blob.has_value());
  draft.blob = *blob;
  return queue.enqueue(draft);
}

}  // namespace

TEST_CASE("a queue in order has no findings") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  enqueue_with_body(queue, "body");
  queue.open();
  REQUIRE(queue.settle(id, event::Delivered{}).has_value());
  REQUIRE(queue.settle(ids[1], event::Refused{}).has_value());
  queue.open();
  const auto checkup = check_now(queue);
  CHECK(checkup.findings.empty());
  CHECK(checkup.operations == 5);
  CHECK(checkup.blobs == 1);
  CHECK(checkup.lost.empty());
}

TEST_CASE("bytes that changed in place are found and moved to failed") {
  QueueFixture queue;
  const auto id = queue.enqueue(draft_of("12345"));
  const auto ids = queue.enqueue_batch({draft_of("111"), draft_of("222")});
  queue.open();
  for (const auto& [name, from, to] : {std::tuple{id.text() + ".json", "12345", "12346"},
                                       std::tuple{ids[0].stem.text() + ".jsonl", "222", "223"}}) {
    const std::string path = queue.dir / ("pending/" + name);
    std::string text = fakes::read_text(path);
    text.replace(text.find(from), std::string(from).size(), to);
    fakes::write_text(path, text);
  }
  const auto before = check_now(queue);
  CHECK(says(before, Severity::damage, id.text(), "sum"));
  CHECK(says(before, Severity::damage, ids[0].stem.text() + ".jsonl:2", "sum"));
  CHECK(before.lost.size() == 2);
  repair_now(queue);
  CHECK(check_now(queue).is_healthy());
  CHECK(queue.entry(id).state() == State::failed);
  CHECK(queue.entry(ids[0]).state() == State::pending);
  CHECK(queue.entry(ids[1]).state() == State::failed);
}

TEST_CASE("a pending operation whose body is missing, short or another one is given up") {
  QueueFixture queue;
  std::vector<core::OperationId> ids;
  for (const char* bytes : {"one", "two", "three", "good"})
    ids.push_back(enqueue_with_body(queue, bytes));
  queue.open();
  const auto blob_of = [&](const char* bytes) {
    return queue.dir /
           ("blobs/" + store_blob(queue.files, queue.clock, queue.random, bytes)->sha256);
  };
  std::filesystem::remove(blob_of("one"));
  fakes::write_text(blob_of("two"), "tw");
  fakes::write_text(blob_of("three"), "thre3");
  const auto before = check_now(queue);
  CHECK(says(before, Severity::damage, ids[0].text(), "is missing"));
  CHECK(says(before, Severity::damage, ids[1].text(), "2 bytes instead of 3"));
  CHECK(says(before, Severity::damage, ids[2].text(), "other bytes"));
  repair_now(queue);
  const auto after = check_now(queue);
  CHECK(after.lost.size() == 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(queue.entry(ids[i]).state() == State::failed);
    CHECK(says(after, Severity::damage, "failed/" + ids[i].text(), "its body"));
  }
  CHECK(queue.entry(ids[3]).state() == State::pending);
}

TEST_CASE("what never was an operation is told, and is not lost") {
  QueueFixture queue;
  for (const char* name : {"notes: of mine.json", "half.jsonl"})
    fakes::write_text(queue.dir / ("pending/" + std::string(name)), "no JSON at all\n");
  REQUIRE(queue.open().quarantined == 2);
  const auto checkup = check_now(queue);
  CHECK(checkup.is_healthy());
  CHECK(says(checkup, Severity::info, "failed/", "was put into pending/ as 'half.jsonl'"));
  CHECK(checkup.lost.empty());
}

TEST_CASE("an operation that was damaged stays lost where recovery has moved it") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  fakes::write_text(queue.dir / ("pending/" + id.text() + ".json"), "no JSON at all\n");
  fakes::write_text(queue.dir / ("pending/" + ids[0].stem.text() + ".jsonl"), "nor this\n");
  queue.open();
  const auto checkup = check_now(queue);
  CHECK(checkup.is_healthy());
  CHECK(checkup.lost.size() == 2);
}

TEST_CASE("of two copies the same one goes, another one stays") {
  QueueFixture queue;
  const auto same = queue.enqueue();
  const auto other = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(same, event::Delivered{}).has_value());
  const std::string name = same.text() + ".json";
  std::filesystem::copy_file(queue.dir / ("synced/" + name), queue.dir / ("failed/" + name));
  fakes::write_text(queue.dir / ("failed/" + other.text() + ".json"), "{}");
  queue.open();
  CHECK(says(check_now(queue), Severity::warning, "failed/" + name, "same id"));
  repair_now(queue);
  CHECK(check_now(queue).is_healthy());
  CHECK(queue.names_in("failed").size() == 1);
  CHECK(queue.entry(same).state() == State::synced);
  CHECK(queue.entry(other).state() == State::pending);
}

TEST_CASE("what is odd and harmless is told and left alone") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(id, event::DeleteRequested{}).has_value());
  std::filesystem::create_directory(queue.dir / "pending/folder.json");
  std::filesystem::create_directory(queue.dir / "tmp/folder");
  fakes::write_text(queue.dir / "synced/notes.txt", "x");
  fakes::write_text(queue.dir / "blobs/readme", "x");
  fakes::write_text(queue.dir / "stranger", "x");
  fakes::write_text(queue.dir / "receipts/2026-11-20.jsonl", "torn\n");
  fakes::write_text(queue.dir / "usage.json", "");
  queue.open();
  fakes::write_text(queue.dir / "usage.json", "?");
  const auto checkup = check_now(queue);
  CHECK(checkup.is_healthy());
  CHECK(says(checkup, Severity::info, "pending/folder.json", "not a file"));
  CHECK(says(checkup, Severity::info, "tmp/folder", "not a file"));
  CHECK(says(checkup, Severity::info, "synced/notes.txt", "not an operation"));
  CHECK(says(checkup, Severity::info, "blobs/readme", "not a body"));
  CHECK(says(checkup, Severity::info, "stranger", "no part"));
  CHECK(says(checkup, Severity::info, "2026-11-20", "cannot be read"));
  CHECK(says(checkup, Severity::info, "receipts/", "that are gone"));
  CHECK(says(checkup, Severity::info, "usage.json", "damaged"));
}

TEST_CASE("an index that differs from the files is a warning, and made again") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  REQUIRE(queue.index->remove_file(State::pending, id.text() + ".json").has_value());
  CHECK(says(check_now(queue), Severity::warning, "index.db", "differs"));
  repair_now(queue);
  CHECK(check_now(queue).is_healthy());
}

TEST_CASE("rows of the index without their file, and files without their row, are found") {
  QueueFixture queue;
  const auto single = queue.enqueue();
  const auto gone = queue.enqueue();
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
  const auto lost = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  const auto differs = [&queue](const std::string& places) {
    return says(check_now(queue), Severity::warning, "index.db",
                "differs from the files in " + places);
  };
  REQUIRE(check_now(queue).findings.empty());
  const auto row = queue.entry(ids[2]);

  SUBCASE("a file of its own that is in no row") {
    REQUIRE(queue.index->remove(single).has_value());
    CHECK(differs("1"));
  }
  SUBCASE("a line that is in no row") {
    REQUIRE(queue.index->remove(ids[1]).has_value());
    CHECK(differs("1"));
  }
  SUBCASE("a row of a line that is elsewhere in the batch") {
    auto moved = row;
    moved.place.offset -= 1;
    REQUIRE(queue.index->settle(moved).has_value());
    CHECK(differs("1"));
  }
  SUBCASE("a row of a line that the batch does not have") {
    auto more = row;
    more.id.line = 4;
    REQUIRE(queue.index->add(more).has_value());
    CHECK(differs("1"));
  }
  SUBCASE("rows of files that are not there") {
    std::filesystem::remove(queue.dir / ("pending/" + gone.text() + ".json"));
    std::filesystem::remove(queue.dir / ("pending/" + lost[0].stem.text() + ".jsonl"));
    CHECK(differs("4"));
  }
  repair_now(queue);
  CHECK(check_now(queue).is_healthy());
}

TEST_CASE("what others do meanwhile is no difference") {
  QueueFixture queue;
  std::vector<core::OperationId> waiting;
  for (int i = 0; i < 20; ++i)
    waiting.push_back(queue.enqueue());
  const auto lines = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  waiting.insert(waiting.end(), lines.begin(), lines.end());
  queue.open();
  bool is_looking_again = false;
  queue.files.on_list = [&](const std::string& directory) {
    if (directory != "pending") return;
    queue.enqueue();
    queue.enqueue_batch({draft_of("1"), draft_of("2")});
    if (is_looking_again || waiting.empty()) return;
    REQUIRE(queue.settle(waiting.back(), event::Delivered{}).has_value());
    waiting.pop_back();
  };
  const auto checkup = check(queue.files, *queue.index, queue.clock, [&]() -> core::Result<> {
    is_looking_again = true;
    TRY(core::queue::recover(queue.files, *queue.index, queue.clock));
    is_looking_again = false;
    return {};
  });
  queue.files.on_list = {};
  REQUIRE(checkup.has_value());
  CHECK(checkup->findings.empty());
}

TEST_CASE("a file that the disk does not give is told, and no repair is promised") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.files.unreadable = {"pending/" + id.text() + ".json",
                            "pending/" + ids[0].stem.text() + ".jsonl"};
  const auto check_both = [&queue] {
    const auto checkup = check_now(queue);
    CHECK(checkup.findings.size() == 2);
    for (const auto& finding : checkup.findings) {
      CHECK(finding.severity == Severity::damage);
      CHECK(finding.path.starts_with("pending/"));
      CHECK(finding.remedy.empty());
    }
  };
  queue.open();
  check_both();
  queue.files.unreadable.clear();
  queue.open();
  CHECK(check_now(queue).findings.empty());
  queue.files.unreadable = {"pending/" + ids[0].stem.text() + ".jsonl",
                            "pending/" + id.text() + ".json"};
  check_both();
}

TEST_CASE("repair survives a crash at every effect and loses no operation") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    const auto same = queue.enqueue();
    const auto bodiless = enqueue_with_body(queue, "one");
    const auto good = enqueue_with_body(queue, "two");
    queue.open();
    REQUIRE(queue.settle(same, event::Delivered{}).has_value());
    const std::string name = same.text() + ".json";
    std::filesystem::copy_file(queue.dir / ("synced/" + name), queue.dir / ("failed/" + name));
    std::filesystem::remove(
        queue.dir / ("blobs/" + store_blob(queue.files, queue.clock, queue.random, "one")->sha256));
    queue.open_without_index();
    queue.files.arm(n, Fault::crash);
    [[maybe_unused]] const auto repaired = repair(queue.files, *queue.index, queue.clock);
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    repair_now(queue);
    const auto left = check_now(queue);  // what nobody can bring back
    CHECK(left.findings.size() == 1);
    CHECK(left.lost == std::vector{bodiless.text()});
    CHECK(queue.states() == std::map<std::string, State>{{same.text(), State::synced},
                                                         {bodiless.text(), State::failed},
                                                         {good.text(), State::pending}});
    if (!struck) break;
  }
}
