// SPDX-License-Identifier: MIT
#include "libcore/queue/recovery.hpp"

#include <array>

#include "libcore/db/sqlite.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/operation.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using core::codec::Reason;
using fakes::draft_of;
using fakes::Fault;
using fakes::QueueFixture;

namespace {

// A MayGoOn that says so `looks` times, and then no more.
MayGoOn ends_after(std::uint64_t looks) {
  return [left = looks]() mutable -> core::Result<> {
    if (left == 0) return core::fail(core::Errc::terminated, "terminated");
    --left;
    return {};
  };
}

// Of the index, the page at which the table of operations begins.
void damage_operations(const std::string& path) {
  constexpr std::int64_t k_page = 4096;
  std::int64_t page = 0;
  {
    auto database = core::db::Database::open(path, std::chrono::seconds{5}).value();
    auto row = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'ops'").value();
    REQUIRE(row.step().value());
    page = row.integer(0);
  }
  std::string bytes = fakes::read_text(path);
  const auto at = static_cast<std::size_t>((page - 1) * k_page);
  bytes.replace(at, k_page, std::string(k_page, '\x7f'));
  fakes::write_text(path, bytes);
}
const event::TriedInVain k_tried{core::Time{std::chrono::hours{24 * 365 * 200}}};

// The kernel stamps the files that tests make with its own time: receipts are made older or newer.
const core::Time k_before_all_files = core::parse_time("2001-01-01T00:00:00Z").value();
const core::Time k_after_all_files = core::parse_time("2126-11-21T03:00:00Z").value();

std::string pending_name(QueueFixture& queue) {
  return queue.names_in("pending").at(0);
}
}  // namespace

TEST_CASE("a second open finds nothing to do, and a deleted index is made again") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  CHECK(queue.open().nothing());
  CHECK(queue.open_without_index().nothing());
  CHECK(queue.entry(id).state() == State::pending);
}

TEST_CASE("thousands of files are read, whatever is among them") {
  constexpr std::size_t k_count = 2500;
  QueueFixture queue;
  std::array<std::uint8_t, 10> random{};
  for (std::size_t i = 0; i < k_count; ++i) {
    random[8] = static_cast<std::uint8_t>(i >> 8U);
    random[9] = static_cast<std::uint8_t>(i);
    const core::OperationId id{.stem = core::Ulid(queue.clock.now(), random)};
    auto draft = draft_of(std::to_string(i));
    draft.id = id;
    draft.created_at = queue.clock.now();
    std::string text = core::codec::format_envelope(draft);
    if (i == 1500) text.replace(text.find("1500"), 4, "1501");  // the seal is broken
    fakes::write_text(queue.dir / ("pending/" + id.text() + ".json"), text);
  }
  fakes::write_text(queue.dir / "pending/by-hand.json", R"({"type":"note","payload":1})");
  std::filesystem::create_directory(queue.dir / "pending/folder.json");
  const auto recovered = queue.open();

  CHECK(recovered.adopted == 1);
  CHECK(recovered.quarantined == 1);
  CHECK(recovered.ignored == std::vector<std::string>{"pending/folder.json: not a file"});
  CHECK(queue.index->count({.states = {State::pending}}).value() == k_count);
  const auto states = queue.states();
  queue.open_without_index();
  CHECK(queue.states() == states);
}

TEST_CASE("a hand-written file is adopted with its bytes, and delivered under one id") {
  QueueFixture queue;
  fakes::write_text(
      queue.dir / "pending/note.json",
      "{\n \"type\": \"note\",\n \"payload\": {\"n\": 1.10, \"b\":2},\n \"x\": [1]\n}\n");
  CHECK(queue.open().adopted == 1);

  const auto states = queue.states();
  REQUIRE(states.size() == 1);
  const auto text = fakes::read_text(queue.dir / ("pending/" + pending_name(queue)));
  CHECK(text.find(R"("payload":{"n": 1.10, "b":2})") != std::string::npos);
  CHECK(text.find(R"("x":[1])") != std::string::npos);
  CHECK(queue.open_without_index().nothing());
  CHECK(queue.states() == states);
}

