// SPDX-License-Identifier: MIT
#pragma once

// Hooks: programs of the user in hooks/ of the queue that are told of the network's state:
// on-online and on-offline of the mode, on-change of each generation (offkit-network(5)). Each is
// given network.json on standard input.
//
//   level-triggered  what holds is compared with what was told; what came and went while a hook
//                    ran, or nobody was there, is never told
//   one at a time    of all processes: whoever runs hooks has a lock on netwatch/hooks
//   journalled       hooks.json says what was told; a hook that was under way when its process was
//                    killed is ended, and what holds then is told; one that was started in the
//                    instant of the kill, before its number was noted, goes on by itself
//   limited          one that takes too long is ended (sys/limited_child.hpp); of what it prints
//                    the first 16 KiB are passed on when it has ended
//
// A hook can change nothing: what goes wrong with it is a warning and a line of hooks.jsonl.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/netstate/hook_journal.hpp"
#include "libcore/netstate/published.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/limited_child.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/stray.hpp"

namespace core::netstate {

// One hook that runs, until it has ended or its time is over.
class HookProcess {
 public:
  // The program's environment and input are about `line`. `wakes` is told of its end, and of what
  // it prints. Errors: not_found, denied, io.
  static Result<HookProcess> start(const sys::Files& files, sys::Children& children,
                                   sys::PollSet& wakes, const sys::Clock& clock, HookEvent event,
                                   const Published& line, Duration limit);

  // Looks whether it has ended; hurries it when its time is over. nullopt: it runs.
  std::optional<HookRun> tend();
  // Its time is over now.
  void hurry() { child_.hurry(); }
  // Whole lines: what it has printed so far, as far as it is kept.
  [[nodiscard]] std::string output() const { return child_.output().text(); }
  [[nodiscard]] int process() const { return child_.process(); }
  // Since boot: when to tend although it has not ended.
  [[nodiscard]] Duration deadline() const { return child_.deadline(); }
  [[nodiscard]] const Published& line() const { return line_; }
  [[nodiscard]] HookEvent event() const { return event_; }

 private:
  HookProcess(sys::LimitedChild child, const sys::Clock& clock, HookEvent event,
              const Published& line)
      : child_(std::move(child)), clock_(clock), event_(event), line_(line) {}

  sys::LimitedChild child_;
  const sys::Clock& clock_;
  HookEvent event_;
  Published line_;
};

// The program of this event, nullopt where there is none. Errors: denied, saying why it must not be
// run; io.
Result<std::optional<std::string>> find_hook(const std::string& queue_directory, HookEvent event);

class Hooks {
 public:
  struct Parts {
    sys::Files& files;  // the queue directory; all must outlive this
    sys::Children& children;
    sys::PollSet& wakes;  // readable when there is something to tend
    const sys::Clock& clock;
    std::function<void(const std::string&)> warn;
    std::function<void(const std::string&)> pass_on;  // whole lines that a hook has printed
  };
  explicit Hooks(Parts parts) : parts_(std::move(parts)) {}

  // What is published, and has settled. `limit` is for each hook.
  void tell(const Published& line, Duration limit);
  // Takes leave of one that has ended, ends one that takes too long, starts the next.
  void tend();
  // Nothing is under way, or to be begun here.
  [[nodiscard]] bool is_idle() const { return !running_ && !stray_ && !newest_; }
  // Another process runs hooks: tend() when it may have let go of its lock. It looks itself at
  // what is published once it has.
  [[nodiscard]] bool waits_for_others() const { return waits_for_others_; }
  // Since boot: when to tend although nothing has happened.
  [[nodiscard]] std::optional<Duration> deadline() const;
  // Begins no more, and asks the one that runs to end: it counts as not told.
  void give_up();
  // The same, and waits for its end, for at most so long.
  void end(Duration grace);

 private:
  [[nodiscard]] bool take_turn();
  void load();
  void store();
  void tend_running();
  void start(HookEvent event);
  void refuse(HookEvent event, const std::string& why);
  void log(const HookRun& run);
  void warn_once(const std::string& message);

  Parts parts_;
  sys::Fd turn_;  // held while hooks run
  HookJournal journal_;
  bool is_loaded_ = false;           // the journal, once
  std::optional<Published> newest_;  // to be told; absent: all is
  Duration limit_{};
  std::optional<HookProcess> running_;
  std::optional<sys::StrayEnd> stray_;  // of one that another process has left behind
  bool waits_for_others_ = false;
  bool is_ending_ = false;
  std::set<std::string> told_warnings_;
};

}  // namespace core::netstate
