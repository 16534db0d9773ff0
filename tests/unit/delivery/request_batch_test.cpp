// SPDX-License-Identifier: MIT
#include "libcore/delivery/request_batch.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/codec/sha256.hpp"
#include "libcore/queue/layout.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace core::delivery;
using core::config::Batch;
using core::config::BatchFormat;
using core::config::BatchWrap;

namespace {

const core::sys::RealFiles k_no_queue = core::sys::RealFiles::at("/").value();

Member member(std::uint32_t line, std::string item = "1") {
  Member member;
  member.entry.id = core::OperationId::parse("01KAJ6Q0000000000000000000").value();
  member.entry.id.line = line;
  member.item = std::move(item);
  return member;
}

core::codec::Envelope operation(std::optional<std::string> payload) {
  core::codec::Envelope operation;
  operation.id = member(3).entry.id;
  operation.type = "metric";
  operation.payload = std::move(payload);
  return operation;
}

}  // namespace

TEST_CASE("a shared body is an array, or a line for each operation") {
  const std::vector<Member> members = {member(1, R"({"a":1})"), member(2, "[2]")};
  CHECK(batch_body(members, BatchFormat::json_array) == R"([{"a":1},[2]])");
  CHECK(batch_body(members, BatchFormat::ndjson) == "{\"a\":1}\n[2]\n");
  CHECK(batch_body({members.data(), 1}, BatchFormat::json_array) == R"([{"a":1}])");
}

TEST_CASE("the key of a shared request is that of the same operations in the same order") {
  const std::vector<Member> members = {member(1), member(2), member(3)};
  const std::vector<Member> others = {member(1), member(3), member(2)};
  const std::vector<Member> fewer = {member(1), member(2)};
  const auto key = batch_key(members);
  CHECK(key.starts_with("01KAJ6Q0000000000000000000.1+2-"));
  CHECK(key.size() <= 255);
  CHECK(key == batch_key(members));
  CHECK(key != batch_key(others));
  CHECK(key != batch_key(fewer));
  CHECK(batch_key({members.data(), 1}) == "01KAJ6Q0000000000000000000.1");
}

TEST_CASE("an item is the payload on one line, or the operation around it") {
  auto plain = operation("{\n \"a\": 1\r\n}");
  CHECK(batch_item(plain, {}, k_no_queue).value() == "{  \"a\": 1  }");

  auto wrapped = operation(R"({"a":1})");
  wrapped.action = "add";
  CHECK(
      batch_item(wrapped, {.wrap = BatchWrap::operation, .results = {}}, k_no_queue).value() ==
      R"({"id":"01KAJ6Q0000000000000000000.3","type":"metric","action":"add","payload":{"a":1}})");
}

TEST_CASE("without JSON there is no item, unless the operation itself is the item") {
  auto bare = operation(std::nullopt);
  CHECK_FALSE(batch_item(bare, {}, k_no_queue).value().has_value());
  CHECK(batch_item(bare, {.wrap = BatchWrap::operation, .results = {}}, k_no_queue).value() ==
        R"({"id":"01KAJ6Q0000000000000000000.3","type":"metric"})");
}

TEST_CASE("a blob is an item when it is small, whole, and JSON") {
  struct Row {
    std::string content;
    std::string media_type;
    std::string named;  // what the digest is of
    std::optional<std::string> item;
  };
  const std::string json = "{\n\"a\":1}";
  const std::string large = "\"" + std::string(200, 'x') + "\"";
  const Row rows[] = {{json, "application/json", json, "{ \"a\":1}"},
                      {json, "", json, "{ \"a\":1}"},
                      {json, "text/plain", json, std::nullopt},
                      {"{\"a\":", "application/json", "{\"a\":", std::nullopt},
                      {json, "application/json", "something else", std::nullopt},
                      {large, "application/json", large, std::nullopt}};
  for (const auto& row : rows) {
    CAPTURE(row.content);
    const fakes::TempDir dir;
    const auto digest = core::codec::sha256_hex(row.named);
    std::filesystem::create_directories(dir / "blobs");
    fakes::write_text(dir / core::queue::blob_path(digest), row.content);
    auto subject = operation(std::nullopt);
    subject.blob = core::codec::BlobRef{
        .sha256 = digest, .size = row.content.size(), .media_type = row.media_type, .name = {}};
    const auto files = core::sys::RealFiles::at(dir.path()).value();
    CHECK(batch_item(subject, {.max_size = core::ByteCount{100}, .results = {}}, files).value() ==
          row.item);
  }
}

TEST_CASE("with each charged attempt there is less company, and none for the last one") {
  const Batch batch{.max_ops = 500, .results = {}};
  CHECK(batch_company(batch, 0, 4) == 500);
  CHECK(batch_company(batch, 1, 4) == 62);
  CHECK(batch_company(batch, 2, 4) == 7);
  CHECK(batch_company(batch, 3, 4) == 1);
  CHECK(batch_company(batch, 9, 100) == 1);
  CHECK(batch_company(batch, 0, 1) == 500);
  CHECK(batch_company({.max_ops = 1, .results = {}}, 0, 4) == 1);
}
