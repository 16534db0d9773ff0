// SPDX-License-Identifier: MIT
#include "libcore/queue/verify.hpp"

#include <filesystem>

#include "libcore/queue/ledger.hpp"
#include "libcore/queue/prune.hpp"
#include "libcore/queue/usage.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using core::OperationId;
using fakes::draft_of;
using fakes::Fault;
using fakes::QueueFixture;

namespace {

constexpr core::Duration k_day{std::chrono::hours{24}};

Account account_of(QueueFixture& queue) {
  queue.open();
  const auto account = verify(queue.files, *queue.index);
  REQUIRE_MESSAGE(account.has_value(), (account ? "" : account.error().message));
  return *account;
}

// The numbers of all gaps, as "first-last".
std::string gaps_of(const Account& account) {
  core::SerialSet serials;
  std::uint64_t series = 0;
  for (const auto& gap : account.gaps) {
    serials.add(gap.numbers);
    series = gap.numbers.series;
  }
  return serials.text(series);
}

void remove(QueueFixture& queue, const std::string& path) {
  REQUIRE(std::filesystem::remove(queue.dir / path));
}

std::string path_of(const OperationId& id, const std::string& folder = "pending") {
  return folder + "/" + id.text() + ".json";
}

std::string serial_of(QueueFixture& queue, const OperationId& id) {
  const auto text = fakes::read_text(queue.dir / path_of(id));
  const auto serial = core::codec::leading_serial(text, id);
  return serial ? serial->text() : "none";
}

std::vector<core::codec::Envelope> drafts(int count, const std::string& payload = "1") {
  return std::vector(static_cast<std::size_t>(count), draft_of(payload));
}

}  // namespace

TEST_CASE("numbers go on from one operation to the next, and through batches") {
  QueueFixture queue;
  const auto first = queue.enqueue();
  const auto batch = queue.enqueue_batch(drafts(200));
  const auto last = queue.enqueue();

  const auto series = core::Serial::parse(serial_of(queue, first))->series;
  CHECK(serial_of(queue, first) == core::Serial{series, 1}.text());
  CHECK(serial_of(queue, last) == core::Serial{series, 202}.text());
  const auto account = account_of(queue);
  CHECK(account.is_complete());
  CHECK(account.given == 202);
  CHECK(account.series == 1);
  CHECK(account.pending == 202);
  CHECK(account.unnumbered == 0);
}

TEST_CASE("an operation that is gone leaves a gap between its neighbours") {
  QueueFixture queue;
  const auto before = queue.enqueue();
  const auto gone = queue.enqueue();
  const auto after = queue.enqueue();
  remove(queue, path_of(gone));
  const auto account = account_of(queue);

  REQUIRE(account.gaps.size() == 1);
  CHECK(gaps_of(account) == "2");
  CHECK(account.gaps[0].after == before);
  CHECK(account.gaps[0].before == after);
}

TEST_CASE("a gap that a person accepted is told no more, and a new one is") {
  QueueFixture queue;
  std::vector<OperationId> ids;
  for (int i = 0; i < 5; ++i)
    ids.push_back(queue.enqueue());
  remove(queue, path_of(ids[1]));
  REQUIRE(accept(queue.files, account_of(queue).gaps, queue.clock.now()).has_value());
  CHECK(account_of(queue).is_complete());
  CHECK(account_of(queue).accepted == 1);
  remove(queue, path_of(ids[3]));
  CHECK(gaps_of(account_of(queue)) == "4");
}

TEST_CASE("the newest operations cannot vanish together with the index unnoticed") {
  QueueFixture queue;
  queue.enqueue();
  const auto last = queue.enqueue();
  remove(queue, path_of(last));
  queue.open_without_index();
  const auto account = account_of(queue);

  CHECK(gaps_of(account) == "2");
  CHECK(!account.gaps[0].before);
}

TEST_CASE("without usage.json, or after another boot, numbers are not given twice") {
  QueueFixture queue;
  const auto first = queue.enqueue();
  remove(queue, "usage.json");
  queue.clock.step(-1 * k_day);
  const auto second = queue.enqueue();
  queue.clock.reboot("boot-2");
  const auto third = queue.enqueue();
  CHECK(serial_of(queue, first) != serial_of(queue, second));
  CHECK(serial_of(queue, second) != serial_of(queue, third));

  const auto account = account_of(queue);
  CHECK(account.is_complete());
  CHECK(account.series == 3);
  CHECK(account.given == 3);
}

