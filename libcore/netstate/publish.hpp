// SPDX-License-Identifier: MIT
#pragma once

// Publishing what holds (offkit-network(5)):
//
//   1. lock netwatch/publish, so that a daemon, a check and `netwatch mode` take turns
//   2. read the line that stands there: generations go on from it
//   3. network.json, then a line of history for a new generation, then the line `network`; each
//      file is written beside its place and renamed, so that nobody reads half of one
//
// Nothing is synced to disk: it is true for two minutes, and after a crash of the machine everybody
// takes it for unknown anyway. What a crash leaves torn is written over.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/netstate/published.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::netstate {

// What is told of a generation besides the line: network.json, and a line of history.jsonl.
struct Texts {
  std::string document;
  std::string history;
};

// A mode that somebody has set, or that it is by itself again.
struct SetMode {
  Mode mode = Mode::offline;
  std::optional<Mode> by_itself{};  // absent: nobody sets it any more
  std::optional<Time> until{};
};

class Publisher {
 public:
  // `files` is the queue directory; both must outlive this.
  Publisher(sys::Files& files, const sys::Clock& clock) : files_(files), clock_(clock) {}

  // Called with the line as it will stand there, and the state before, while nobody else publishes.
  using Describe = std::function<Texts(const Published& line, std::optional<State> previous)>;

  // What was found. The generation is decided here, and `since` goes back to what stood there while
  // the state is the same and was believed until lately. The result is the line that was written.
  // Errors: full, denied, io; the line before stays.
  Result<Published> publish(Published found, const Describe& describe);
  // Another mode for the same state: nobody has looked, so the line gets neither younger nor older.
  Result<Published> publish_mode(const SetMode& mode, const Describe& describe);

 private:
  struct Before {
    std::optional<Published> line;  // absent: none, or one that cannot be read
    std::optional<Time> modified;
    std::uint64_t generation = 0;
  };
  [[nodiscard]] Result<sys::Fd> take_turn();
  [[nodiscard]] Result<Before> before() const;
  Result<> write(const Before& before, Published& line, const Describe& describe);
  Result<> replace(const std::string& path, const std::string& text, std::optional<Time> modified);

  sys::Files& files_;
  const sys::Clock& clock_;
};

// Appends a line to `path`, which becomes `old_path` when it has grown to a megabyte.
Result<> append_bounded(sys::Files& files, const std::string& path, const std::string& old_path,
                        const std::string& line);

}  // namespace core::netstate
