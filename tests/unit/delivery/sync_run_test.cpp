// SPDX-License-Identifier: MIT
#include "libcore/delivery/sync_run.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include <doctest/doctest.h>

#include "libcore/codec/receipt.hpp"
#include "libcore/net/http_message.hpp"
#include "libcore/queue/journal.hpp"
#include "tests/fakes/delivery.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::delivery;
using namespace std::chrono_literals;
using core::codec::Reason;
using core::net::HttpFailure;
using core::queue::State;
using fakes::always;
using fakes::answer;
using fakes::Delivery;
using fakes::failure;
using fakes::FakeHttp;

namespace {

// A network client that breaks down after it has brought the first answers.
class BreaksDown final : public core::net::HttpClient {
 public:
  explicit BreaksDown(FakeHttp& inner) : inner_(inner) {}
  core::Result<> start(core::net::HttpRequest request) override {
    return inner_.start(std::move(request));
  }
  core::Result<std::vector<core::net::HttpExchange>> wait(
      std::chrono::milliseconds patience) override {
    if (waits_++ > 0) return core::fail(core::Errc::io, "out of memory");
    return inner_.wait(patience);
  }
  [[nodiscard]] std::size_t in_flight() const override { return inner_.in_flight(); }
  void abandon() override { inner_.abandon(); }

 private:
  FakeHttp& inner_;
  int waits_ = 0;
};

}  // namespace

TEST_CASE("what is due is delivered once, with its id as the idempotency key") {
  Delivery world(always(answer(200, "ok")));
  const auto id = world.enqueue("http://a.test/1");
  CHECK(world.run().delivered == 1);
  CHECK(world.run().delivered == 0);

  CHECK(world.entry(id).state() == State::synced);
  REQUIRE(world.http.requests().size() == 1);
  bool keyed = false;
  for (const auto& [name, value] : world.http.requests()[0].headers) {
    keyed |= name == "Idempotency-Key" && value == id.text();
  }
  CHECK(keyed);
}

TEST_CASE("offline charges nobody, and one dead destination stops no other") {
  Delivery world([](const core::net::HttpRequest& request) {
    return request.url.starts_with("http://dead.test") ? failure(HttpFailure::connect)
                                                       : answer(201);
  });
  std::vector<core::OperationId> dead;
  for (int i = 0; i < 30; ++i)
    dead.push_back(world.enqueue("http://dead.test/"));
  const auto alive = world.enqueue("http://alive.test/");
  const auto summary = world.run({.concurrency = 4});

  CHECK(summary.delivered == 1);
  CHECK(summary.failed == 0);
  REQUIRE(summary.holds.size() == 1);
  CHECK(summary.holds[0].waiting == 30);
  CHECK(summary.holds[0].hold.failures == 1);
  CHECK(world.entry(alive).state() == State::synced);
  for (const auto& id : dead)
    CHECK(world.entry(id).attempts == 0);
  CHECK(world.http.requests().size() <= 5);
}

TEST_CASE("a held destination is not asked again until its hold ends, then by one probe") {
  bool up = false;
  Delivery world([&](const core::net::HttpRequest&) {
    return up ? answer(200) : failure(HttpFailure::resolve);
  });
  for (int i = 0; i < 5; ++i)
    world.enqueue("http://a.test/");
  world.run();
  const auto asked = world.http.requests().size();
  world.run();
  CHECK(world.http.requests().size() == asked);

  world.clock.advance(10s);
  world.run();
  CHECK(world.http.requests().size() == asked + 1);
  up = true;
  world.clock.advance(10min);
  CHECK(world.run().delivered == 5);
}

TEST_CASE("force ignores holds, and a short hold is waited for once") {
  bool up = false;
  Delivery world([&](const core::net::HttpRequest&) {
    return up ? answer(200) : failure(HttpFailure::connect);
  });
  world.enqueue("http://a.test/");
  Observer observer;
  observer.pause = [&](std::chrono::milliseconds longest) {
    world.clock.advance(longest);
    up = true;
  };
  CHECK(world.run({}, observer).delivered == 1);

  up = false;
  world.enqueue("http://a.test/");
  world.run();
  up = true;
  CHECK(world.run({.force = true}).delivered == 1);
}

TEST_CASE("temporary failures are charged, backed off, and exhaust the operation in the end") {
  Delivery world(always(answer(500, "oops")));
  const auto id = world.enqueue("http://a.test/");
  for (int attempt = 1; attempt < 4; ++attempt) {
    CHECK(world.run().retry == 1);
    CHECK(world.entry(id).attempts == attempt);
    CHECK(world.run().retry == 0);  // not due yet
    world.clock.advance(2h);
  }
  CHECK(world.run().failed == 1);
  CHECK(world.entry(id).state() == State::failed);
  CHECK(world.entry(id).reason == Reason::exhausted);
}