TEST_CASE("what an earlier boot gave out last is remembered when its operation is gone") {
  QueueFixture queue;
  queue.enqueue();
  const auto last = queue.enqueue();
  queue.clock.reboot("boot-2");
  queue.enqueue();
  remove(queue, path_of(last));

  CHECK(gaps_of(account_of(queue)) == "2");
}

TEST_CASE("the end of a series is remembered when usage.json is lost or old, however it ends") {
  for (const bool is_lost : {true, false}) {
    for (const bool ends_with_batch : {true, false}) {
      for (const bool goes_on_with_batch : {true, false}) {
        for (const bool is_settled_first : {true, false}) {
          CAPTURE(is_lost);
          CAPTURE(ends_with_batch);
          CAPTURE(goes_on_with_batch);
          CAPTURE(is_settled_first);
          QueueFixture queue;
          queue.enqueue();
          const auto old = fakes::read_text(queue.dir / "usage.json");
          queue.enqueue_batch(drafts(2));
          const auto last = ends_with_batch ? queue.enqueue_batch(drafts(5))[0] : queue.enqueue();
          fakes::write_text(queue.dir / "usage.json", is_lost ? "" : old);
          if (!is_lost) queue.clock.reboot("boot-2");
          if (is_settled_first) queue.open();
          goes_on_with_batch ? queue.enqueue_batch(drafts(2))[0] : queue.enqueue();
          CHECK(account_of(queue).is_complete());
          remove(queue, ends_with_batch ? "pending/" + last.stem.text() + ".jsonl" : path_of(last));
          const auto account = account_of(queue);

          CHECK(gaps_of(account) == (ends_with_batch ? "4-8" : "4"));
          CHECK(account.series == 2);
        }
      }
    }
  }
}

TEST_CASE("the end of a series is found in failed, and below what has no number or is damaged") {
  QueueFixture queue;
  queue.enqueue();
  const auto last = queue.enqueue();
  const auto damaged = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(last, event::Refused{}).has_value());
  fakes::write_text(queue.dir / path_of(damaged), "nothing left of it");
  fakes::write_text(queue.dir / "pending/7ZZZZZZZZZZZZZZZZZZZZZZZZY.json", R"({"payload":1})");
  remove(queue, "usage.json");
  queue.enqueue();
  for (const auto& name : queue.names_in("failed"))
    if (name.starts_with(last.text())) remove(queue, "failed/" + name);
  for (const auto& name : queue.names_in("receipts"))
    remove(queue, "receipts/" + name);

  CHECK(gaps_of(account_of(queue)) == "2");
}

TEST_CASE("the end of a series is noted once, and each time another ends") {
  QueueFixture queue;
  for (const char* boot : {"boot-2", "boot-3", "boot-4"}) {
    queue.enqueue();
    queue.enqueue_batch(drafts(3));
    queue.clock.reboot(boot);
    queue.enqueue_batch(drafts(1));
  }
  std::vector<std::string> numbers;
  REQUIRE(each_ledger_line(queue.files, [&numbers](Fate fate, const core::SerialSet& serials) {
            CHECK(fate == Fate::given);
            serials.each([&](const core::SerialRange& range) {
              numbers.push_back(serials.text(range.series));
            });
          }).has_value());

  CHECK(numbers == std::vector<std::string>{"1-4", "1-5", "1-5"});
  CHECK(account_of(queue).series == 4);
}

TEST_CASE("a series that begins costs reading no operation that usage.json knows of") {
  QueueFixture queue;
  for (int i = 0; i < 50; ++i)
    queue.enqueue();
  queue.enqueue_batch(drafts(3));
  queue.clock.reboot("boot-2");
  int reads = 0;
  queue.files.on_open = [&reads](const std::string& path) {
    reads += path.starts_with("pending/");
  };
  queue.enqueue();
  queue.files.on_open = nullptr;

  CHECK(reads == 0);
  CHECK(account_of(queue).given == 54);
}