TEST_CASE("an adoption that a crash interrupts does not enqueue the file twice") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    fakes::write_text(queue.dir / "pending/note.json", R"({"type":"note","payload":1})");
    queue.files.arm(n, Fault::crash);
    auto index = Index::open(queue.dir / "index.db", std::chrono::seconds{1});
    REQUIRE(index.has_value());
    const auto crashed = recover(queue.files, *index, queue.clock);
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    index = Index::open(":memory:", std::chrono::seconds{1});
    queue.open_without_index();
    CHECK(queue.states().size() == 1);
    CHECK(queue.names_in("pending").size() == 1);
    if (!struck) break;
  }
}

TEST_CASE("a hand-written batch is adopted line by line") {
  QueueFixture queue;
  fakes::write_text(queue.dir / "pending/many.jsonl",
                    "{\"type\":\"a\",\"payload\":1}\n\n{\"type\":\"b\",\"payload\":2}");
  CHECK(queue.open().adopted == 1);
  CHECK(queue.states().size() == 2);
}

TEST_CASE("what cannot be read goes to failed with its bytes and stops nothing else") {
  QueueFixture queue;
  const auto good = queue.enqueue();
  fakes::write_text(queue.dir / "pending/empty.json", "");
  fakes::write_text(queue.dir / "pending/binary.json", std::string("\x00\xff{", 3));
  fakes::write_text(queue.dir / "pending/torn.jsonl", "{\"type\":\"a\"}\n{\"type\":");
  std::filesystem::create_directory(queue.dir / "pending/folder.json");
  const auto recovered = queue.open();

  CHECK(recovered.quarantined == 3);
  CHECK(recovered.ignored.size() == 1);
  CHECK(queue.entry(good).state() == State::pending);
  const auto names = queue.names_in("failed");
  REQUIRE(names.size() == 3);
  bool bytes_kept = false;
  for (const auto& name : names) {
    bytes_kept |= fakes::read_text(queue.dir / ("failed/" + name)) == std::string("\x00\xff{", 3);
  }
  CHECK(bytes_kept);
}

TEST_CASE("a sealed file whose bytes changed is quarantined") {
  QueueFixture queue;
  const auto id = queue.enqueue(draft_of("12345"));
  const std::string path = queue.dir / ("pending/" + id.text() + ".json");
  std::string text = fakes::read_text(path);
  text.replace(text.find("12345"), 5, "12346");
  fakes::write_text(path, text);
  queue.open();

  CHECK(queue.entry(id).state() == State::failed);
  CHECK(queue.entry(id).reason == Reason::unreadable);
}

TEST_CASE("a copy of an operation under another name becomes an operation of its own") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  std::filesystem::copy_file(queue.dir / ("pending/" + id.text() + ".json"),
                             queue.dir / "pending/01KAJ6Q0000000000000000000.json");
  CHECK(queue.open().adopted == 1);
  CHECK(queue.states().size() == 2);
}

TEST_CASE("files of dead writers are promoted when whole and dropped when not") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const std::string name = id.text() + ".json";
  std::filesystem::rename(queue.dir / ("pending/" + name), queue.dir / ("tmp/" + name + ".99"));
  fakes::write_text(queue.dir / "tmp/01KAJ6Q0000000000000000000.json.98", "{\"v\":1,\"id\":\"01K");
  fakes::write_text(queue.dir / "tmp/blob.01KAJ6Q0000000000000000000.97", "half a blob");
  const auto recovered = queue.open();

  CHECK(recovered.promoted == 1);
  CHECK(recovered.dropped == 2);
  CHECK(queue.entry(id).state() == State::pending);
}

TEST_CASE("the file of a living writer is left alone") {
  QueueFixture queue;
  const std::string path = "tmp/01KAJ6Q0000000000000000000.json.98";
  fakes::write_text(queue.dir / path, "{\"v\":1,\"id\":\"01K");
  const auto held = queue.files.lock(path, core::sys::Wait::no);
  queue.open();
  CHECK(queue.names_in("tmp").size() == 1);
}

TEST_CASE("moving a failed file back by hand retries it, a synced one stays delivered") {
  QueueFixture queue;
  const auto retried = queue.enqueue();
  const auto delivered = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(retried, event::Refused{}).has_value());
  REQUIRE(queue.settle(delivered, event::Delivered{}).has_value());
  const std::string failed_name = retried.text() + ".a1.json";
  std::filesystem::rename(queue.dir / ("failed/" + failed_name),
                          queue.dir / ("pending/" + failed_name));
  std::filesystem::rename(queue.dir / ("synced/" + delivered.text() + ".json"),
                          queue.dir / ("pending/" + delivered.text() + ".json"));
  queue.open();

  CHECK(queue.entry(retried).state() == State::pending);
  CHECK(queue.entry(retried).attempts == 1);
  CHECK(queue.entry(delivered).state() == State::synced);
}