TEST_CASE("the answers that decide at once") {
  struct Row {
    FakeHttp::Answer answer;
    State state;
    Reason reason;
  };
  const Row rows[] = {
      {answer(404), State::failed, Reason::rejected},
      {answer(403), State::failed, Reason::rejected},
      {answer(401), State::failed, Reason::rejected},
      {answer(409), State::failed, Reason::conflict},
      {answer(412), State::failed, Reason::conflict},
      {answer(429, "", {{"Retry-After", "30"}}), State::pending, Reason::none},
      {answer(302, "", {{"Location", "https://portal.test/login"}}), State::pending, Reason::none},
      {failure(HttpFailure::certificate), State::pending, Reason::none},
  };
  for (const auto& row : rows) {
    Delivery world(always(row.answer));
    const auto id = world.enqueue("http://a.test/");
    world.run();
    CHECK(world.entry(id).state() == row.state);
    CHECK(world.entry(id).reason == row.reason);
    CHECK(world.entry(id).attempts == (row.state == State::failed ? 1 : 0));
  }
}

TEST_CASE("a login page is no delivery when JSON is expected") {
  Delivery world(always(answer(200, "<html>Log in", {{"Content-Type", "text/html"}})));
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/";
  draft.expect = R"({"json":{"/ok":true}})";
  const auto id = world.enqueue(draft);
  const auto summary = world.run();

  REQUIRE(summary.holds.size() == 1);
  CHECK(summary.holds[0].hold.kind == Class::suspect);
  CHECK(world.entry(id).state() == State::pending);
  CHECK(world.entry(id).attempts == 0);
}

TEST_CASE("a redirect on the same origin is followed, a circle is not followed for ever") {
  Delivery world([](const core::net::HttpRequest& request) {
    if (request.url.ends_with("/old")) return answer(308, "", {{"Location", "/new"}});
    if (request.url.ends_with("/circle")) return answer(307, "", {{"Location", "/circle"}});
    return answer(200);
  });
  const auto moved = world.enqueue("http://a.test/old");
  const auto circle = world.enqueue("http://b.test/circle");
  world.run();

  CHECK(world.entry(moved).state() == State::synced);
  CHECK(world.entry(circle).state() == State::pending);
  CHECK(world.http.requests().size() < 12);
}

TEST_CASE("a lane is delivered strictly in order of id, lanes do not wait for each other") {
  Delivery world([](const core::net::HttpRequest& request) {
    return request.url.starts_with("http://b.test") ? answer(503) : answer(200);
  });
  for (int i = 0; i < 4; ++i)
    world.enqueue("http://a.test/" + std::to_string(i), "one");
  for (int i = 0; i < 2; ++i)
    world.enqueue("http://b.test/" + std::to_string(i), "two");
  const auto summary = world.run();

  CHECK(summary.delivered == 4);
  CHECK(summary.retry == 1);  // the head of lane two; the rest waits behind it
  std::vector<std::string> a;
  for (const auto& url : world.urls()) {
    if (url.starts_with("http://a.test")) a.push_back(url);
  }
  CHECK(std::ranges::is_sorted(a));
}

TEST_CASE("a failed head lets its lane go on, unless the lane is to stop") {
  const auto script = [](const core::net::HttpRequest& request) {
    return request.url.ends_with("/0") ? answer(404) : answer(200);
  };
  for (const bool stop : {false, true}) {
    Delivery world(script);
    for (int i = 0; i < 3; ++i)
      world.enqueue("http://a.test/" + std::to_string(i), "one");
    RunOptions options;
    options.schedule.query.lanes =
        stop ? core::queue::LaneHeadFailure::stop : core::queue::LaneHeadFailure::go_on;
    CHECK(world.run(options).delivered == (stop ? 0 : 2));
  }
}

TEST_CASE("an operation waits for those that it comes after, and fails with them") {
  Delivery world([](const core::net::HttpRequest& request) {
    return request.url.ends_with("/bad") ? answer(400) : answer(200);
  });
  const auto good = world.enqueue("http://a.test/good");
  const auto bad = world.enqueue("http://a.test/bad");
  auto draft = fakes::draft_of();
  draft.request->url = "http://b.test/after-good";
  draft.after = {good};
  const auto after_good = world.enqueue(draft);
  draft.request->url = "http://b.test/after-bad";
  draft.after = {bad};
  const auto after_bad = world.enqueue(draft);
  draft.after_failure = core::codec::AfterFailure::wait;
  const auto waits = world.enqueue(draft);
  world.run();
  world.run();

  CHECK(world.entry(after_good).state() == State::synced);
  CHECK(world.entry(after_bad).state() == State::failed);
  CHECK(world.entry(after_bad).reason == Reason::dependency);
  CHECK(world.entry(waits).state() == State::pending);
}

