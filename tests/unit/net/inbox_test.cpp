// SPDX-License-Identifier: MIT
#include "libcore/net/inbox.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "libcore/codec/sha256.hpp"
#include "tests/fakes/faulty_files.hpp"
#include "tests/fakes/temp_dir.hpp"

using core::Errc;
using core::Result;
using core::net::Acceptance;
using core::net::Inbox;
using core::net::InboxRequest;

namespace {

class Fixture {
 public:
  Fixture() : real_(*core::sys::RealFiles::at(directory_.path())), files_(real_) {}

  std::unique_ptr<Inbox> open() {
    auto inbox = Inbox::open(files_, clock_, random_);
    REQUIRE(inbox.has_value());
    return *std::move(inbox);
  }
  Result<std::unique_ptr<Inbox>> try_open() { return Inbox::open(files_, clock_, random_); }

  fakes::FaultyFiles& files() { return files_; }

  [[nodiscard]] std::string text() const { return fakes::read_text(path("inbox.jsonl")); }
  void append(const std::string& bytes) const {
    std::ofstream(path("inbox.jsonl"), std::ios::binary | std::ios::app) << bytes;
  }
  [[nodiscard]] std::size_t lines() const {
    const std::string all = text();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }
  [[nodiscard]] std::size_t files_in(const std::string& name) const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path(name)), {}));
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

 private:
  fakes::TempDir directory_;
  core::sys::RealFiles real_;
  fakes::FaultyFiles files_;
  core::sys::SystemClock clock_;
  core::sys::SystemRandom random_;
};

core::net::NextPiece once(std::string bytes) {
  return [bytes = std::move(bytes), given = false]() mutable -> Result<std::string_view> {
    if (std::exchange(given, true)) return std::string_view{};
    return std::string_view(bytes);
  };
}

