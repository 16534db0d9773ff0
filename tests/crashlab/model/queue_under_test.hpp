// SPDX-License-Identifier: MIT
#pragma once

// The real queue, in a directory of its own: does what a step says, as commands do it, and tells
// what is in the queue afterwards. Every command opens the queue anew.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "libcore/config/config.hpp"
#include "libcore/queue/store.hpp"
#include "tests/crashlab/model/reference.hpp"
#include "tests/crashlab/model/timed_files.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/faulty_files.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace model {

// Ids differ, and are the same each time; dice fall as k_jitter says.
class LoadedDice final : public core::sys::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::mt19937_64 engine_{7};
};

// What a step did, as its caller sees it.
struct Done {
  std::optional<core::Error> error{};
  std::vector<core::queue::Enqueued> enqueued{};
  std::vector<Sent> sent{};
  bool was_upset = false;  // an effect failed, or the process died
  bool has_died = false;
};

struct Seen {
  State state = State::pending;
  int attempts = 0;
  Reason reason = Reason::none;
  std::string lane{};
  bool is_waiting = false;  // for the end of a backoff
};

struct Observed {
  std::map<core::OperationId, Seen> ops;
  std::map<core::OperationId, int> receipts;
  std::map<State, std::uint64_t> totals;
  std::optional<std::uint64_t> counted;  // as pending, by usage.json
};

class QueueUnderTest {
 public:
  explicit QueueUnderTest(Sabotage sabotage);

  // `ids` are those of the labels that the step names, and of what its drafts come after.
  Done perform(const Step& step, const std::map<Label, core::OperationId>& ids);
  // Opens the queue as any command does, and looks at all of it.
  core::Result<Observed> look();
  // With an index that is made anew, and fsck.
  core::Result<Observed> look_closely();

  void forget_holds() { lose("state.db"); }
  void forget_index() { lose("index.db"); }

  fakes::FakeClock clock;

 private:
  using Ids = std::map<Label, core::OperationId>;
  core::Result<core::queue::Store> open();
  core::Result<> enqueue(const Step& step, const Ids& ids, Done& done);
  core::Result<> sync(const Step& step, Done& done);
  core::Result<> change(const Step& step, const Ids& ids);
  core::Result<> by_hand(const Step& step, const Ids& ids);
  core::Result<> command(const Step& step, const Ids& ids, Done& done);
  void machine(const Step& step);
  void die_in_recovery(const Step& step);
  [[nodiscard]] core::codec::Envelope draft_of(const Draft& draft, const Ids& ids) const;
  core::Result<> put_into_pending(const std::string& name, const std::string& text);
  fakes::FakeHttp::Answer answer(Reply reply);
  void lose(const std::string& name);

  fakes::TempDir dir_;
  core::sys::RealFiles real_;
  LoadedDice dice_;
  TimedFiles timed_;
  fakes::FaultyFiles faulty_;
  core::config::Config config_;
};

}  // namespace model