TEST_CASE("higher priority goes first, then the older one") {
  Delivery world(always(answer(200)));
  auto draft = fakes::draft_of();
  for (const auto& [path, priority] :
       std::vector<std::pair<std::string, int>>{{"a", 0}, {"b", 5}, {"c", 0}, {"d", 9}}) {
    draft.request->url = "http://a.test/" + path;
    draft.priority = priority;
    world.enqueue(draft);
  }
  world.run({.concurrency = 1});
  CHECK(world.urls() == std::vector<std::string>{"http://a.test/d", "http://a.test/b",
                                                 "http://a.test/a", "http://a.test/c"});
}

TEST_CASE("an operation starts when it may and expires when it must, on the boot clock too") {
  for (const bool synchronised : {true, false}) {
    Delivery world(always(answer(200)));
    world.clock.set_synchronised(synchronised);
    auto draft = fakes::draft_of();
    draft.request->url = "http://a.test/";
    draft.not_before = world.clock.now() + 1h;
    const auto later = world.enqueue(draft);
    draft.not_before.reset();
    draft.expires_at = world.clock.now() + 1min;
    const auto fleeting = world.enqueue(draft);
    world.clock.advance(2min);
    if (!synchronised) world.clock.step(-std::chrono::hours{24 * 365});
    world.run();
    CHECK(world.entry(fleeting).state() == State::failed);
    CHECK(world.entry(fleeting).reason == Reason::expired);
    CHECK(world.entry(later).state() == State::pending);
    world.clock.advance(1h);
    world.run();
    CHECK(world.entry(later).state() == State::synced);
  }
}

TEST_CASE("a clock set back does not put off what is waiting for its backoff") {
  Delivery world(always(answer(500)));
  const auto id = world.enqueue("http://a.test/");
  world.run();
  world.clock.step(-std::chrono::hours{24 * 365});
  world.run();
  CHECK(world.entry(id).attempts == 2);
}

TEST_CASE(
    "a refused credential of ours fails nothing, and a new one is used as soon as it is there") {
  for (const bool of_endpoint : {true, false}) {
    std::string token = "old";
    Delivery world([](const core::net::HttpRequest& request) {
      for (const auto& [name, value] : request.headers) {
        if (name == "Authorization" && value == "Bearer new") return answer(200);
      }
      return answer(401);
    });
    world.environment = [&](const std::string&) { return token; };
    auto draft = fakes::draft_of();
    draft.type = "note";
    draft.request->url = "http://a.test/";
    world.config.endpoints["api"].url = "http://a.test";
    world.config.types["note"].endpoint = "api";
    auto& headers = of_endpoint ? world.config.endpoints["api"].headers : draft.request->headers;
    headers = {{"Authorization", "Bearer ${env:TOKEN}"}};
    const auto id = world.enqueue(draft);
    const auto summary = world.run();
    CHECK(world.entry(id).state() == State::pending);
    CHECK(world.entry(id).attempts == 0);
    REQUIRE(summary.holds.size() == 1);
    CHECK(summary.holds[0].hold.kind == Class::auth);
    CHECK(summary.holds[0].waiting == 1);

    token = "new";
    world.clock.advance(10min);
    CHECK(world.run().delivered == 1);
  }
}

TEST_CASE("a credential of an operation's own holds those that have the same, and no others") {
  for (const bool is_there : {false, true}) {
    Delivery world([](const core::net::HttpRequest& request) {
      const bool is_open = std::ranges::none_of(
          request.headers, [](const auto& field) { return field.first == "Authorization"; });
      return answer(is_open ? 200 : 401);
    });
    if (is_there) world.environment = [](const std::string&) { return "refused"; };
    auto draft = fakes::draft_of();
    draft.request->url = "http://a.test/closed";
    draft.request->headers = {{"Authorization", "${env:ABSENT}"}};
    std::vector<core::OperationId> closed;
    for (int i = 0; i < 30; ++i)
      closed.push_back(world.enqueue(draft));
    for (int i = 0; i < 5; ++i)
      world.enqueue("http://a.test/open");
    const auto summary = world.run({.concurrency = 1});

    CHECK(summary.delivered == 5);
    CHECK(world.http.requests().size() == (is_there ? 6 : 5));
    REQUIRE(summary.holds.size() == 1);
    CHECK(summary.holds[0].hold.kind == (is_there ? Class::auth : Class::misconfigured));
    CHECK(summary.holds[0].waiting == 30);
    for (const auto& id : closed)
      CHECK(world.entry(id).attempts == 0);
  }
}

