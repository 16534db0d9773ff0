// SPDX-License-Identifier: MIT
// Several operations in one request, from the queue to their receipts.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/journal.hpp"
#include "tests/fakes/delivery.hpp"

using namespace core::delivery;
using namespace std::chrono_literals;
using core::codec::Reason;
using core::config::BatchFormat;
using core::config::BatchVerdict;
using core::config::BatchWrap;
using core::net::HttpFailure;
using core::net::HttpRequest;
using core::queue::State;
using fakes::always;
using fakes::answer;
using fakes::Delivery;
using fakes::failure;
using fakes::FakeHttp;

namespace {

std::string body_of(const HttpRequest& request) {
  const auto* text = std::get_if<std::string>(&request.body);
  return text == nullptr ? std::string{} : *text;
}

std::vector<std::string> items_of(const HttpRequest& request) {
  return core::codec::json_elements(body_of(request)).value_or(std::vector<std::string>{});
}

std::string header_of(const HttpRequest& request, std::string_view wanted) {
  for (const auto& [name, value] : request.headers)
    if (core::equals_ignoring_case(name, wanted)) return value;
  return "(none)";
}

core::codec::Envelope metric(const std::string& payload) {
  core::codec::Envelope draft;
  draft.type = "metric";
  draft.payload = payload;
  return draft;
}

std::vector<core::codec::Envelope> metrics(int count) {
  std::vector<core::codec::Envelope> drafts;
  for (int i = 1; i <= count; ++i)
    drafts.push_back(metric(std::to_string(i)));
  return drafts;
}

// A world in which metrics share requests.
class Sharing : public Delivery {
 public:
  explicit Sharing(FakeHttp::Script script, core::config::Batch batch = {})
      : Delivery(std::move(script)) {
    config.endpoints["api"].url = "http://a.test/v1";
    config.types["metric"].endpoint = "api";
    config.types["metric"].path = "/metrics";
    config.types["metric"].batch = std::move(batch);
  }

  // How many operations each request carried.
  [[nodiscard]] std::vector<std::size_t> loads() const {
    std::vector<std::size_t> loads;
    for (const auto& request : http.requests())
      loads.push_back(items_of(request).size());
    return loads;
  }
  std::size_t count(State state) {
    auto store = open();
    return store->index().count({.states = {state}}).value();
  }
};

// Refuses whatever holds this item.
FakeHttp::Script refusing(const std::string& item, int status = 422) {
  return [=](const HttpRequest& request) {
    const auto items = items_of(request);
    return std::ranges::find(items, item) == items.end() ? answer(200) : answer(status);
  };
}

}  // namespace

TEST_CASE("operations of a type with batch: share requests, as many as fit") {
  Sharing world(always(answer(200)), {.max_ops = 50, .results = {}});
  const auto ids = world.enqueue_lines(metrics(120));
  CHECK(world.run().delivered == 120);

  CHECK(world.loads() == std::vector<std::size_t>{50, 50, 20});
  const auto& first = world.http.requests().front();
  CHECK(first.method == "POST");
  CHECK(first.url == "http://a.test/v1/metrics");
  CHECK(header_of(first, "Content-Type") == "application/json");
  CHECK(header_of(first, "Idempotency-Key").starts_with(ids[0].text() + "+49-"));
  CHECK(body_of(first).starts_with("[1,2,3,"));
  CHECK(world.count(State::synced) == 120);
  CHECK(world.reports.size() == 120);
}

TEST_CASE("a body is no larger than max_size, unless one operation is") {
  Sharing world(always(answer(200)), {.max_size = core::ByteCount{100}, .results = {}});
  for (const int size : {40, 40, 40, 200, 10})
    world.enqueue(metric("\"" + std::string(static_cast<std::size_t>(size), 'x') + "\""));
  CHECK(world.run().delivered == 5);
  CHECK(world.loads() == std::vector<std::size_t>{2, 1, 1, 1});
}

TEST_CASE("ndjson, and operations instead of payloads") {
  Sharing world(always(answer(200)),
                {.format = BatchFormat::ndjson, .wrap = BatchWrap::operation, .results = {}});
  const auto first = world.enqueue(metric("1"));
  const auto second = world.enqueue(metric("2"));
  CHECK(world.run().delivered == 2);
  REQUIRE(world.http.requests().size() == 1);
  const auto& request = world.http.requests().front();
  CHECK(header_of(request, "Content-Type") == "application/x-ndjson");
  const std::string body = body_of(request);
  const auto lines = core::split(body, '\n');
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with(R"({"id":")" + first.text() + R"(","type":"metric",)"));
  CHECK(lines[1].ends_with(R"("payload":2})"));
  CHECK(lines[1].find(second.text()) != std::string_view::npos);
}

