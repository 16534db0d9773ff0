// SPDX-License-Identifier: MIT
#include "tests/crashlab/sweep_scenarios.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>

#include "tests/crashlab/sweep_fault.hpp"
#include "tests/crashlab/sweep_queue.hpp"

namespace sweep {
namespace {

using core::Errc;
using core::Result;
using Ids = std::vector<std::string>;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

constexpr std::size_t k_large = 100'000;  // a body that is stored beside its operation

Words one(Words more = {}) {
  Words words{"enqueue", "/x", "--type", "t", "-d", R"({"n":1.10})"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words batch(const Lab& lab, Words more = {}) {
  Words words{"enqueue", "/x", "--type", "t", "--ndjson", lab.rows()};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Result<> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? Result<>{} : Result<>(core::fail(Errc::io, "write: " + path));
}

std::string keyed_row(std::string_view key) {
  return fmt::format(R"({{"type":"t","request":{{"url":"/x"}},"payload":{{}},"key":"{}"}})"
                     "\n",
                     key);
}

std::string small_rows(int count) {
  std::string rows;
  for (int row = 1; row <= count; ++row)
    rows += fmt::format("{{\"row\":{}}}\n", row);
  return rows;
}

// The queue in the making; the first error sticks.
class Making {
 public:
  explicit Making(Lab& lab) : lab_(lab) {}

  Making& add(const Words& command) {
    if (!result_) return *this;
    auto out = lab_.must(command);
    if (!out) {
      result_ = tl::unexpected<core::Error>(out.error());
    } else if (command.front() == "enqueue") {
      for (auto& id : whole_lines(*out))
        ids_.push_back(std::move(id));
    }
    return *this;
  }
  Making& add_batch(const std::string& rows) {
    write(lab_.rows(), rows);
    return add(batch(lab_));
  }
  Making& write(const std::string& path, const std::string& text) {
    if (result_) result_ = write_file(path, text);
    return *this;
  }
  // The command is killed there; what it printed is not asked for.
  Making& die(const Words& command, Fault fault) {
    if (!result_) return *this;
    const auto ended = lab_.offq_under(with_fault(fault, lab_.log()), command);
    if (!ended || !has_hit(fault, *ended, lab_.log()))
      result_ = core::fail(Errc::io, command.front() + " did not die at " + fault.text());
    return *this;
  }
  Making& rename(const std::string& from, const std::string& to) {
    std::error_code failed;
    fs::rename(from, to, failed);
    if (failed && result_) result_ = core::fail(Errc::io, "rename: " + from);
    return *this;
  }
  // By hand: as files that nobody has touched for a day.
  Making& age(const std::string& folder) {
    std::error_code failed;
    const auto then = fs::file_time_type::clock::now() - std::chrono::hours{24};
    for (const auto& entry : fs::directory_iterator(lab_.queue() + "/" + folder, failed))
      fs::last_write_time(entry.path(), then, failed);
    return *this;
  }

  [[nodiscard]] const std::string& last() const { return ids_.back(); }
  [[nodiscard]] std::string path(const std::string& name) const {
    return lab_.queue() + "/" + name;
  }
  Result<Ids> ids() {
    if (!result_) return tl::unexpected<core::Error>(result_.error());
    return ids_;
  }

 private:
  Lab& lab_;
  Result<> result_;
  Ids ids_;
};

std::string receipts_of_today(const Lab& lab) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(lab.queue() + "/receipts", failed))
    return entry.path();
  return {};
}

// --- enqueue ---

Result<Ids> no_queue(Lab& lab) {
  std::error_code failed;
  fs::remove_all(lab.queue(), failed);
  return Ids{};
}

Result<Ids> one_pending(Lab& lab) {
  return Making(lab).add(one()).ids();
}

Result<Ids> keyed_pending(Lab& lab) {
  return Making(lab).add(one()).add(one({"--key", "k"})).ids();
}

Result<Ids> keyed_line_pending(Lab& lab) {
  return Making(lab).add_batch(small_rows(2) + keyed_row("k")).ids();
}

// Lines of more than one piece of 256 KiB, so that death between two pieces is swept too.
Result<Ids> large_rows(Lab& lab) {
  Making making(lab);
  making.add(one());
  std::string rows;
  constexpr std::size_t k_row = 60'000;
  for (int row = 1; row <= 6; ++row)
    rows += fmt::format("{{\"row\":{},\"text\":\"{}\"}}\n", row, std::string(k_row, 'x'));
  return making.write(lab.rows(), rows).ids();
}

// A key of a single, a key of a line, a new one, and one that is in the batch twice.
Result<Ids> keyed_rows(Lab& lab) {
  Making making(lab);
  making.add(one({"--key", "a"})).add_batch(keyed_row("b") + small_rows(1));
  std::string rows;
  for (const char* key : {"a", "b", "c", "d", "d"})
    rows += keyed_row(key);
  return making.write(lab.rows(), rows).ids();
}

Result<Ids> large_body(Lab& lab) {
  return Making(lab).add(one()).write(lab.rows(), std::string(k_large, 'b')).ids();
}

// --- settle ---

Result<Ids> some_pending(Lab& lab) {
  Making making(lab);
  making.add(one()).add(one({"--lane", "l"})).add(one({"--lane", "l"})).add(one({"--key", "k"}));
  making.add(one({"--after", making.last()})).add_batch(small_rows(4));
  making.write(lab.rows(), std::string(k_large, 'b'));
  making.add({"enqueue", "/x", "--type", "t", "--data-binary", "@" + lab.rows()});
  // The next command finds it expired.
  making.add(one({"--expires-at", "+1ms"}));
  return making.ids();
}

Result<Ids> singles_and_lines(Lab& lab) {
  return Making(lab).add(one()).add(one()).add_batch(small_rows(3)).ids();
}

Result<Ids> cancelled(Lab& lab) {
  return Making(lab).add(one()).add_batch(small_rows(2)).add(one()).add({"cancel", "--all"}).ids();
}

// --- tend ---

// What real crashes leave, and what people do, all at once; and no index.
Result<Ids> half_done(Lab& lab) {
  Making making(lab);
  making.add(one()).add(one()).add_batch(small_rows(3)).add(one({"--key", "k"}));
  making.die({"sync"}, {.call = "renameat2", .n = 2});  // receipts without moves
  making.add(one()).add(one({"--key", "k"}));
  making.die(one({"--key", "k", "--if-pending", "replace"}), {.call = "fdatasync"});
  making.die(one(), {.call = "renameat2"});  // sealed, in tmp/
  making.write(lab.rows(), small_rows(2));
  making.die(batch(lab), {.call = "renameat2"});
  making.write(making.path("tmp/01M7XYQP6V5Q4ZJ8WZ5N1V7C2M.json.99999999"), "{\"torn\":");
  making.write(making.path("pending/by-hand.json"),
               R"({"type":"t","request":{"url":"/x"},"payload":{"n":2}})");
  making.write(making.path("pending/poison.json"), "not JSON");
  std::error_code failed;
  for (const char* suffix : {"", "-wal", "-shm"})
    fs::remove(making.path("index.db") + suffix, failed);
  return making.ids();
}

// Delivered long ago: singles, a batch, a body, a key; and what must stay.
Result<Ids> long_delivered(Lab& lab) {
  Making making(lab);
  making.add(one()).add(one({"--key", "gone"})).add_batch(small_rows(3));
  making.write(lab.rows(), std::string(k_large, 'b'));
  making.add({"enqueue", "/x", "--type", "t", "--data-binary", "@" + lab.rows()}).add({"sync"});
  making.rename(receipts_of_today(lab), making.path("receipts/2020-01-01.jsonl"));
  making.age("blobs");
  making.add(one()).add({"sync"});  // receipts of today, which stay
  making.add(one()).add({"cancel", making.last()});
  making.add(one({"--key", "k"})).add_batch(small_rows(2)).add({"cancel", making.last()});
  return making.ids();
}

// Damage that --repair undoes: a copy, a wrong counter, no index.
Result<Ids> damaged(Lab& lab) {
  Making making(lab);
  making.add(one()).add({"sync"}).add(one());
  const std::string copied = making.last();
  making.add_batch(small_rows(2)).write(lab.rows(), std::string(k_large, 'b'));
  making.add({"enqueue", "/x", "--type", "t", "--data-binary", "@" + lab.rows()});
  std::error_code failed;
  fs::copy_file(making.path("pending/" + copied + ".json"),
                making.path("failed/" + copied + ".json"), failed);
  making.write(making.path("usage.json"), "{\"ops\":99,\"bytes\":99,\"last\":\"\"}\n");
  making.write(making.path("index.db"), "garbage");
  return making.ids();
}

Words just_one(const Lab& /*lab*/) {
  return one();
}
Words replacing(const Lab& /*lab*/) {
  return one({"--key", "k", "--if-pending", "replace"});
}
Words rows(const Lab& lab) {
  return batch(lab);
}
Words replacing_rows(const Lab& lab) {
  return batch(lab, {"--if-pending", "replace"});
}
Words with_body(const Lab& lab) {
  return {"enqueue", "/x", "--type", "t", "--data-binary", "@" + lab.rows()};
}
Words sync(const Lab& /*lab*/) {
  return {"sync"};
}
Words cancel(const Lab& /*lab*/) {
  return {"cancel", "--all"};
}
Words retry(const Lab& /*lab*/) {
  return {"retry", "--all"};
}
Words list(const Lab& /*lab*/) {
  return {"list", "--ids"};
}
Words prune(const Lab& /*lab*/) {
  return {"prune", "--older-than", "0s"};
}
Words repair(const Lab& /*lab*/) {
  return {"fsck", "--repair"};
}

using Does = Scenario::Does;
constexpr int k_later = 75;

const std::array<Scenario, 15> k_scenarios{{
    {"enqueue-first", "enqueue where there is no queue yet", Does::enqueue, no_queue, just_one},
    {"enqueue-one", "enqueue into a queue", Does::enqueue, one_pending, just_one},
    {"enqueue-body", "enqueue a body that is stored beside", Does::enqueue, large_body, with_body},
    {"enqueue-replace", "replace the operation of a key", Does::enqueue, keyed_pending, replacing},
    {"enqueue-replace-line", "replace a line of a batch", Does::enqueue, keyed_line_pending,
     replacing},
    {"enqueue-batch", "enqueue a batch of several pieces", Does::enqueue, large_rows, rows},
    {"enqueue-batch-keys", "enqueue a batch that replaces", Does::enqueue, keyed_rows,
     replacing_rows},
    {"settle-one", "deliver one operation", Does::settle, one_pending, sync, 0,
     Scenario::Index::current},
    {"settle-group", "deliver operations of all kinds", Does::settle, some_pending, sync, 1,
     Scenario::Index::current},
    {"settle-attempts", "charge attempts", Does::settle, singles_and_lines, sync, k_later,
     Scenario::Index::current, Lab::Target::failing},
    {"cancel", "give up everything that is pending", Does::tend, singles_and_lines, cancel, 0,
     Scenario::Index::current},
    {"retry", "put back what was given up", Does::tend, cancelled, retry, 0,
     Scenario::Index::current},
    {"recover", "open a queue that has seen crashes", Does::tend, half_done, list},
    {"prune", "forget what was delivered", Does::tend, long_delivered, prune, 0,
     Scenario::Index::current},
    {"repair", "repair a damaged queue", Does::tend, damaged, repair, 1},
}};

}  // namespace

std::span<const Scenario> scenarios() {
  return k_scenarios;
}

const Scenario* find_scenario(std::string_view name) {
  for (const auto& scenario : k_scenarios)
    if (scenario.name == name) return &scenario;
  return nullptr;
}

}  // namespace sweep