TEST_CASE("an expectation that is never met holds up nobody else for long") {
  Delivery world(always(answer(200, R"({"ok":true})")));
  auto draft = fakes::draft_of("1");  // the smallest
  draft.request->url = "http://a.test/poison";
  draft.expect = R"({"json":{"/ok":"never"}})";
  const auto poison = world.enqueue(draft);
  draft = fakes::draft_of(R"({"longer":true})");
  draft.request->url = "http://a.test/";
  draft.expect = R"({"json":{"/ok":true}})";
  std::vector<core::OperationId> others;
  for (int i = 0; i < 20; ++i)
    others.push_back(world.enqueue(draft));
  for (int i = 0; i < 4; ++i) {
    world.run();
    world.clock.advance(10min);
  }

  for (const auto& id : others)
    CHECK(world.entry(id).state() == State::synced);
  CHECK(world.entry(poison).state() == State::pending);
  // Beside one that is met, it is charged like any other fault of an operation.
  for (int i = 0; i < 3; ++i) {
    world.enqueue(draft);
    world.run({.concurrency = 1});
    world.clock.advance(2h);
  }
  CHECK(world.entry(poison).attempts > 0);
}

TEST_CASE("lanes do not overtake what has a higher priority") {
  Delivery world(always(answer(200)));
  auto draft = fakes::draft_of();
  const auto add = [&](const std::string& path, std::int64_t priority, const std::string& lane) {
    draft.request->url = "http://a.test/" + path;
    draft.priority = priority;
    draft.lane = lane;
    world.enqueue(draft);
  };
  add("least", std::numeric_limits<std::int64_t>::min(), "");
  add("one", 1, "");
  add("nine", 9, "");
  add("lane-0", 0, "l");
  add("lane-5", 5, "m");
  world.run({.concurrency = 1});
  CHECK(world.urls() == std::vector<std::string>{"http://a.test/nine", "http://a.test/lane-5",
                                                 "http://a.test/one", "http://a.test/lane-0",
                                                 "http://a.test/least"});
}

TEST_CASE("what another process cancels during a run is not sent, and stays where it was put") {
  for (const bool as_batch : {false, true}) {
    Delivery world(always(answer(200)));
    if (as_batch) {
      auto files = core::queue::open_directory(world.dir / "q", core::queue::Create::yes,
                                               world.clock, world.random);
      int line = 0;
      REQUIRE(core::queue::Enqueuer(**files, world.clock, world.random, {})
                  .add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
                    if (++line > 4) return std::nullopt;
                    auto draft = fakes::draft_of(std::to_string(line));
                    draft.request->url = "http://a.test/";
                    return draft;
                  })
                  .has_value());
    } else {
      for (int i = 0; i < 4; ++i)
        world.enqueue("http://a.test/");
    }
    bool cancelled = false;
    Observer observer;
    observer.on_report = [&](const Report& report) {
      if (std::exchange(cancelled, true)) return;
      auto store = world.open();
      std::vector<core::queue::Entry> others;
      core::queue::Query pending;
      pending.states = {State::pending};
      REQUIRE(store->index().select(pending, [&](const core::queue::Entry& entry) {
        if (entry.id != report.id) others.push_back(entry);
        return core::Result<>{};
      }));
      REQUIRE(store->apply(others, core::queue::event::GivenUp{.reason = Reason::cancelled})
                  .has_value());
      world.clock.advance(10ms);  // at most so long the run may not know
    };
    world.run({.concurrency = 1}, observer);
    CHECK(world.http.requests().size() == 1);
    auto store = world.open();
    const auto count = [&](State state) {
      core::queue::Query query;
      query.states = {state};
      return store->index().count(query).value();
    };
    CHECK(count(State::failed) == 3);
    CHECK(count(State::synced) == 1);
  }
}

TEST_CASE("a line that was cancelled while under way is synced, and nowhere else") {
  Delivery* self = nullptr;
  bool cancelled = false;
  Delivery world([&](const core::net::HttpRequest&) {
    if (std::exchange(cancelled, true)) return answer(200);
    auto store = self->open();
    std::vector<core::queue::Entry> all;
    REQUIRE(store->index().select({}, [&](const core::queue::Entry& entry) {
      all.push_back(entry);
      return core::Result<>{};
    }));
    REQUIRE(store->apply(all, core::queue::event::GivenUp{.reason = Reason::cancelled}));
    self->clock.advance(10ms);  // at most so long the run may not know
    return answer(200);
  });
  self = &world;
  auto files = core::queue::open_directory(world.dir / "q", core::queue::Create::yes, world.clock,
                                           world.random);
  int line = 0;
  REQUIRE(core::queue::Enqueuer(**files, world.clock, world.random, {})
              .add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
                if (++line > 3) return std::nullopt;
                auto draft = fakes::draft_of(std::to_string(line));
                draft.request->url = "http://a.test/";
                return draft;
              })
              .has_value());
  world.run({.concurrency = 1});

  const auto names_in = [&](const char* folder) {
    std::vector<std::string> names;
    for (const auto& file :
         std::filesystem::directory_iterator(world.dir / (std::string("q/") + folder)))
      names.push_back(file.path().filename().string());
    return names;
  };
  CHECK(names_in("failed").size() == 2);
  CHECK(names_in("pending").empty());
  CHECK(names_in("synced").size() == 2);  // the batch, and the line with a file of its own
}