// A decision made without a request charges no attempt, so the name of the file cannot tell whether
// its move was made.
TEST_CASE("what was given up stays given up when a crash came before the move") {
  for (const Reason reason : {Reason::cancelled, Reason::expired, Reason::replaced}) {
    for (std::uint64_t n = 0;; ++n) {
      CAPTURE(n);
      QueueFixture queue;
      const auto id = queue.enqueue();
      queue.open();
      queue.files.arm(n, Fault::crash);
      [[maybe_unused]] const auto settled = queue.settle(id, event::GivenUp{.reason = reason});
      const bool struck = queue.files.has_struck();
      queue.files.disarm();
      if (n % 2 == 0) {
        queue.open();
      } else {
        queue.open_without_index();
      }
      const auto receipts = receipt_lines_of(queue.files, id);
      REQUIRE(receipts.has_value());
      CHECK(queue.entry(id).state() == (receipts->empty() ? State::pending : State::failed));
      CHECK(queue.entry(id).reason == (receipts->empty() ? Reason::none : reason));
      if (!struck) break;
    }
  }
}

TEST_CASE("an attempt that a receipt charges counts, though a crash came before the new name") {
  for (const bool is_line : {false, true}) {
    for (std::uint64_t n = 0;; ++n) {
      CAPTURE(is_line);
      CAPTURE(n);
      QueueFixture queue;
      const auto id = is_line ? queue.enqueue_batch({draft_of()}).front() : queue.enqueue();
      queue.open();
      queue.files.arm(n, Fault::crash);
      [[maybe_unused]] const auto settled = queue.settle(id, k_tried);
      const bool struck = queue.files.has_struck();
      queue.files.disarm();
      if (n % 2 == 0) {
        queue.open();
      } else {
        queue.open_without_index();
      }
      const auto receipts = receipt_lines_of(queue.files, id);
      REQUIRE(receipts.has_value());
      CHECK(queue.entry(id).state() == State::pending);
      CHECK(queue.entry(id).attempts == static_cast<int>(receipts->size()));
      if (!struck) break;
    }
  }
}

TEST_CASE("what is retried is due at once, whatever became of the index") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(id, k_tried).has_value());
  REQUIRE(queue.settle(id, event::GivenUp{}).has_value());
  REQUIRE(queue.settle(id, event::RetryRequested{}).has_value());

  CHECK_FALSE(queue.entry(id).retry_at.has_value());
  queue.open_without_index();
  CHECK_FALSE(queue.entry(id).retry_at.has_value());
}

TEST_CASE("what was given up and put back by hand is pending, whatever became of the index") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const std::string name = id.text() + ".json";
  queue.open();
  queue.clock.set(k_before_all_files);
  REQUIRE(queue.settle(id, event::GivenUp{}).has_value());
  queue.clock.set(k_after_all_files);
  std::filesystem::rename(queue.dir / ("failed/" + name), queue.dir / ("pending/" + name));

  queue.open();
  CHECK(queue.entry(id).state() == State::pending);
  queue.open_without_index();
  CHECK(queue.entry(id).state() == State::pending);
}

TEST_CASE("a file that comes back after its operation was deleted counts again") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const std::string path = queue.dir / ("pending/" + id.text() + ".json");
  std::filesystem::copy_file(path, queue.dir / "backup");
  queue.open();
  queue.clock.set(k_before_all_files);
  REQUIRE(queue.settle(id, event::DeleteRequested{}).has_value());
  queue.clock.set(k_after_all_files);
  std::filesystem::rename(queue.dir / "backup", path);

  queue.open();
  CHECK(queue.entry(id).state() == State::pending);
  queue.open_without_index();
  CHECK(queue.entry(id).state() == State::pending);
}

TEST_CASE("removing a pending file by hand cancels the operation") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  std::filesystem::remove(queue.dir / ("pending/" + id.text() + ".json"));
  queue.open();
  CHECK(queue.states().empty());
}