TEST_CASE("an enqueue that begins a series and is cut off anywhere leaves an account that holds") {
  for (const Fault fault : {Fault::error, Fault::full, Fault::crash}) {
    for (const bool is_batch : {true, false}) {
      for (std::uint64_t n = 0;; ++n) {
        CAPTURE(n);
        CAPTURE(is_batch);
        QueueFixture queue;
        queue.enqueue();
        const auto old = fakes::read_text(queue.dir / "usage.json");
        const auto last = queue.enqueue();
        fakes::write_text(queue.dir / "usage.json", old);
        queue.clock.reboot("boot-2");
        queue.files.arm(n, fault);
        int left = 2;
        const bool is_added =
            is_batch ? queue.enqueuer()
                           .add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
                             if (left-- == 0) return std::nullopt;
                             return draft_of();
                           })
                           .has_value()
                     : queue.enqueuer().add(draft_of()).has_value();
        const bool struck = queue.files.has_struck();
        queue.files.disarm();
        auto account = account_of(queue);
        if (is_added || fault != Fault::crash) CHECK(account.is_complete());
        queue.enqueue();
        remove(queue, path_of(last));
        account = account_of(queue);
        bool is_missed = false;
        for (const auto& gap : account.gaps)
          is_missed |= gap.numbers.first == 2 && gap.numbers.last == 2;
        CHECK(is_missed);
        if (!struck) break;
      }
    }
  }
}

TEST_CASE("numbers of a batch that a power cut ended are no gap, whoever enqueues first") {
  for (const char* keeps : {"pending", "nothing"}) {
    CAPTURE(keeps);
    QueueFixture queue;
    queue.enqueue();
    std::string during;
    int left = 3;
    const auto added =
        queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
          during = fakes::read_text(queue.dir / "usage.json");
          if (left-- == 0) return std::nullopt;
          return draft_of();
        });
    REQUIRE(added.has_value());
    const auto batch = "pending/" + (*added)[0].id.stem.text() + ".jsonl";
    if (std::string(keeps) == "nothing") remove(queue, batch);
    fakes::write_text(queue.dir / "usage.json", during);
    queue.clock.reboot("boot-2");
    queue.enqueue();
    CHECK(account_of(queue).is_complete());
    if (std::string(keeps) == "nothing") continue;
    // Printed: only what it took and did not need is explained.
    remove(queue, batch);
    CHECK(gaps_of(account_of(queue)) == "2-4");
  }
}

TEST_CASE("a usage.json of old that was put back is found out by its numbers") {
  QueueFixture queue;
  queue.enqueue();
  const auto old = fakes::read_text(queue.dir / "usage.json");
  const auto second = queue.enqueue();
  fakes::write_text(queue.dir / "usage.json", old);
  const auto again = queue.enqueue();
  const auto account = account_of(queue);

  CHECK(account.gaps.empty());
  CHECK(!account.is_complete());
  REQUIRE(account.repeats.size() == 1);
  CHECK(account.repeats[0].ids == std::vector{second, again});
}

TEST_CASE("operations without a number are counted, and stay valid") {
  QueueFixture queue;
  queue.enqueue();
  fakes::write_text(queue.dir / "pending/mine.json", R"({"type":"note","seq":7,"payload":1})");
  const auto account = account_of(queue);

  CHECK(account.is_complete());
  CHECK(account.pending == 2);
  CHECK(account.unnumbered == 1);
}

TEST_CASE("a copy that is adopted under a new id does not take the number along") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  auto text = fakes::read_text(queue.dir / path_of(id));
  text.replace(text.find("\"id\""), 34, "");
  text.replace(text.find(",\"sum\""), std::string::npos, "}\n");
  fakes::write_text(queue.dir / "pending/copy.json", text);
  const auto account = account_of(queue);

  CHECK(account.pending == 2);
  CHECK(account.unnumbered == 1);
  CHECK(account.repeats.empty());
}

TEST_CASE("a damaged operation is damaged, not gone") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.enqueue();
  auto text = fakes::read_text(queue.dir / path_of(id));
  text.replace(text.find("127.0.0.1"), 3, "999");
  fakes::write_text(queue.dir / path_of(id), text);
  auto account = account_of(queue);
  CHECK(account.is_complete());
  CHECK(account.damaged == 1);
  CHECK(account.damaged_unnumbered == 0);

  fakes::write_text(queue.dir / path_of(id, "failed"), "nothing left of it");
  account = account_of(queue);
  CHECK(gaps_of(account) == "1");
  CHECK(account.damaged_unnumbered == 1);
}

TEST_CASE("lines are accounted for whatever became of each") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch(drafts(5));
  queue.open();
  REQUIRE(queue.settle(ids[0], event::Delivered{}).has_value());
  REQUIRE(queue.settle(ids[1], event::Refused{}).has_value());
  REQUIRE(queue.settle(ids[2], event::DeleteRequested{}).has_value());
  auto account = account_of(queue);
  CHECK(account.is_complete());
  CHECK(account.repeats.empty());
  CHECK(account.synced == 1);
  CHECK(account.failed == 1);
  CHECK(account.pending == 2);
  CHECK(account.deleted == 1);

  for (const auto& id : {ids[0], ids[1], ids[3], ids[4]})
    REQUIRE(queue.settle(id, event::DeleteRequested{}).has_value());
  CHECK(queue.names_in("pending").empty());
  account = account_of(queue);
  CHECK(account.is_complete());
  CHECK(account.deleted == 5);
}

