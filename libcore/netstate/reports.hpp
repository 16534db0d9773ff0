// SPDX-License-Identifier: MIT
#pragma once

// What siblings have seen of the network while they worked, `netwatch/reports.json` in the queue
// directory (offkit-network(5)): the newest of each kind. Text to values and back, and the way in.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/sys/files.hpp"

namespace core::netstate {

struct Sighting {
  Time at;
  std::string destination;  // origin
  std::string failure;      // a word: "resolve", "connect", "suspect"; empty: it was delivered

  bool operator==(const Sighting&) const = default;
};

struct Reports {
  std::optional<Sighting> delivered;
  std::optional<Sighting> failed;

  bool operator==(const Reports&) const = default;
};

// One JSON object on one line.
std::string format_reports(const Reports& reports);
// What cannot be read is left out: it tells nothing.
Reports parse_reports(std::string_view text);
// The newer of each kind.
Reports newest(const Reports& a, const Reports& b);

// Adds what was seen, and after a failure asks netwatch to look now. `files` is the queue
// directory, where netwatch/ must be there. Not durable. Errors: denied, full, io.
Result<> report(sys::Files& files, const Reports& seen);

// What is wanted of whoever runs `netwatch daemon`, in `netwatch/ask`: the file is empty when the
// daemon has heard.
struct Question {
  std::optional<Time> since;  // what was found then or later will do
  bool is_lately = false;     // what was found lately will do for somebody, who has not said more

  bool operator==(const Question&) const = default;
};

// Asks it. Returns what nobody has taken now: this question with those that others had asked, of
// which the newest moment counts. Errors: denied, full, io.
Result<Question> ask_to_look(sys::Files& files, const Question& question);
// For the daemon: what is asked is heard, and gone. Errors: denied, io.
Result<Question> take_question(sys::Files& files);
// Whether nobody has taken what was asked then, whatever was asked since. Errors: denied, io.
Result<bool> is_untaken(const sys::Files& files, const Question& asked);

}  // namespace core::netstate