TEST_CASE("groups are settled while requests are under way, each operation once") {
  Delivery world(always(answer(200)));
  auto files = core::queue::open_directory(world.dir / "q", core::queue::Create::yes, world.clock,
                                           world.random);
  constexpr int k_lines = 2000;
  int line = 0;
  REQUIRE(core::queue::Enqueuer(**files, world.clock, world.random, {})
              .add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
                if (++line > k_lines) return std::nullopt;
                auto draft = fakes::draft_of(std::to_string(line));
                draft.request->url = "http://a.test/";
                if (line % 100 == 0) draft.lane = "lane-" + std::to_string(line / 1000);
                return draft;
              })
              .has_value());
  for (int i = 0; i < 10; ++i)
    world.enqueue("http://b.test/", "lane-own");

  const auto summary = world.run({.concurrency = 4});

  CHECK(summary.delivered == k_lines + 10);
  CHECK(world.http.requests().size() == k_lines + 10);
  std::map<core::OperationId, int> told;
  for (const auto& report : world.reports)
    ++told[report.id];
  CHECK(told.size() == k_lines + 10);
  auto store = world.open();
  CHECK(*store->index().count({.states = {State::synced}}) == k_lines + 10);
}

TEST_CASE("what comes after a failure fails in the same run") {
  Delivery world(always(answer(404)));
  const auto first = world.enqueue("http://a.test/");
  auto draft = fakes::draft_of();
  draft.request->url = "http://b.test/";
  draft.after = {first};
  const auto second = world.enqueue(draft);
  draft.after = {second};
  const auto third = world.enqueue(draft);
  CHECK(world.run().failed == 3);
  CHECK(world.entry(second).reason == Reason::dependency);
  CHECK(world.entry(third).reason == Reason::dependency);
}

TEST_CASE("a hold says its cause, whatever else is answered meanwhile") {
  Delivery world(always(answer(200, R"({"ok":true})")));
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/";
  draft.expect = R"({"json":{"/foo":"bar"}})";
  world.enqueue(draft);
  for (int i = 0; i < 5; ++i)
    world.enqueue("http://a.test/");
  world.run();  // learns how many the destination takes at once
  const auto hold = world.breakers->find("http://a.test:80");
  REQUIRE(hold.has_value());
  CHECK(hold->kind == Class::suspect);
  CHECK(hold->reason == "expect: /foo is missing");
}

TEST_CASE("where another was delivered, a suspect answer is the fault of the operation alone") {
  Delivery world([](const core::net::HttpRequest& request) {
    return request.url.ends_with("/away") ? answer(302, "", {{"Location", "http://b.test/"}})
                                          : answer(200, "ok");
  });
  world.enqueue("http://a.test/good");
  const auto moved = world.enqueue("http://a.test/away");
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/";
  draft.expect = R"({"json":{"/typo":true}})";
  const auto poison = world.enqueue(draft);
  const auto last = world.enqueue("http://a.test/last");
  const auto summary = world.run({.concurrency = 1});

  CHECK(summary.delivered == 2);
  CHECK(summary.retry == 2);
  CHECK(summary.holds.empty());
  CHECK(world.entry(last).state() == State::synced);
  for (const auto& id : {moved, poison}) {
    CHECK(world.entry(id).state() == State::pending);
    CHECK(world.entry(id).attempts == 1);
  }
  // It is not due again at once.
  CHECK(world.run().retry == 0);
  CHECK(world.http.requests().size() == 4);
  const auto files = core::sys::RealFiles::at(world.dir / "q");
  const auto lines = core::queue::receipt_lines_of(*files, poison);
  REQUIRE(lines->size() == 1);
  CHECK(core::codec::parse_receipt(lines->front())->error_class == "temporary");
}

TEST_CASE("what a proxy or a portal says of itself holds the destination, whoever was delivered") {
  for (const int status : {407, 511}) {
    CAPTURE(status);
    Delivery world([status](const core::net::HttpRequest& request) {
      return answer(request.url.ends_with("/good") ? 200 : status);
    });
    world.enqueue("http://a.test/good");
    const auto id = world.enqueue("http://a.test/");
    CHECK(world.run({.concurrency = 1}).holds.size() == 1);
    CHECK(world.entry(id).attempts == 0);
  }
}