TEST_CASE("the lines of a batch are settled one by one, and the last one moves the file") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
  queue.open();
  REQUIRE(queue.settle(ids[0], event::Delivered{}).has_value());
  REQUIRE(queue.settle(ids[1], event::Refused{}).has_value());
  CHECK(queue.names_in("pending").size() == 1);
  REQUIRE(queue.settle(ids[2], k_tried).has_value());

  CHECK(queue.names_in("synced") == std::vector{ids[0].stem.text() + ".jsonl"});
  CHECK(queue.names_in("failed") == std::vector{ids[1].text() + ".a1.json"});
  CHECK(queue.names_in("pending") == std::vector{ids[2].text() + ".a1.json"});
  const auto states = queue.states();
  queue.open_without_index();
  CHECK(queue.states() == states);
  REQUIRE(queue.settle(ids[2], event::Delivered{}).has_value());
  CHECK(queue.entry(ids[2]).state() == State::synced);
}

TEST_CASE("a line whose own file a person removes is gone for good") {
  for (const bool settled : {false, true}) {
    CAPTURE(settled);
    QueueFixture queue;
    const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
    queue.open();
    REQUIRE(queue.settle(ids[0], event::Refused{}).has_value());
    REQUIRE(queue.settle(ids[1], k_tried).has_value());
    if (settled) REQUIRE(queue.settle(ids[2], event::Delivered{}).has_value());
    CHECK(queue.names_in(settled ? "synced" : "failed").size() == 1);
    std::filesystem::remove(queue.dir / ("failed/" + ids[0].text() + ".a1.json"));
    std::filesystem::remove(queue.dir / ("pending/" + ids[1].text() + ".a1.json"));

    const std::map<std::string, State> rest{
        {ids[2].text(), settled ? State::synced : State::pending}};
    queue.open();
    CHECK(queue.states() == rest);
    CHECK(queue.names_in("failed").empty());
    queue.open_without_index();
    CHECK(queue.states() == rest);
  }
}

TEST_CASE("without an index to remember its file, a line is what its receipt says") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
  queue.open();
  REQUIRE(queue.settle(ids[0], event::GivenUp{}).has_value());
  REQUIRE(queue.settle(ids[1], k_tried).has_value());
  std::filesystem::remove(queue.dir / ("failed/" + ids[0].text() + ".json"));
  std::filesystem::remove(queue.dir / ("pending/" + ids[1].text() + ".a1.json"));
  queue.open_without_index();
  CHECK(queue.entry(ids[0]).state() == State::failed);
  CHECK(queue.names_in("failed") == std::vector{ids[0].text() + ".json"});
  CHECK(queue.entry(ids[1]).state() == State::pending);

  // Every line of a batch in synced/ was settled: there it was a hand.
  REQUIRE(queue.settle(ids[1], event::Refused{}).has_value());
  REQUIRE(queue.settle(ids[2], event::Delivered{}).has_value());
  std::filesystem::remove(queue.dir / ("failed/" + ids[0].text() + ".json"));
  queue.open_without_index();
  CHECK(queue.states() == std::map<std::string, State>{{ids[1].text(), State::failed},
                                                       {ids[2].text(), State::synced}});
}

TEST_CASE("what the machine's crash took away is not taken for removed by hand") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  REQUIRE(queue.settle(ids[0], k_tried).has_value());
  std::filesystem::remove(queue.dir / ("pending/" + ids[0].text() + ".a1.json"));
  queue.clock.reboot("boot-2");
  queue.open();
  CHECK(queue.entry(ids[0]).state() == State::pending);
}

TEST_CASE("the file of a line may leave the queue and come back") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  REQUIRE(queue.settle(ids[0], event::Refused{}).has_value());
  const std::string path = queue.dir / ("failed/" + ids[0].text() + ".a1.json");
  std::filesystem::rename(path, queue.dir / "aside");
  queue.clock.set(k_before_all_files);
  queue.open();
  CHECK(!queue.states().contains(ids[0].text()));
  queue.clock.set(k_after_all_files);
  std::filesystem::rename(queue.dir / "aside", path);
  queue.open();
  CHECK(queue.entry(ids[0]).state() == State::failed);
  queue.open_without_index();
  CHECK(queue.entry(ids[0]).state() == State::failed);
}

TEST_CASE("a line moved from folder to folder by hand keeps its operation") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open();
  REQUIRE(queue.settle(ids[0], event::Refused{}).has_value());
  const std::string name = ids[0].text() + ".a1.json";
  std::filesystem::rename(queue.dir / ("failed/" + name), queue.dir / ("pending/" + name));
  queue.open();
  CHECK(queue.entry(ids[0]).state() == State::pending);
  queue.open_without_index();
  CHECK(queue.entry(ids[0]).state() == State::pending);
}