InboxRequest post(const std::string& key = {}) {
  return {.method = "POST",
          .target = "/v1/runs",
          .headers = {{"Host", "localhost"}},
          .key = key,
          .media_type = "application/json"};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what the inbox stores of a body depends on what it is") {
  struct Row {
    std::string body;
    std::string stored;
  };
  const std::string wide(70'000, 'x');
  for (const auto& [body, stored] :
       std::vector<Row>{{R"({"n":12345678901234567890,"f":1.10})",
                         R"("body":{"n":12345678901234567890,"f":1.10},"answer")"},
                        {" [1, 2]\n", R"("body":[1, 2],"answer")"},
                        {"{\n\"a\":1}", R"("text":"{\n\"a\":1}")"},
                        {"plain \"words\"", R"("text":"plain \"words\"")"},
                        {"\xff\x00", R"("blob":{"sha256":")"},
                        {wide, R"("size":70000,"media_type":"application/json"})"}}) {
    CAPTURE(stored);
    Fixture fixture;
    REQUIRE(fixture.open()->store(post(), 201, once(body)).has_value());
    CHECK(contains(fixture.text(), stored));
  }
}

TEST_CASE("a request without a body has none in the inbox") {
  Fixture fixture;
  REQUIRE(fixture.open()->store(post(), 200, once("")).has_value());

  CHECK_FALSE(contains(fixture.text(), "\"body\""));
  CHECK(contains(fixture.text(), R"("target":"/v1/runs","headers":{"Host":"localhost"},"answer")"));
}

TEST_CASE("equal blobs are kept once, under their sum, private, and nothing is left in tmp") {
  Fixture fixture;
  const std::string bytes = "\xff" + std::string(100'000, 'y');
  const auto inbox = fixture.open();
  REQUIRE(inbox->store(post(), 201, once(bytes)).has_value());
  REQUIRE(inbox->store(post(), 201, once(bytes)).has_value());

  CHECK(fixture.files_in("blobs") == 1);
  CHECK(fixture.files_in("tmp") == 0);
  struct stat status{};
  const std::string path = fixture.path("blobs/" + core::codec::sha256_hex(bytes));
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(static_cast<std::size_t>(status.st_size) == bytes.size());
}

TEST_CASE("a repeated key gets the first answer, also from a new process") {
  for (const std::string& body : {std::string(R"({"a":1})"), std::string("text"), std::string(),
                                  std::string("\xfe"), std::string(80'000, 'z')}) {
    CAPTURE(body.size());
    Fixture fixture;
    auto inbox = fixture.open();
    const auto first = inbox->store(post("k1"), 202, once(body));
    REQUIRE(first.has_value());
    CHECK(first->acceptance == Acceptance::stored);

    for (int round = 0; round < 2; ++round) {
      const auto again = inbox->store(post("k1"), 201, once(body));
      REQUIRE(again.has_value());
      CHECK(again->acceptance == Acceptance::replayed);
      CHECK(again->id == first->id);
      CHECK(again->status == 202);
      inbox.reset();
      inbox = fixture.open();
    }
    CHECK(fixture.lines() == 1);
    CHECK(fixture.files_in("tmp") == 0);
  }
}

TEST_CASE("a key that belongs to another request is refused") {
  Fixture fixture;
  const auto inbox = fixture.open();
  REQUIRE(inbox->store(post("k1"), 201, once("1")).has_value());
  InboxRequest other_target = post("k1");
  other_target.target = "/v2";
  InboxRequest other_method = post("k1");
  other_method.method = "PUT";

  CHECK(inbox->store(post("k1"), 201, once("2"))->acceptance == Acceptance::conflict);
  CHECK(inbox->store(other_target, 201, once("1"))->acceptance == Acceptance::conflict);
  CHECK(inbox->store(other_method, 201, once("1"))->acceptance == Acceptance::conflict);
  CHECK(inbox->store(post("k2"), 201, once("1"))->acceptance == Acceptance::stored);
  CHECK(fixture.lines() == 2);
}

TEST_CASE("of many that bring one key at once, one is stored and all get its answer") {
  Fixture fixture;
  const auto inbox = fixture.open();
  std::array<core::Ulid, 8> ids{};
  std::vector<std::thread> threads;
  for (auto& id : ids) {
    threads.emplace_back([&inbox, &id] { id = inbox->store(post("k"), 201, once("{}"))->id; });
  }
  for (auto& thread : threads)
    thread.join();

  CHECK(fixture.lines() == 1);
  for (const auto& id : ids)
    CHECK(id == ids.front());
}

TEST_CASE("many threads share the file without mixing lines or ids") {
  constexpr int k_threads = 8;
  constexpr int k_each = 50;
  Fixture fixture;
  const auto inbox = fixture.open();
  std::vector<std::thread> threads;
  for (int t = 0; t < k_threads; ++t) {
    threads.emplace_back([&inbox, t] {
      for (int i = 0; i < k_each; ++i) {
        static_cast<void>(inbox->store(post(std::to_string(t * k_each + i)), 201, once("[1]")));
      }
    });
  }
  for (auto& thread : threads)
    thread.join();

  CHECK(fixture.lines() == k_threads * k_each);
  std::istringstream stream(fixture.text());
  std::vector<core::Ulid> ids;
  for (std::string line; std::getline(stream, line);) {
    const auto parsed = core::codec::parse_inbox_line(line);
    REQUIRE(parsed.has_value());
    ids.push_back(parsed->id);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("a torn last line is cut off and its key can be used again") {
  Fixture fixture;
  REQUIRE(fixture.open()->store(post("k1"), 201, once("1")).has_value());
  const std::string whole = fixture.text();
  fixture.append(R"({"id":"01KAAAAAAAAAAAAAAAAAAAAAAA","at":"2026-11-21T02:25:00.0)");

  const auto inbox = fixture.open();
  CHECK(inbox->torn() == 62);
  CHECK(fixture.text() == whole);
  CHECK(inbox->store(post("k1"), 201, once("1"))->acceptance == Acceptance::replayed);
  CHECK(inbox->store(post("k2"), 201, once("1"))->acceptance == Acceptance::stored);
}

TEST_CASE("a whole line that cannot be read is named, skipped and left alone") {
  Fixture fixture;
  REQUIRE(fixture.open()->store(post("k1"), 201, once("1")).has_value());
  fixture.append("not json\n");
  const auto inbox = fixture.open();

  CHECK(inbox->lines() == 2);
  REQUIRE(inbox->damage().size() == 1);
  CHECK(inbox->damage().front().starts_with("inbox.jsonl:2: "));
  CHECK(inbox->store(post("k1"), 201, once("1"))->acceptance == Acceptance::replayed);
  CHECK(contains(fixture.text(), "not json\n"));
}

TEST_CASE("one process at a time receives into a directory") {
  Fixture fixture;
  auto inbox = fixture.open();
  const auto second = fixture.try_open();
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == Errc::later);

  inbox.reset();
  CHECK(fixture.try_open().has_value());
}

TEST_CASE("a body that breaks off leaves nothing, and its key is free") {
  for (const std::size_t size : {std::size_t{10}, std::size_t{100'000}}) {
    Fixture fixture;
    const auto inbox = fixture.open();
    const std::string part(size, 'x');
    int calls = 0;
    const auto broken = inbox->store(post("k"), 201, [&]() -> Result<std::string_view> {
      if (++calls == 1) return std::string_view(part);
      return core::fail(Errc::timeout, "client too slow");
    });
    REQUIRE_FALSE(broken.has_value());

    CHECK(broken.error().code == Errc::timeout);
    CHECK(fixture.lines() == 0);
    CHECK(fixture.files_in("tmp") == 0);
    CHECK(inbox->store(post("k"), 201, once("1"))->acceptance == Acceptance::stored);
  }
}

TEST_CASE("whatever effect fails, a request is stored and answered or neither") {
  const std::string blob(80'000, 'b');
  for (const auto fault : {fakes::Fault::error, fakes::Fault::full, fakes::Fault::crash}) {
    for (const std::string& body : {std::string("{}"), blob}) {
      for (std::uint64_t n = 0;; ++n) {
        CAPTURE(n);
        REQUIRE(n < 20);
        Fixture fixture;
        auto inbox = fixture.open();
        fixture.files().arm(n, fault);
        const auto stored = inbox->store(post("k"), 201, once(body));
        const bool struck = fixture.files().has_struck();
        fixture.files().disarm();
        CHECK(stored.has_value() == !struck);
        CHECK(fixture.lines() == (stored.has_value() ? 1 : 0));

        inbox.reset();
        inbox = fixture.open();
        CHECK(fixture.files_in("tmp") == 0);
        const auto again = inbox->store(post("k"), 201, once(body));
        REQUIRE(again.has_value());
        CHECK(again->acceptance == (struck ? Acceptance::stored : Acceptance::replayed));
        CHECK(fixture.lines() == 1);
        if (!struck) break;
      }
    }
  }
}

TEST_CASE("a full disk passes, an I/O error stays until the inbox is opened again") {
  Fixture fixture;
  auto inbox = fixture.open();
  fixture.files().arm(0, fakes::Fault::full);
  const auto full = inbox->store(post(), 201, once("1"));
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().code == Errc::full);
  CHECK(inbox->store(post(), 201, once("1")).has_value());

  fixture.files().arm(0, fakes::Fault::error);
  CHECK_FALSE(inbox->store(post(), 201, once("1")).has_value());
  CHECK_FALSE(inbox->store(post(), 201, once("1")).has_value());
  CHECK(fixture.lines() == 1);
  inbox.reset();
  CHECK(fixture.open()->store(post(), 201, once("1")).has_value());
}