TEST_CASE("the share of the newest sends nothing twice") {
  Delivery world(always(answer(500)));
  std::vector<core::OperationId> ids;
  for (int i = 0; i < 30; ++i)
    ids.push_back(world.enqueue("http://a.test/"));
  RunOptions options{.concurrency = 1, .force = true};
  options.schedule.fresh_share = 1;
  options.schedule.page = 4;
  CHECK(world.run(options).retry == 30);
  CHECK(world.http.requests().size() == 30);
  for (const auto& id : ids)
    CHECK(world.entry(id).attempts == 1);
}

TEST_CASE("what cannot be sent at all says nothing of its destination") {
  Delivery world(always(failure(HttpFailure::connect)));
  world.enqueue("http://a.test/");
  world.run();
  REQUIRE(world.breakers->find("http://a.test:80").has_value());
  world.clock.advance(10min);
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/";
  draft.payload.reset();
  draft.blob = core::codec::BlobRef{
      .sha256 = std::string(64, 'a'), .size = 0, .media_type = {}, .name = {}};  // not there
  const auto lost = world.enqueue(draft);
  world.run();

  CHECK(world.entry(lost).reason == Reason::unreadable);
  CHECK(world.breakers->find("http://a.test:80")->failures == 2);
}

TEST_CASE("an answer's media type that is no header value does not spoil the receipt") {
  Delivery world(always(answer(200, std::string("\xff\0\x01", 3), {{"Content-Type", "a\x01"}})));
  const auto id = world.enqueue("http://a.test/");
  world.run();
  const auto files = core::sys::RealFiles::at(world.dir / "q");
  const auto lines = core::queue::receipt_lines_of(*files, id);
  REQUIRE(lines->size() == 1);
  CHECK(core::codec::parse_receipt(lines->front()).has_value());
}

TEST_CASE("what the configuration does not route waits without being charged or remembered") {
  Delivery world(always(answer(200)));
  auto draft = fakes::draft_of();
  draft.type = "metric_log";
  draft.request.reset();
  const auto id = world.enqueue(draft);
  const auto summary = world.run();
  REQUIRE(summary.holds.size() == 1);
  CHECK(summary.holds[0].hold.kind == Class::misconfigured);
  CHECK(world.entry(id).attempts == 0);

  world.config.endpoints["api"].url = "http://a.test";
  world.config.types["metric_log"].endpoint = "api";
  CHECK(world.run().delivered == 1);
}

TEST_CASE("a stop abandons what is in flight, which stays pending and uncharged") {
  Delivery world(always(answer(200)));
  world.http.hold_answers();
  const auto id = world.enqueue("http://a.test/");
  Observer observer;
  int asked = 0;
  observer.should_stop = [&] { return ++asked > 1; };
  const auto summary = world.run({}, observer);
  CHECK(summary.stopped);
  CHECK(world.entry(id).state() == State::pending);
  CHECK(world.entry(id).attempts == 0);
}

TEST_CASE("what has another name than when it was read stays in the queue") {
  std::optional<core::OperationId> second;
  Delivery* self = nullptr;
  Delivery world([&](const core::net::HttpRequest&) {
    // Another process charges an attempt, and tells the index.
    const std::string pending = self->dir / "q/pending/";
    std::filesystem::rename(pending + second->text() + ".json",
                            pending + second->text() + ".a1.json");
    self->clock.advance(1s);
    REQUIRE(self->open());
    return answer(200);
  });
  self = &world;
  const auto first = world.enqueue("http://a.test/1");
  second = world.enqueue("http://a.test/2");
  world.run({.concurrency = 1});
  CHECK(world.entry(first).state() == State::synced);
  CHECK(world.entry(*second).state() == State::pending);
  CHECK(world.entry(*second).attempts == 1);
}

TEST_CASE("what was cancelled while under way becomes synced when it was delivered after all") {
  Delivery world([](const core::net::HttpRequest&) { return answer(200); });
  const auto id = world.enqueue("http://a.test/");
  bool cancelled = false;
  Delivery* self = &world;
  FakeHttp cancelling([&](const core::net::HttpRequest&) {
    if (!cancelled) {
      std::filesystem::rename(self->dir / ("q/pending/" + id.text() + ".json"),
                              self->dir / ("q/failed/" + id.text() + ".json"));
      cancelled = true;
    }
    return answer(200);
  });
  auto store = world.open();
  REQUIRE(world.try_run_in(*store, {}, {}, &cancelling).has_value());
  CHECK(world.entry(id).state() == State::synced);
}

