// SPDX-License-Identifier: MIT
#include "tests/crashlab/model/queue_under_test.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/net/http_message.hpp"
#include "libcore/queue/fsck.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/prune.hpp"
#include "libcore/queue/usage.hpp"

namespace model {
namespace {

using namespace std::chrono_literals;
using core::Result;
using core::codec::Envelope;
using core::queue::Entry;
using core::queue::Store;

template <typename T>
T value_or_die(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "the laboratory itself: {}\n", result.error().message);
  std::abort();
}

fakes::Fault fault_of(Upset upset) {
  if (upset == Upset::crash) return fakes::Fault::crash;
  return upset == Upset::full ? fakes::Fault::full : fakes::Fault::error;
}

Result<std::vector<Entry>> entries_of(Store& store, const core::queue::Query& query) {
  std::vector<Entry> entries;
  TRY(store.index().select(query, [&](const Entry& entry) -> Result<> {
    entries.push_back(entry);
    return {};
  }));
  return entries;
}

Result<Observed> observe(Store& store) {
  Observed observed;
  TRY_ASSIGN(const auto entries, entries_of(store, {}));
  for (const auto& entry : entries) {
    observed.ops[entry.id] = {.state = entry.state(),
                              .attempts = entry.attempts,
                              .reason = entry.reason,
                              .lane = entry.lane,
                              .is_waiting = entry.retry_at.has_value()};
  }
  TRY_ASSIGN(const auto totals, store.index().totals());
  for (const auto& total : totals)
    observed.totals[total.state] += total.ops;
  TRY_ASSIGN(const auto days, core::queue::receipt_days(store.files()));
  for (const auto& day : days) {
    TRY(core::queue::each_receipt_line(store.files(), core::queue::receipts_path(day), 0,
                                       [&](std::string_view line, std::uint64_t) -> Result<> {
                                         const auto receipt = core::codec::parse_receipt(line);
                                         if (!receipt)
                                           return core::fail(core::Errc::corrupt,
                                                             "receipt: " + std::string(line));
                                         ++observed.receipts[receipt->id];
                                         return {};
                                       }));
  }
  TRY_ASSIGN(const auto usage, core::queue::load_usage(store.files()));
  if (usage) observed.counted = usage->ops;
  return observed;
}

}  // namespace

void LoadedDice::fill(std::span<std::uint8_t> bytes) {
  const bool is_dice = bytes.size() == sizeof(std::uint64_t);
  for (auto& byte : bytes)
    byte = is_dice ? 0 : static_cast<std::uint8_t>(engine_());
  if (is_dice) bytes.back() = 0x80;  // k_jitter
}

QueueUnderTest::QueueUnderTest(Sabotage sabotage)
    : real_(value_or_die(core::sys::RealFiles::at(dir_.path()))),
      timed_(real_, clock, sabotage),
      faulty_(timed_) {
  if (auto made = core::queue::prepare(timed_, clock, dice_); !made) std::abort();
}

Result<Store> QueueUnderTest::open() {
  // A store owns its files, but these outlive it: one that never fails by itself stands in between.
  core::sys::Files& files = faulty_;
  return Store::open(std::make_unique<fakes::FaultyFiles>(files), clock, {.patience = 1s});
}

Done QueueUnderTest::perform(const Step& step, const Ids& ids) {
  Done done;
  machine(step);
  if (step.upset != Upset::none) {
    faulty_.arm(static_cast<std::uint64_t>(step.at_effect), fault_of(step.upset));
  }
  const auto commanded = command(step, ids, done);
  if (!commanded) done.error = commanded.error();
  done.was_upset = faulty_.has_struck();
  done.has_died = done.has_died || (done.was_upset && step.upset == Upset::crash);
  faulty_.disarm();
  if (done.has_died) die_in_recovery(step);
  return done;
}

// The next command dies as well, while it mends what the first one left.
void QueueUnderTest::die_in_recovery(const Step& step) {
  faulty_.arm(static_cast<std::uint64_t>(step.at_effect / 2), fakes::Fault::crash);
  [[maybe_unused]] const auto store = open();
  faulty_.disarm();
}

Result<> QueueUnderTest::command(const Step& step, const Ids& ids, Done& done) {
  switch (step.verb) {
    case Verb::enqueue:
    case Verb::enqueue_batch:
      return enqueue(step, ids, done);
    case Verb::sync:
      return sync(step, done);
    case Verb::retry:
    case Verb::cancel:
    case Verb::remove:
    case Verb::clear:
    case Verb::prune:
      return change(step, ids);
    case Verb::move_to_pending:
    case Verb::move_to_failed:
    case Verb::unlink:
    case Verb::touch:
    case Verb::write_by_hand:
    case Verb::write_garbage:
    case Verb::write_truncated:
      return by_hand(step, ids);
    case Verb::lose_index:
    case Verb::lose_state:
    case Verb::lose_usage:
    case Verb::pass_time:
    case Verb::set_clock:
    case Verb::reboot:
      break;
  }
  TRY(open());
  return {};
}