TEST_CASE("only what makes the same request shares one") {
  Sharing world(always(answer(200)));
  world.config.types["metric"].methods = {{"drop", "DELETE"}, {"ask", "GET"}};
  world.enqueue(metric("1"));
  auto draft = metric("2");
  draft.action = "drop";
  world.enqueue(draft);
  draft.action = "ask";
  world.enqueue(draft);
  draft = metric("3");
  draft.request = core::codec::Request{.method = {}, .url = {}, .headers = {{"X-Tenant", "b"}}};
  world.enqueue(draft);
  draft = metric("4");
  draft.expect = R"({"status":"2xx"})";
  world.enqueue(draft);
  draft = metric("5");
  draft.if_match = "\"v1\"";
  world.enqueue(draft);
  world.enqueue(metric("6"));
  CHECK(world.run().delivered == 7);

  std::multiset<std::string> bodies;
  for (const auto& request : world.http.requests())
    bodies.insert(request.method + " " + body_of(request));
  CHECK(bodies == std::multiset<std::string>{"POST [1,6]", "DELETE [2]", "GET 2", "POST [3]",
                                             "POST [4]", "POST 5"});
}

TEST_CASE("operations that alternate between places share with those of the same place") {
  Sharing world(always(answer(200)));
  world.config.types["metric"].path = "/tenants/{{payload.t}}";
  std::vector<core::codec::Envelope> drafts;
  for (int i = 0; i < 90; ++i)
    drafts.push_back(metric(R"({"t":)" + std::to_string(i % 3) + "}"));
  world.enqueue_lines(drafts);
  CHECK(world.run().delivered == 90);
  CHECK(world.loads() == std::vector<std::size_t>{30, 30, 30});
}

TEST_CASE("what names another place of its own goes there, by itself") {
  Sharing world(always(answer(200)));
  auto draft = metric("7");
  draft.request = core::codec::Request{.method = {}, .url = "http://b.test/x", .headers = {}};
  world.enqueue(draft);
  world.run();
  CHECK(body_of(world.http.requests().front()) == "7");
}

TEST_CASE("a lane has one operation in a request, and keeps its order") {
  Sharing world(always(answer(200)));
  for (int i = 0; i < 3; ++i) {
    for (const char* lane : {"a", "b"}) {
      auto draft = metric("\"" + std::string(lane) + std::to_string(i) + "\"");
      draft.lane = lane;
      world.enqueue(draft);
    }
  }
  CHECK(world.run().delivered == 6);
  std::vector<std::string> bodies;
  for (const auto& request : world.http.requests())
    bodies.push_back(body_of(request));
  CHECK(bodies == std::vector<std::string>{R"(["a0","b0"])", R"(["a1","b1"])", R"(["a2","b2"])"});
}

TEST_CASE("max_ops of a run counts operations, not requests") {
  Sharing world(always(answer(200)), {.max_ops = 4, .results = {}});
  world.enqueue_lines(metrics(20));
  CHECK(world.run({.max_ops = 10}).delivered == 10);
  CHECK(world.loads() == std::vector<std::size_t>{4, 4, 2});
}

TEST_CASE("a probe is one operation, and the others follow when it was delivered") {
  bool up = false;
  Sharing world(
      [&](const HttpRequest&) { return up ? answer(200) : failure(HttpFailure::connect); });
  world.enqueue_lines(metrics(30));
  CHECK(world.run().holds.size() == 1);
  const auto before = world.http.requests().size();
  CHECK(before == 1);
  up = true;
  world.clock.advance(10min);
  CHECK(world.run().delivered == 30);
  CHECK(world.loads() == std::vector<std::size_t>{30, 1, 29});
}

TEST_CASE(
    "what is wrong with the destination is charged to none of those that shared the request") {
  const FakeHttp::Answer answers[] = {failure(HttpFailure::connect), answer(429), answer(302),
                                      failure(HttpFailure::certificate)};
  for (const auto& what : answers) {
    Sharing world(always(what), {.max_ops = 10, .results = {}});
    const auto ids = world.enqueue_lines(metrics(25));
    const auto summary = world.run({.concurrency = 1});
    CHECK(summary.retry + summary.failed == 0);
    REQUIRE(summary.holds.size() == 1);
    CHECK(summary.holds[0].waiting == 25);
    CHECK(world.http.requests().size() == 1);
    for (const auto& id : ids)
      CHECK(world.entry(id).attempts == 0);
  }
}