TEST_CASE("a damaged line that a crash left between receipt and file is failed after all") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    const auto ids = queue.enqueue_batch({draft_of("111"), draft_of("222")});
    const std::string path = queue.dir / ("pending/" + ids[0].stem.text() + ".jsonl");
    std::string text = fakes::read_text(path);
    text.replace(text.find("222"), 3, "2x2");
    fakes::write_text(path, text);
    queue.files.arm(n, Fault::crash);
    {
      auto index = Index::open(queue.dir / "index.db", std::chrono::seconds{1});
      REQUIRE(index.has_value());
      const auto crashed = recover(queue.files, *index, queue.clock);
    }
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    queue.open_without_index();
    CHECK(queue.names_in("failed") == std::vector{ids[1].text() + ".json"});
    CHECK(queue.entry(ids[1]).state() == State::failed);
    CHECK(queue.open_without_index().nothing());
    if (!struck) break;
  }
}

TEST_CASE("a damaged line of a batch fails alone") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("111"), draft_of("222"), draft_of("333")});
  const std::string path = queue.dir / ("pending/" + ids[0].stem.text() + ".jsonl");
  std::string text = fakes::read_text(path);
  text.replace(text.find("222"), 3, "2x2");
  fakes::write_text(path, text);
  queue.open();

  CHECK(queue.entry(ids[0]).state() == State::pending);
  CHECK(queue.entry(ids[1]).state() == State::failed);
  CHECK(queue.entry(ids[1]).reason == Reason::unreadable);
  CHECK(queue.entry(ids[2]).state() == State::pending);
  queue.open_without_index();
  CHECK(queue.entry(ids[1]).state() == State::failed);
}

TEST_CASE("thousands of lines are read, with what is damaged among them and what is settled") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch(std::vector(5000, draft_of("12321")));
  const std::string path = queue.dir / ("pending/" + ids[0].stem.text() + ".jsonl");
  std::string text = fakes::read_text(path);
  for (const std::size_t line : {1UL, 1023UL, 1024UL, 1025UL, 4999UL}) {
    const auto at = text.find(ids[line].text() + '"');
    text.replace(text.find("12321", at), 5, "12x21");
  }
  fakes::write_text(path, text);

  for (int i = 0; i < 2; ++i) {
    queue.open_without_index();

    const auto states = queue.states();
    CHECK(states.size() == 5000);
    CHECK(queue.names_in("failed").size() == 5);
    CHECK(states.at(ids[1024].text()) == State::failed);
    CHECK(states.at(ids[1026].text()) == State::pending);
    CHECK(states.at(ids[2000].text()) == (i == 0 ? State::pending : State::synced));
    if (i == 0) REQUIRE(queue.settle(ids[2000], event::Delivered{}).has_value());
  }
}

TEST_CASE("what many lines delivered together became is known without reading it again") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch(std::vector(6, draft_of()));
  queue.open();
  std::vector<Settlement> group;
  for (const std::size_t line : {1UL, 2UL, 3UL, 5UL}) {
    const auto entry = queue.entry(ids[line]);
    const Event event =
        line == 2 ? Event{event::Refused{.reason = Reason::rejected}} : Event{event::Delivered{}};
    const auto step = transition(position_of(entry), event);
    REQUIRE(step.has_value());
    group.push_back({.entry = entry, .transition = *step, .receipt = {}});
  }

  REQUIRE(Settler(queue.files, *queue.index, queue.clock).settle(group).has_value());

  for (const std::size_t line : {0UL, 1UL, 2UL, 3UL, 4UL, 5UL}) {
    const auto last = queue.index->last_receipt(ids[line]).value();
    const bool is_settled = line != 0 && line != 4;
    REQUIRE(last.has_value() == is_settled);
    if (!is_settled) continue;
    CHECK(last->outcome ==
          (line == 2 ? core::codec::Outcome::failed : core::codec::Outcome::synced));
    CHECK(last->attempts == 1);
  }
}

TEST_CASE("a delivery is final for each of many lines that are given up later") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch(std::vector(3, draft_of()));
  queue.open();
  core::codec::Receipt receipt;
  receipt.id = ids[1];
  receipt.outcome = core::codec::Outcome::synced;
  REQUIRE(queue.index->keep_receipt(receipt).value());
  receipt.id = ids[0];
  receipt.outcome = core::codec::Outcome::failed;

  REQUIRE(queue.index->keep_receipts(receipt, ids[2].line).has_value());

  CHECK(queue.index->last_receipt(ids[0]).value()->outcome == core::codec::Outcome::failed);
  CHECK(queue.index->last_receipt(ids[1]).value()->outcome == core::codec::Outcome::synced);
  CHECK(queue.index->last_receipt(ids[2]).value()->outcome == core::codec::Outcome::failed);
}