void QueueUnderTest::lose(const std::string& name) {
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::remove(dir_ / (name + suffix));
}

void QueueUnderTest::machine(const Step& step) {
  if (step.verb == Verb::lose_index) lose("index.db");
  if (step.verb == Verb::lose_state) lose("state.db");
  if (step.verb == Verb::lose_usage) lose("usage.json");
  if (step.verb == Verb::pass_time) clock.advance(step.by);
  if (step.verb == Verb::set_clock) {
    clock.step(step.by);
    // Times that waiting files carry are read anew: what the index makes of them depends on when.
    lose("index.db");
  }
  if (step.verb == Verb::reboot) clock.reboot(clock.boot_id() + "+");
}

Envelope QueueUnderTest::draft_of(const Draft& draft, const Ids& ids) const {
  Envelope envelope;
  envelope.type = core::codec::k_default_type;
  envelope.request = core::codec::Request{
      .method = "POST", .url = fmt::format("http://{}.test/x", draft.target), .headers = {}};
  envelope.payload = R"({"a":1})";
  envelope.priority = draft.priority;
  envelope.lane = draft.lane;
  envelope.key = draft.key;
  for (const auto& label : draft.after)
    if (ids.contains(label)) envelope.after.push_back(ids.at(label));
  if (draft.waits_for_failed) envelope.after_failure = core::codec::AfterFailure::wait;
  if (draft.not_before) envelope.not_before = clock.now() + *draft.not_before;
  if (draft.expires) envelope.expires_at = clock.now() + *draft.expires;
  envelope.max_attempts = draft.max_attempts;
  return envelope;
}

Result<> QueueUnderTest::enqueue(const Step& step, const Ids& ids, Done& done) {
  core::queue::Enqueuer enqueuer(faulty_, clock, dice_, {}, step.if_pending);
  if (step.verb == Verb::enqueue) {
    TRY_ASSIGN(const auto added, enqueuer.add(draft_of(step.drafts.front(), ids)));
    done.enqueued.push_back(added);
    return {};
  }
  std::size_t next = 0;
  TRY_ASSIGN(done.enqueued, enqueuer.add_batch([&]() -> Result<std::optional<Envelope>> {
    if (next == step.drafts.size()) return std::nullopt;
    return draft_of(step.drafts[next++], ids);
  }));
  return {};
}

fakes::FakeHttp::Answer QueueUnderTest::answer(Reply reply) {
  using core::net::HttpFailure;
  switch (reply) {
    case Reply::ok_and_crash:
      faulty_.arm(0, fakes::Fault::crash);
      return fakes::answer(200);
    case Reply::ok:
      return fakes::answer(200);
    case Reply::error:
      return fakes::answer(500);
    case Reply::missing:
      return fakes::answer(404);
    case Reply::conflict:
      return fakes::answer(409);
    case Reply::throttled:
      return fakes::answer(429, "", {{"Retry-After", "60"}});
    case Reply::offline:
      return fakes::failure(HttpFailure::connect);
    case Reply::timeout:
      return fakes::failure(HttpFailure::timeout);
  }
  return fakes::answer(200);
}

Result<> QueueUnderTest::sync(const Step& step, Done& done) {
  TRY_ASSIGN(Store store, open());
  std::string notice;
  TRY_ASSIGN(auto breakers, core::delivery::Breakers::open(dir_ / "state.db", 1s, notice));
  bool is_dying = false;  // what comes after that does not happen
  fakes::FakeHttp client([&](const core::net::HttpRequest& request) {
    const auto* key = core::net::find_field(request.headers, "Idempotency-Key");
    const auto id = core::OperationId::parse(key == nullptr ? "" : *key);
    const auto at = done.sent.size();
    const Reply reply = at < step.replies.size() ? step.replies[at] : Reply::ok;
    if (!is_dying) done.sent.push_back({.id = id.value_or(core::OperationId{}), .reply = reply});
    if (reply == Reply::ok_and_crash) done.has_died = is_dying = true;
    return answer(reply);
  });
  const core::delivery::Router router(config_, store.files());
  const core::delivery::Secrets secrets([](const std::string&) { return std::nullopt; },
                                        [](const std::string&) { return std::nullopt; });
  core::delivery::RunOptions options{.concurrency = 1, .force = step.is_forced};
  if (step.max_ops) options.max_ops = static_cast<std::uint64_t>(*step.max_ops);
  options.schedule.query.now = {.wall = clock.now(), .since_boot = clock.since_boot()};
  options.schedule.query.ignore_times = step.is_forced;
  core::delivery::Observer observer{
      .should_stop = [&] { return faulty_.has_struck() && step.upset == Upset::crash; }};
  core::delivery::Withheld withheld;
  core::delivery::SyncRun run({.store = store,
                               .breakers = breakers,
                               .withheld = withheld,
                               .client = client,
                               .router = router,
                               .secrets = secrets,
                               .retry = config_.retry,
                               .clock = clock,
                               .random = dice_},
                              std::move(options), std::move(observer));
  TRY(run.run());
  return {};
}