TEST_CASE("a failure of the whole is charged to each, and they come back with less company") {
  Sharing world(always(answer(500)), {.max_ops = 64, .results = {}});
  const auto ids = world.enqueue_lines(metrics(64));
  std::vector<std::size_t> largest;
  for (int run = 0; run < 4; ++run) {
    const auto before = world.http.requests().size();
    world.run();
    std::size_t most = 0;
    for (auto at = before; at < world.http.requests().size(); ++at)
      most = std::max(most, items_of(world.http.requests()[at]).size());
    largest.push_back(most);
    world.clock.advance(2h);
  }
  CHECK(largest == std::vector<std::size_t>{64, 8, 1, 1});
  CHECK(world.count(State::failed) == 64);
  CHECK(world.entry(ids.front()).reason == Reason::exhausted);
}

TEST_CASE("one operation that breaks the server does not exhaust those that travel with it") {
  Sharing world(refusing("13", 500), {.max_ops = 64, .results = {}});
  const auto ids = world.enqueue_lines(metrics(64));
  for (int run = 0; run < 5; ++run) {
    world.run();
    world.clock.advance(2h);
  }
  CHECK(world.count(State::synced) == 63);
  CHECK(world.entry(ids[12]).reason == Reason::exhausted);
}

TEST_CASE("with a single attempt the culprit is found at once") {
  Sharing world(refusing("13", 500), {.max_ops = 64, .results = {}});
  world.config.retry.max_attempts = 1;
  world.config.types["metric"].max_attempts = 1;
  world.enqueue_lines(metrics(64));
  const auto summary = world.run();
  CHECK(summary.delivered == 63);
  CHECK(summary.failed == 1);
}

TEST_CASE("a refused request is parted until only the culprit is left, and nobody is charged") {
  for (const int status : {400, 404, 409, 422}) {
    CAPTURE(status);
    Sharing world(refusing("77", status), {.max_ops = 100, .results = {}});
    const auto ids = world.enqueue_lines(metrics(100));
    const auto summary = world.run();
    CHECK(summary.delivered == 99);
    CHECK(summary.failed == 1);
    CHECK(world.entry(ids[76]).state() == State::failed);
    CHECK(world.http.requests().size() <= 16);
  }
}

TEST_CASE("a request that is refused whatever it carries is not parted") {
  for (const int status : {401, 405, 415}) {
    Sharing world(always(answer(status)), {.max_ops = 100, .results = {}});
    world.enqueue_lines(metrics(100));
    CHECK(world.run().failed == 100);
    CHECK(world.http.requests().size() == 1);
  }
}

TEST_CASE("a request that is too large is halved, and later ones are no larger") {
  Sharing world(
      [](const HttpRequest& request) { return answer(items_of(request).size() > 30 ? 413 : 200); },
      {.max_ops = 100, .results = {}});
  world.enqueue_lines(metrics(300));
  CHECK(world.run({.concurrency = 1}).delivered == 300);
  const auto loads = world.loads();
  CHECK(loads[0] == 100);
  CHECK(std::ranges::count(loads, std::size_t{100}) == 1);
  CHECK(std::ranges::all_of(loads, [](auto load) { return load <= 100; }));

  Sharing small(always(answer(413)), {.max_ops = 4, .results = {}});
  small.enqueue_lines(metrics(4));
  CHECK(small.run().failed == 4);
}

TEST_CASE("each operation has its own verdict when the answer has one for each") {
  const auto script = [](const HttpRequest& request) {
    std::string results;
    for (const auto& item : items_of(request)) {
      const int status = item == "2" ? 422 : item == "3" ? 409 : item == "4" ? 503 : 201;
      results += (results.empty() ? "" : ",") + std::string(R"({"status":)") +
                 std::to_string(status) + "}";
    }
    return answer(200, R"({"items":[)" + results + "]}");
  };
  Sharing world(script, {.verdict = BatchVerdict::each, .results = "/items"});
  const auto ids = world.enqueue_lines(metrics(5));
  const auto summary = world.run();
  CHECK(summary.delivered == 2);
  CHECK(summary.failed == 2);
  CHECK(summary.retry == 1);
  CHECK(world.entry(ids[0]).state() == State::synced);
  CHECK(world.entry(ids[1]).reason == Reason::rejected);
  CHECK(world.entry(ids[2]).reason == Reason::conflict);
  CHECK(world.entry(ids[3]).attempts == 1);
  CHECK(world.http.requests().size() == 1);

  const auto files = core::sys::RealFiles::at(world.dir / "q");
  const auto lines = core::queue::receipt_lines_of(*files, ids[1]);
  REQUIRE(lines->size() == 1);
  const auto receipt = core::codec::parse_receipt(lines->front());
  CHECK(receipt->http->status == 422);
  CHECK(receipt->http->body == R"({"status":422})");
}