TEST_CASE("a receipt whose move is missing is completed without the index") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  core::codec::Receipt receipt;
  receipt.id = id;
  receipt.type = "api_call";
  receipt.outcome = core::codec::Outcome::synced;
  receipt.at = queue.clock.now();
  receipt.attempts = 1;
  REQUIRE(append_receipts(queue.files, {&receipt, 1}, receipt.at).has_value());
  CHECK(queue.open().completed == 1);
  CHECK(queue.names_in("synced").size() == 1);
}

TEST_CASE("the journal never goes back to an older day") {
  QueueFixture queue;
  const auto first = queue.enqueue();
  const auto second = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(first, event::Delivered{}).has_value());
  queue.clock.step(-std::chrono::hours{24 * 365});
  REQUIRE(queue.settle(second, event::Delivered{}).has_value());
  CHECK(queue.names_in("receipts").size() == 1);
}

// After a crash at every effect of a group: each operation is in exactly one state, what has a
// receipt is settled, and nothing is lost.
TEST_CASE("settle survives an error, a full disk and a crash at every effect") {
  for (const Fault fault : {Fault::error, Fault::full, Fault::crash}) {
    for (std::uint64_t n = 0;; ++n) {
      CAPTURE(n);
      QueueFixture queue;
      std::vector<core::OperationId> ids =
          queue.enqueue_batch({draft_of("1"), draft_of("2"), draft_of("3")});
      for (int i = 0; i < 3; ++i)
        ids.push_back(queue.enqueue());
      queue.open();
      std::vector<Settlement> group;
      const Event events[] = {event::Delivered{}, event::Refused{}, k_tried};
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto entry = queue.entry(ids[i]);
        group.push_back({.entry = entry,
                         .transition = transition(position_of(entry), events[i % 3]).value(),
                         .receipt = {}});
      }
      queue.files.arm(n, fault);
      const auto settled = Settler(queue.files, *queue.index, queue.clock).settle(group);
      const bool struck = queue.files.has_struck();
      queue.files.disarm();
      if (n % 2 == 0) {
        queue.open_without_index();
      } else {
        queue.open();
      }
      const auto states = queue.states();
      REQUIRE(states.size() == ids.size());
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto lines = receipt_lines_of(queue.files, ids[i]);
        REQUIRE(lines.has_value());
        const State state = states.at(ids[i].text());
        CAPTURE(i);
        if (lines->empty() || i % 3 == 2) CHECK(state == State::pending);
        if (!lines->empty() && i % 3 == 0) CHECK(state == State::synced);
        if (!lines->empty() && i % 3 == 1) CHECK(state == State::failed);
        CHECK(load_operation(queue.files, queue.entry(ids[i])).has_value());
      }
      const auto again = queue.open_without_index();
      CHECK(queue.states() == states);
      if (!struck) {
        CHECK(settled.has_value());
        break;
      }
    }
  }
}

TEST_CASE("recovery survives a crash at every effect") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    const auto whole = queue.enqueue();
    const std::string name = whole.text() + ".json";
    std::filesystem::rename(queue.dir / ("pending/" + name), queue.dir / ("tmp/" + name + ".99"));
    fakes::write_text(queue.dir / "pending/by-hand.json", R"({"type":"note","payload":1})");
    fakes::write_text(queue.dir / "pending/broken.json", "{");
    const auto keyed = queue.enqueue_batch({draft_of("1", "k"), draft_of("2", "k")});
    queue.files.arm(n, Fault::crash);
    {
      auto index = Index::open(queue.dir / "index.db", std::chrono::seconds{1});
      REQUIRE(index.has_value());
      const auto crashed = recover(queue.files, *index, queue.clock);
    }
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    queue.open();
    const auto states = queue.states();
    CHECK(states.size() == 5);
    CHECK(states.at(whole.text()) == State::pending);
    CHECK(states.at(keyed[0].text()) == State::failed);
    CHECK(states.at(keyed[1].text()) == State::pending);
    CHECK(queue.names_in("tmp").empty());
    queue.open_without_index();
    CHECK(queue.states() == states);
    if (!struck) break;
  }
}