// As the commands do it, but for asking.
Result<> QueueUnderTest::change(const Step& step, const Ids& ids) {
  namespace event = core::queue::event;
  TRY_ASSIGN(Store store, open());
  if (step.verb == Verb::prune) {
    TRY(core::queue::prune(store.files(), store.index(), clock, clock.now() - step.by,
                           core::queue::Removal::done));
    return {};
  }
  core::queue::Query query;
  if (step.verb == Verb::clear) query.states = {step.state};
  TRY_ASSIGN(auto entries, entries_of(store, query));
  if (step.verb != Verb::clear) {
    std::erase_if(entries, [&](const Entry& entry) {
      return std::ranges::none_of(step.of, [&](const Label& label) {
        return ids.contains(label) && ids.at(label) == entry.id;
      });
    });
  }
  core::queue::Event what = event::DeleteRequested{};
  if (step.verb == Verb::retry) what = event::RetryRequested{};
  if (step.verb == Verb::cancel) what = event::GivenUp{.reason = Reason::cancelled};
  TRY(store.apply(entries, what));
  return {};
}

Result<> QueueUnderTest::put_into_pending(const std::string& name, const std::string& text) {
  // The hand's own file: nothing goes wrong with it.
  TRY(timed_.create(name, text));
  TRY(timed_.set_modified(name, clock.now()));
  TRY(timed_.rename(name, "pending/" + name, core::sys::Replace::no));
  return {};
}

Result<> QueueUnderTest::by_hand(const Step& step, const Ids& ids) {
  const std::string name = fmt::format("by-hand-{}.json", step.number);
  if (step.verb == Verb::write_by_hand) {
    TRY(put_into_pending(name, core::codec::format_envelope(draft_of(step.drafts.front(), ids))));
  } else if (step.verb == Verb::write_garbage) {
    TRY(put_into_pending(name, "this is no operation\n"));
  } else if (step.verb == Verb::write_truncated) {
    const core::OperationId id{.stem = core::queue::make_ulid(clock, dice_)};
    TRY(put_into_pending(id.text() + ".json", R"({"v":1,"id":")" + id.text() + R"(","type":"x)"));
  }
  for (const auto& label : step.of) {
    if (!ids.contains(label)) continue;
    // The file that the operation has for itself, wherever it is.
    for (const auto* folder : {"pending", "synced", "failed"}) {
      std::vector<std::string> found;
      TRY(timed_.list(folder, [&](const core::sys::DirectoryEntry& entry) {
        const auto file = core::queue::FileName::parse(entry.name);
        const bool is_it = file && file->kind == core::queue::FileName::Kind::single;
        if (is_it && file->id() == ids.at(label)) found.emplace_back(entry.name);
      }));
      for (const auto& file : found) {
        const std::string path = std::string(folder) + "/" + file;
        const bool is_pending = std::string_view(folder) == "pending";
        if (step.verb == Verb::unlink) TRY(timed_.remove(path));
        if (step.verb == Verb::touch && is_pending) {
          TRY(timed_.set_modified(path, clock.now() + k_touched));
        }
        if (step.verb == Verb::move_to_pending && !is_pending) {
          TRY(timed_.rename(path, "pending/" + file, core::sys::Replace::no));
        }
        if (step.verb == Verb::move_to_failed && is_pending) {
          TRY(timed_.rename(path, "failed/" + file, core::sys::Replace::no));
        }
      }
      if (!found.empty()) break;
    }
  }
  if (step.verb == Verb::touch) forget_index();
  TRY(open());  // the next command finds it
  return {};
}

Result<Observed> QueueUnderTest::look() {
  TRY_ASSIGN(Store store, open());
  if (!store.notice().empty()) return core::fail(core::Errc::io, store.notice());
  return observe(store);
}

Result<Observed> QueueUnderTest::look_closely() {
  lose("index.db");
  TRY_ASSIGN(Store store, open());
  TRY_ASSIGN(const auto checkup, core::queue::check(store.files(), store.index(), clock,
                                                    [&store] { return store.refresh(); }));
  for (const auto& finding : checkup.findings) {
    if (finding.severity == core::queue::Severity::info) continue;
    return core::fail(core::Errc::corrupt, "fsck: " + finding.path + ": " + finding.what);
  }
  return observe(store);
}

}  // namespace model