TEST_CASE("an answer without a verdict for each delivers nothing by guess") {
  for (const char* body : {"ok", "[]", "[200,200]", "<html>Log in"}) {
    CAPTURE(body);
    Sharing world(always(answer(200, body)), {.verdict = BatchVerdict::each, .results = {}});
    world.enqueue_lines(metrics(3));
    const auto summary = world.run();
    CHECK(summary.delivered == 0);
    REQUIRE(summary.holds.size() == 1);
    CHECK(summary.holds[0].hold.kind == Class::suspect);
    CHECK(world.count(State::pending) == 3);
  }
}

TEST_CASE("what was abandoned is sent again, and the same operations have the same key") {
  Sharing world(always(answer(200)), {.max_ops = 10, .results = {}});
  world.enqueue_lines(metrics(30));
  world.http.hold_answers();
  Observer observer;
  int asked = 0;
  observer.should_stop = [&] { return ++asked > 5; };
  world.run({}, observer);
  std::set<std::string> keys;
  for (const auto& request : world.http.requests())
    keys.insert(header_of(request, "Idempotency-Key"));
  CHECK(world.count(State::pending) == 30);

  world.http.release_all();
  CHECK(world.run().delivered == 30);
  for (const auto& request : world.http.requests())
    keys.insert(header_of(request, "Idempotency-Key"));
  CHECK(keys.size() == 3);
}

TEST_CASE("a receipt of a shared request has its share of the bytes and of the answer") {
  Sharing world(always(answer(200, std::string(100'000, 'x'))), {.max_ops = 10, .results = {}});
  const auto ids = world.enqueue_lines(metrics(10));
  world.run();
  const auto files = core::sys::RealFiles::at(world.dir / "q");
  const auto lines = core::queue::receipt_lines_of(*files, ids[4]);
  REQUIRE(lines->size() == 1);
  CHECK(lines->front().size() < 2000);
  const auto receipt = core::codec::parse_receipt(lines->front());
  CHECK(receipt->http->truncated);
  CHECK(receipt->bytes_in == 10'000);
}

TEST_CASE("a missing credential holds all that share the request, once") {
  Sharing world(always(answer(200)));
  world.config.types["metric"].headers = {{"Authorization", "Bearer ${env:TOKEN}"}};
  world.enqueue_lines(metrics(7));
  const auto summary = world.run();
  CHECK(world.http.requests().empty());
  REQUIRE(summary.holds.size() == 1);
  CHECK(summary.holds[0].waiting == 7);

  world.environment = [](const std::string&) { return "t"; };
  CHECK(world.run().delivered == 7);
}

TEST_CASE("what another process cancels while it waits to travel is not sent") {
  Sharing* self = nullptr;
  std::vector<core::OperationId> ids;
  bool cancelled = false;
  Sharing world(
      [&](const HttpRequest&) {
        if (!std::exchange(cancelled, true)) {
          auto store = self->open();
          const auto entry = store->index().find(ids.back());
          REQUIRE(store->apply({**entry}, core::queue::event::GivenUp{}).has_value());
          self->clock.advance(10ms);  // at most so long the run may not know
        }
        return answer(200);
      },
      {.max_ops = 5, .results = {}});
  self = &world;
  world.config.types["metric"].path = "/{{payload.t}}";
  std::vector<core::codec::Envelope> drafts;
  for (int i = 0; i < 4; ++i)
    drafts.push_back(metric(R"({"t":)" + std::to_string(i % 2) + "}"));
  ids = world.enqueue_lines(drafts);
  CHECK(world.run({.concurrency = 1}).delivered == 3);
  CHECK(world.entry(ids.back()).state() == State::failed);
  CHECK(world.loads() == std::vector<std::size_t>{2, 1});
}