TEST_CASE("a folder that was removed is made again, and what was in it is gone") {
  for (const std::string folder :
       {"pending", "synced", "failed", "tmp", "receipts", "blobs", "keys"}) {
    CAPTURE(folder);
    QueueFixture queue;
    const auto id = queue.enqueue();
    queue.open();
    std::filesystem::remove_all(queue.dir / folder);
    const auto recovered = queue.open();
    CHECK(recovered.remade == std::vector<std::string>{folder});
    CHECK(recovered.text().find(folder + "/") != std::string::npos);
    CHECK(queue.states().contains(id.text()) == (folder != "pending"));
    CHECK(queue.open().nothing());
    queue.enqueue(draft_of("1", "key"));
  }
}

TEST_CASE("a copy that takes a pending file's place says when to try") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.open();
  const auto later = queue.clock.now() + std::chrono::minutes{30};
  const std::string path = queue.dir / ("pending/" + id.text() + ".json");
  std::filesystem::copy_file(path, queue.dir / "later");
  REQUIRE(queue.files.set_modified("later", later).has_value());
  std::filesystem::rename(queue.dir / "later", path);
  queue.open();
  CHECK(queue.entry(id).retry_at == later);
}

TEST_CASE("what was moved to failed is named, the first few of it") {
  QueueFixture queue;
  for (int i = 0; i < 6; ++i)
    fakes::write_text(queue.dir / ("pending/" + std::to_string(i) + ".json"), "no JSON");
  const auto recovered = queue.open();
  REQUIRE(recovered.quarantined_ids.size() == 6);
  for (const auto& id : recovered.quarantined_ids)
    CHECK(queue.entry(id).state() == State::failed);
  CHECK(recovered.text().find(recovered.quarantined_ids[0].text()) != std::string::npos);
  CHECK(recovered.text().find(recovered.quarantined_ids[5].text()) == std::string::npos);
}

TEST_CASE("a damaged index is not taken for a bad batch") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  queue.open_without_index();
  const auto more = queue.enqueue_batch({draft_of("3"), draft_of("4")});
  const std::string path = queue.dir / ("pending/" + more[0].stem.text() + ".jsonl");
  const auto bytes = fakes::read_text(path);
  queue.index.reset();
  damage_operations(queue.dir / "index.db");
  auto damaged = Index::open(queue.dir / "index.db", std::chrono::seconds{5});
  REQUIRE(damaged.has_value());
  CHECK(recover(queue.files, *damaged, queue.clock).error().code == core::Errc::corrupt);
  CHECK(fakes::read_text(path) == bytes);
  damaged = core::fail(core::Errc::later, "closed");

  auto store = Store::open(queue.dir.path(), Create::no, queue.clock, queue.random);
  REQUIRE(store.has_value());
  CHECK(store->has_mended_index());
  CHECK(store->recovered().adopted == 0);
  for (const auto& id : {ids[0], ids[1], more[0], more[1]})
    CHECK(store->index().find(id).value()->state() == State::pending);
  CHECK(fakes::read_text(path) == bytes);
}

TEST_CASE("a batch that the disk does not give is told, and the next recovery reads it") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch({draft_of("1"), draft_of("2")});
  const auto single = queue.enqueue();
  const std::string name = ids[0].stem.text() + ".jsonl";
  queue.files.unreadable = {"pending/" + name};
  const auto recovered = queue.open();
  REQUIRE(recovered.unreadable.size() == 1);
  CHECK(recovered.unreadable[0].state == State::pending);
  CHECK(recovered.unreadable[0].cause.code == core::Errc::io);
  CHECK(recovered.unreadable_text().starts_with("a file cannot be read: "));
  CHECK(queue.states() == std::map<std::string, State>{{single.text(), State::pending}});
  CHECK(queue.names_in("pending").size() == 2);
  queue.files.unreadable.clear();
  CHECK(queue.open().unreadable.empty());
  CHECK(queue.states().size() == 3);
}

// More than are added in one piece: a thread adds some while the next ones are read.
TEST_CASE("a batch of many lines is taken in whole, be some of them settled or not") {
  constexpr std::size_t k_lines = 5000;
  QueueFixture queue;
  const auto ids = queue.enqueue_batch(std::vector(k_lines, draft_of("1")));
  queue.open();
  CHECK(queue.states().size() == k_lines);
  REQUIRE(queue.settle(ids[7], event::Delivered{}).has_value());
  queue.open_without_index();
  CHECK(queue.entry(ids[7]).state() == State::synced);
  CHECK(queue.index->count({.states = {State::pending}}).value() == k_lines - 1);
}