TEST_CASE("a line cut out of a batch leaves a gap") {
  QueueFixture queue;
  const auto ids = queue.enqueue_batch(drafts(3));
  const auto path = queue.dir / ("pending/" + ids[0].stem.text() + ".jsonl");
  auto text = fakes::read_text(path);
  text.erase(text.find('\n', text.find('\n') + 1) + 1);
  fakes::write_text(path, text);

  CHECK(gaps_of(account_of(queue)) == "3");
}

TEST_CASE("deletion and pruning leave a complete account, and lost receipts do not") {
  QueueFixture queue;
  const auto deleted = queue.enqueue();
  const auto batch = queue.enqueue_batch(drafts(3));
  const auto single = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(deleted, event::DeleteRequested{}).has_value());
  for (const auto& id : {batch[0], batch[1], batch[2], single})
    REQUIRE(queue.settle(id, event::Delivered{}).has_value());
  CHECK(account_of(queue).deleted == 1);
  queue.clock.advance(3 * k_day);
  const auto young = queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(young, event::Delivered{}).has_value());
  const auto pruned =
      prune(queue.files, *queue.index, queue.clock, queue.clock.now() - k_day, Removal::done);
  REQUIRE(pruned.has_value());
  CHECK(pruned->operations == 4);
  CHECK(pruned->receipt_days == 1);

  const auto account = account_of(queue);
  CHECK(account.is_complete());
  CHECK(account.deleted == 1);
  CHECK(account.removed == 4);
  CHECK(account.given == 6);
}

TEST_CASE("a lost file of receipts opens a gap where something was deleted") {
  QueueFixture queue;
  const auto deleted = queue.enqueue();
  queue.enqueue();
  queue.open();
  REQUIRE(queue.settle(deleted, event::DeleteRequested{}).has_value());
  for (const auto& name : queue.names_in("receipts"))
    remove(queue, "receipts/" + name);

  CHECK(gaps_of(account_of(queue)) == "1");
}

TEST_CASE("prune at any point of which a crash comes leaves a complete account") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    const auto batch = queue.enqueue_batch(drafts(2));
    const auto old = queue.enqueue();
    const auto gone = queue.enqueue();
    queue.open();
    for (const auto& id : {batch[0], batch[1], old})
      REQUIRE(queue.settle(id, event::Delivered{}).has_value());
    REQUIRE(queue.settle(gone, event::DeleteRequested{}).has_value());
    queue.clock.advance(3 * k_day);
    const auto young = queue.enqueue();
    queue.open();
    REQUIRE(queue.settle(young, event::Delivered{}).has_value());
    queue.files.arm(n, Fault::crash);
    [[maybe_unused]] const auto pruned =
        prune(queue.files, *queue.index, queue.clock, queue.clock.now() - k_day, Removal::done);
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    CHECK(account_of(queue).is_complete());
    if (!struck) break;
  }
}

// The one moment of which nothing on disk can tell is between taking a number and writing a file.
TEST_CASE("an enqueue that fails leaves no gap, one that is killed at most its own") {
  for (const Fault fault : {Fault::error, Fault::full, Fault::crash}) {
    for (const char* key : {"", "k"}) {
      for (std::uint64_t n = 0;; ++n) {
        CAPTURE(n);
        CAPTURE(key);
        QueueFixture queue;
        queue.enqueue(draft_of("0", key));
        queue.files.arm(n, fault);
        const auto added = queue.enqueuer().add(draft_of("1", key));
        const bool struck = queue.files.has_struck();
        queue.files.disarm();
        queue.enqueue();
        const auto account = account_of(queue);

        if (fault != Fault::crash) CHECK(account.is_complete());
        if (added) CHECK(account.is_complete());
        if (!account.is_complete()) CHECK(gaps_of(account) == "2");
        if (!struck) break;
      }
    }
  }
}