TEST_CASE("what was answered before the run broke down is settled all the same") {
  Delivery world(always(answer(200)));
  const auto first = world.enqueue("http://a.test/1");
  const auto second = world.enqueue("http://a.test/2");
  BreaksDown client(world.http);
  {
    auto store = world.open();
    const auto summary = world.try_run_in(*store, {.concurrency = 1}, {}, &client);
    REQUIRE_FALSE(summary.has_value());
    CHECK(summary.error().code == core::Errc::io);
  }
  CHECK(client.in_flight() == 0);  // another run of this client would take the answer for its own
  CHECK(world.entry(first).state() == State::synced);
  CHECK(world.entry(second).state() == State::pending);
}

TEST_CASE("a batch is delivered line by line, and one bad line stops nothing else") {
  Delivery world([](const core::net::HttpRequest& request) {
    const auto* body = std::get_if<std::string>(&request.body);
    return body != nullptr && *body == "13" ? answer(422) : answer(200);
  });
  auto files = core::queue::open_directory(world.dir / "q", core::queue::Create::yes, world.clock,
                                           world.random);
  int line = 0;
  REQUIRE(core::queue::Enqueuer(**files, world.clock, world.random, {})
              .add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
                if (++line > 600) return std::nullopt;
                auto draft = fakes::draft_of(std::to_string(line));
                draft.request->url = "http://a.test/";
                return draft;
              })
              .has_value());
  const auto summary = world.run();

  CHECK(summary.delivered == 599);
  CHECK(summary.failed == 1);
  CHECK(std::filesystem::is_empty(world.dir / "q/pending"));
}

TEST_CASE("a dependency on something that does not exist fails, with a message that says so") {
  Delivery world(always(answer(200)));
  auto draft = fakes::draft_of();
  draft.after = {core::OperationId::parse("01KAJ6Q0000000000000000000").value()};
  const auto id = world.enqueue(draft);
  world.run();
  CHECK(world.entry(id).reason == Reason::dependency);
  REQUIRE(world.reports.size() == 1);
  CHECK(world.reports[0].verdict.message.find("no such operation") != std::string::npos);
}