TEST_CASE("a recovery that is ended leaves the index as it was, and the next one completes it") {
  constexpr std::size_t k_lines = 5000;  // so many that some are added while others are read
  for (const std::uint64_t looks : {0, 900, 2500, 5001}) {
    CAPTURE(looks);
    QueueFixture queue;
    const auto known = queue.enqueue();
    queue.open();
    const auto ids = queue.enqueue_batch(std::vector(k_lines, draft_of("1")));
    queue.clock.advance(std::chrono::seconds{1});
    const auto ended =
        recover(queue.files, *queue.index, queue.clock, Effects::all, ends_after(looks));

    REQUIRE_FALSE(ended.has_value());
    CHECK(ended.error().code == core::Errc::terminated);
    CHECK(queue.states() == std::map<std::string, State>{{known.text(), State::pending}});
    CHECK(queue.open().nothing());
    CHECK(queue.states().size() == k_lines + 1);
  }
}

TEST_CASE("a recovery can be ended at each of its looks, and nothing is lost or done twice") {
  for (std::uint64_t looks = 0;; ++looks) {
    CAPTURE(looks);
    QueueFixture queue;
    const auto whole = queue.enqueue_batch({draft_of("1"), draft_of("2")});
    const std::string name = whole[0].stem.text() + ".jsonl";
    std::filesystem::rename(queue.dir / ("pending/" + name), queue.dir / ("tmp/" + name + ".99"));
    fakes::write_text(queue.dir / "pending/by-hand.json", R"({"type":"note","payload":1})");
    fakes::write_text(queue.dir / "pending/hand.jsonl",
                      "{\"type\":\"a\",\"payload\":1}\n{\"type\":\"b\",\"payload\":2}\n");
    fakes::write_text(queue.dir / "pending/broken.json", "{");
    const auto keyed = queue.enqueue_batch({draft_of("1", "k"), draft_of("2", "k")});
    auto index = Index::open(queue.dir / "index.db", std::chrono::seconds{1});
    REQUIRE(index.has_value());
    const auto ended = recover(queue.files, *index, queue.clock, Effects::all, ends_after(looks));
    if (!ended) CHECK(ended.error().code == core::Errc::terminated);

    queue.open();
    const auto states = queue.states();
    CHECK(states.size() == 8);
    CHECK(states.at(whole[1].text()) == State::pending);
    CHECK(states.at(keyed[0].text()) == State::failed);
    CHECK(states.at(keyed[1].text()) == State::pending);
    CHECK(queue.names_in("tmp").empty());
    queue.open_without_index();
    CHECK(queue.states() == states);
    if (ended) break;
  }
}

TEST_CASE("a store whose recovery is ended says so, and does not go on without its index") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  auto ended = Store::open(queue.dir.path(), Create::no, queue.clock, queue.random,
                           {.may_go_on = ends_after(0)});
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().code == core::Errc::terminated);

  std::uint64_t looks_of_opening = 0;
  const auto count = [&looks_of_opening]() -> core::Result<> {
    ++looks_of_opening;
    return {};
  };
  REQUIRE(Store::open(queue.dir.path(), Create::no, queue.clock, queue.random, {.may_go_on = count})
              .has_value());
  CHECK(looks_of_opening > 0);
  queue.open();
  CHECK(queue.states().contains(id.text()));
}

TEST_CASE("a store that is refreshed, or takes in by name, can be ended in that") {
  QueueFixture queue;
  bool is_over = false;
  const auto may_go_on = [&is_over]() -> core::Result<> {
    return is_over ? core::Result<>(core::fail(core::Errc::interrupted, "interrupted"))
                   : core::Result<>{};
  };
  auto store = Store::open(queue.dir.path(), Create::no, queue.clock, queue.random,
                           {.may_go_on = may_go_on});
  REQUIRE(store.has_value());
  const std::vector<std::string> names{queue.enqueue().text() + ".json"};

  is_over = true;
  CHECK(store->take_in(names).error().code == core::Errc::interrupted);
  CHECK(store->refresh().error().code == core::Errc::interrupted);
  is_over = false;
  CHECK(store->take_in(names).value());
  CHECK(store->index().count({.states = {State::pending}}).value() == 1);
}
