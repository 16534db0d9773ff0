// SPDX-License-Identifier: MIT
#pragma once

// A queue, a scripted network, and runs of delivery over them.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/delivery/sync_run.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/queue_fixture.hpp"

namespace fakes {

class Delivery {
 public:
  explicit Delivery(FakeHttp::Script script) : http(std::move(script)) {
    std::string notice;
    breakers = std::make_unique<core::delivery::Breakers>(
        core::delivery::Breakers::open(dir / "state.db", std::chrono::seconds{1}, notice).value());
    REQUIRE(core::queue::open_directory(dir / "q", core::queue::Create::yes, clock, random));
  }

  core::OperationId enqueue(const core::codec::Envelope& draft) {
    auto files = core::queue::open_directory(dir / "q", core::queue::Create::yes, clock, random);
    REQUIRE(files.has_value());
    const auto added = core::queue::Enqueuer(**files, clock, random, {}).add(draft);
    REQUIRE(added.has_value());
    return added->id;
  }
  core::OperationId enqueue(const std::string& url, const std::string& lane = {}) {
    core::codec::Envelope draft = draft_of();
    draft.request->url = url;
    draft.lane = lane;
    return enqueue(draft);
  }

  // As another process has it.
  core::Result<core::queue::Store> open() {
    return core::queue::Store::open(dir / "q", core::queue::Create::no, clock, random);
  }

  core::delivery::Summary run(core::delivery::RunOptions options = {},
                              core::delivery::Observer observer = {}) {
    auto store = open();
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message));
    return run_in(*store, std::move(options), std::move(observer));
  }
  core::delivery::Summary run_in(core::queue::Store& store, core::delivery::RunOptions options,
                                 core::delivery::Observer observer) {
    auto summary = try_run_in(store, std::move(options), std::move(observer));
    REQUIRE_MESSAGE(summary.has_value(), (summary ? "" : summary.error().message));
    return *std::move(summary);
  }
  // Over `client`, or over `http`.
  core::Result<core::delivery::Summary> try_run_in(core::queue::Store& store,
                                                   core::delivery::RunOptions options,
                                                   core::delivery::Observer observer,
                                                   core::net::HttpClient* client = nullptr) {
    options.schedule.query.now = {.wall = clock.now(), .since_boot = clock.since_boot()};
    options.schedule.query.ignore_times = options.force;
    const core::delivery::Router router(config, store.files());
    const core::delivery::Secrets secrets(
        [this](const std::string& name) { return environment(name); },
        [](const std::string&) -> core::Result<std::optional<std::string>> {
          return std::nullopt;
        });
    if (!observer.on_report) {
      observer.on_report = [this](const core::delivery::Report& report) {
        reports.push_back(report);
      };
    }
    return core::delivery::SyncRun({.store = store,
                                    .breakers = *breakers,
                                    .withheld = withheld,
                                    .client = client == nullptr ? http : *client,
                                    .router = router,
                                    .secrets = secrets,
                                    .retry = config.retry,
                                    .clock = clock,
                                    .random = random,
                                    .network = network,
                                    .allowance = allowance},
                                   std::move(options), std::move(observer))
        .run();
  }

  // One batch file, with these payloads.
  std::vector<core::OperationId> enqueue_lines(const std::vector<core::codec::Envelope>& drafts) {
    auto files = core::queue::open_directory(dir / "q", core::queue::Create::yes, clock, random);
    REQUIRE(files.has_value());
    auto next = drafts.begin();
    const auto added = core::queue::Enqueuer(**files, clock, random, {})
                           .add_batch([&]() -> core::Result<std::optional<core::codec::Envelope>> {
                             if (next == drafts.end()) return std::nullopt;
                             return *next++;
                           });
    REQUIRE(added.has_value());
    std::vector<core::OperationId> ids;
    for (const auto& line : *added)
      ids.push_back(line.id);
    return ids;
  }

  core::queue::Entry entry(const core::OperationId& id) {
    auto store = open();
    REQUIRE(store.has_value());
    const auto found = store->index().find(id);
    REQUIRE((found && *found));
    return **found;
  }

  std::vector<std::string> urls() const {
    std::vector<std::string> urls;
    for (const auto& request : http.requests())
      urls.push_back(request.url);
    return urls;
  }

  TempDir dir;
  FakeClock clock;
  FakeRandom random;
  FakeHttp http;
  core::config::Config config;
  std::unique_ptr<core::delivery::Breakers> breakers;
  core::delivery::Withheld withheld;
  core::delivery::Network* network = nullptr;
  core::delivery::Allowance* allowance = nullptr;
  std::vector<core::delivery::Report> reports;
  std::function<std::optional<std::string>(const std::string&)> environment =
      [](const std::string&) { return std::nullopt; };
};

inline FakeHttp::Script always(FakeHttp::Answer what) {
  return [what = std::move(what)](const core::net::HttpRequest&) { return what; };
}

}  // namespace fakes