TEST_CASE("a server that answers too much fills neither memory nor the receipt") {
  Delivery world(always(answer(200, std::string(200'000, 'x'))));
  const auto id = world.enqueue("http://a.test/");
  world.run();
  const auto files = core::sys::RealFiles::at(world.dir / "q");
  const auto lines = core::queue::receipt_lines_of(*files, id);
  REQUIRE(lines->size() == 1);
  CHECK(lines->front().size() < 1000);
  CHECK(lines->front().find("\"blob\"") != std::string::npos);
}

TEST_CASE("while a request hangs, what comes joins the run, and a hold that has ended is probed") {
  Delivery world([](const core::net::HttpRequest& request) {
    return request.url.starts_with("http://down.test") ? failure(HttpFailure::connect)
                                                       : answer(200);
  });
  world.enqueue("http://down.test/1");
  world.enqueue("http://slow.test/1");
  auto store = world.open();
  REQUIRE(store.has_value());
  world.http.hold_answers();
  int looks = 0;
  std::vector<std::string> under_way;
  Observer observer;
  observer.look_again = [&]() -> core::Result<bool> {
    ++looks;
    if (looks == 2) world.http.release(1);  // that of down.test
    if (looks == 4) {
      world.enqueue("http://quick.test/1");
      world.clock.advance(1s);
      TRY(store->refresh());
      return true;
    }
    if (looks == 6) {
      under_way = world.urls();
      world.http.release_all();
    }
    return false;
  };
  const auto summary = world.run_in(*store, {}, std::move(observer));
  CHECK(std::ranges::count(under_way, "http://quick.test/1") == 1);
  CHECK(std::ranges::count(under_way, "http://down.test/1") == 2);
  CHECK(summary.delivered == 2);
  CHECK(std::ranges::count(world.urls(), "http://slow.test/1") == 1);
}

TEST_CASE("what was under way when a run looked again, and is settled since, is not sent again") {
  Delivery world(always(answer(200)));
  const auto draft_for = [](const std::string& url, int priority) {
    auto draft = fakes::draft_of();
    draft.request->url = url;
    draft.priority = priority;
    return draft;
  };
  // Lines of a batch, which do not tell by themselves that they are settled.
  const auto ids =
      world.enqueue_lines({draft_for("http://a.test/line", 5), draft_for("http://a.test/last", 0)});
  auto store = world.open();
  REQUIRE(store.has_value());
  world.http.hold_answers();
  bool is_settled = false;
  int looks = 0;
  Observer observer;
  observer.on_settled = [&](std::span<const core::queue::Settlement> group) {
    for (const auto& settlement : group)
      is_settled |= settlement.entry.id == ids[0];
    if (is_settled) world.http.release_all();
  };
  observer.look_again = [&]() -> core::Result<bool> {
    if (++looks == 3) world.clock.advance(1s);  // old enough to be settled
    if (looks != 2) return false;
    // They go first: what is read with them now, and is under way, has its turn after them.
    world.enqueue(draft_for("http://a.test/first", 9));
    world.enqueue(draft_for("http://a.test/second", 9));
    TRY(store->refresh());
    world.http.release(1);
    return true;
  };
  const auto summary = world.run_in(*store, {.concurrency = 3}, std::move(observer));
  CHECK(is_settled);
  CHECK(summary.delivered == 4);
  CHECK(std::ranges::count(world.urls(), "http://a.test/line") == 1);
}

TEST_CASE("an operation that was charged is tried again in the same run once its time has come") {
  int asked = 0;
  Delivery world(
      [&asked](const core::net::HttpRequest&) { return asked++ == 0 ? answer(503) : answer(200); });
  const auto id = world.enqueue("http://a.test/1");
  auto store = world.open();
  REQUIRE(store.has_value());
  int looks = 0;
  Observer observer;
  observer.look_again = [&]() -> core::Result<bool> {
    if (++looks != 3) return false;
    world.clock.advance(1h);
    return true;
  };
  world.http.hold_answers();
  world.enqueue("http://slow.test/1");
  REQUIRE(store->refresh().has_value());
  world.http.release(1);
  observer.on_progress = [&](const Summary&) {
    if (looks > 5) world.http.release_all();
  };
  const auto summary = world.run_in(*store, {}, std::move(observer));
  CHECK(summary.retry == 1);
  CHECK(summary.delivered == 2);
  CHECK(world.entry(id).state() == State::synced);
}

namespace {

core::codec::Envelope with_own_credential() {
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/";
  draft.request->headers = {{"Authorization", "${env:TOKEN}"}};
  return draft;
}

}  // namespace

TEST_CASE("a credential that was refused is not sent again until it has another value") {
  Delivery world(always(answer(401)));
  std::string token = "old";
  world.environment = [&](const std::string&) { return token; };
  const auto first = world.enqueue(with_own_credential());
  CHECK(world.run().holds.size() == 1);
  REQUIRE(world.http.requests().size() == 1);

  world.enqueue(with_own_credential());
  const auto summary = world.run();
  CHECK(world.http.requests().size() == 1);
  REQUIRE(summary.holds.size() == 1);
  CHECK(summary.holds[0].hold.kind == Class::auth);
  CHECK(summary.holds[0].waiting == 2);
  CHECK(world.entry(first).attempts == 0);

  token = "new";
  world.run({.concurrency = 1});
  CHECK(world.http.requests().size() == 2);
  world.run();
  CHECK(world.http.requests().size() == 2);
  // Whoever keeps no memory of it asks.
  world.withheld = {};
  world.run({.concurrency = 1});
  CHECK(world.http.requests().size() == 3);
}

TEST_CASE("a credential that is missing is told once, and used when it is there") {
  Delivery world(always(answer(200)));
  world.enqueue(with_own_credential());
  CHECK(world.run().holds.size() == 1);
  CHECK(world.reports.size() == 1);
  CHECK(world.run().holds.size() == 1);
  CHECK(world.reports.size() == 1);
  world.environment = [](const std::string&) { return "there"; };
  CHECK(world.run().delivered == 1);
  CHECK(world.run().holds.empty());
}

TEST_CASE("a credential that was refused is not sent again when a run looks again") {
  Delivery world(always(answer(401)));
  world.environment = [](const std::string&) { return "refused"; };
  world.enqueue(with_own_credential());
  int looks = 0;
  Observer observer;
  observer.look_again = [&]() -> core::Result<bool> { return ++looks < 10; };
  const auto summary = world.run({}, std::move(observer));
  CHECK(world.http.requests().size() == 1);
  REQUIRE(summary.holds.size() == 1);
  CHECK(summary.holds[0].waiting == 1);
}

TEST_CASE("a run that may start no more waits for what is under way, and ends") {
  Delivery world(always(answer(200)));
  for (int i = 0; i < 5; ++i)
    world.enqueue("http://a.test/");
  Observer observer;
  observer.may_start = [&] { return world.http.requests().size() < 2; };
  CHECK(world.run({.concurrency = 1}, std::move(observer)).delivered == 2);
  CHECK(world.run().delivered == 3);
}

TEST_CASE("a header that has nothing but quoted placeholders is sent without the quotes") {
  Delivery world(always(answer(200)));
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/";
  draft.request->headers = {{"X-A", "$${file:/x} $$${env:Y}"}};
  world.enqueue(draft);
  CHECK(world.run().delivered == 1);
  const auto requests = world.http.requests();
  const auto* sent = core::net::find_field(requests.front().headers, "X-A");
  REQUIRE(sent != nullptr);
  CHECK(*sent == "${file:/x} $${env:Y}");
}