TEST_CASE("a batch that fails, or whose writer is killed, leaves no gap") {
  for (const Fault fault : {Fault::error, Fault::full, Fault::crash}) {
    for (std::uint64_t n = 0;; ++n) {
      CAPTURE(n);
      QueueFixture queue;
      queue.enqueue();
      queue.files.arm(n, fault);
      int left = 500;
      [[maybe_unused]] const auto added =
          queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
            if (left-- == 0) return std::nullopt;
            return draft_of();
          });
      const bool struck = queue.files.has_struck();
      queue.files.disarm();
      queue.enqueue();
      CHECK(account_of(queue).is_complete());
      if (!struck) break;
    }
  }
}

TEST_CASE("numbers that a batch took and did not need are not missed, whoever enqueued meanwhile") {
  QueueFixture queue;
  int left = 100;
  const auto added =
      queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
        if (left == 30) queue.enqueue();
        if (left-- == 0) return std::nullopt;
        return draft_of();
      });
  REQUIRE(added.has_value());
  queue.enqueue();
  const auto account = account_of(queue);

  CHECK(account.is_complete());
  CHECK(account.pending == 102);
  CHECK(account.given == account.pending + account.unprinted);
}

TEST_CASE("numbers of a batch that is being written are no gap") {
  QueueFixture queue;
  int left = 3;
  Account seen;
  const auto added =
      queue.enqueuer().add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
        if (left == 1) seen = account_of(queue);
        if (left-- == 0) return std::nullopt;
        return draft_of();
      });
  REQUIRE(added.has_value());

  CHECK(seen.is_complete());
  CHECK(seen.writing > 0);
  CHECK(account_of(queue).given == 3);
}

TEST_CASE("a damaged line of the ledger explains nothing") {
  QueueFixture queue;
  const auto gone = queue.enqueue();
  queue.enqueue();
  remove(queue, path_of(gone));
  REQUIRE(accept(queue.files, account_of(queue).gaps, queue.clock.now()).has_value());
  auto text = fakes::read_text(queue.dir / "ledger.jsonl");
  CHECK(core::codec::is_sealed(text));
  text.replace(text.find("\"numbers\":\"1\""), 13, "\"numbers\":\"2\"");
  fakes::write_text(queue.dir / "ledger.jsonl", text);

  CHECK(gaps_of(account_of(queue)) == "1");
}

TEST_CASE("what is enqueued between the two looks is no gap") {
  QueueFixture queue;
  queue.enqueue();
  const auto gone = queue.enqueue();
  queue.enqueue();
  remove(queue, path_of(gone));
  queue.open();
  int looks = 0;
  queue.files.on_list = [&](const std::string& directory) {
    if (directory != "pending" || ++looks != 2) return;
    // One that has its number and no file yet, and one that overtook it.
    REQUIRE(admit(queue.files, queue.clock, queue.random, {.ops = 1, .bytes = 1}, queue.limits)
                .has_value());
    queue.enqueue();
  };
  const auto account = verify(queue.files, *queue.index);
  queue.files.on_list = nullptr;
  REQUIRE(account.has_value());

  CHECK(looks == 2);
  CHECK(gaps_of(*account) == "2");
  CHECK(account->given == 3);
}

TEST_CASE("an operation that was retried must be there, whatever receipts said before") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  queue.enqueue();
  queue.open();
  const auto serial = core::Serial::parse(serial_of(queue, id));
  const auto refused =
      core::queue::transition(core::queue::position_of(queue.entry(id)), event::Refused{});
  REQUIRE(refused.has_value());
  std::vector<Settlement> group{{.entry = queue.entry(id), .transition = *refused, .receipt = {}}};
  group[0].receipt.serial = serial;
  REQUIRE(Settler(queue.files, *queue.index, queue.clock).settle(group).has_value());
  REQUIRE(queue.settle(id, event::RetryRequested{}).has_value());
  CHECK(account_of(queue).is_complete());
  remove(queue, path_of(id));

  CHECK(gaps_of(account_of(queue)) == "1");
}

TEST_CASE("the number of an enqueue that failed is not given again when no ledger can be written") {
  QueueFixture queue;
  const auto taken =
      admit(queue.files, queue.clock, queue.random, {.ops = 1, .bytes = 1}, queue.limits);
  REQUIRE(taken.has_value());
  const auto& [series, number] = taken->serial;
  queue.files.arm(0, Fault::full);
  REQUIRE(count_out(queue.files, queue.clock, {.ops = 1, .bytes = 1},
                    core::SerialSet({.series = series, .first = number, .last = number}))
              .has_value());
  queue.files.disarm();

  CHECK(serial_of(queue, queue.enqueue()) == core::Serial{series, number + 1}.text());
}
