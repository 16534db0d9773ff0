// SPDX-License-Identifier: MIT
#pragma once

// All that a command may touch besides its options: every effect is a member that a test can
// replace (tests/fakes/fake_context.hpp makes one). cli::main makes the real one.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/cli/input.hpp"
#include "libcore/cli/output.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/environment.hpp"
#include "libcore/sys/random.hpp"
#include "libcore/sys/terminal.hpp"

namespace core::cli {

struct Tool;

enum class Color { no, yes };
enum class Verbosity { quiet, normal, verbose };

class Context {
 public:
  // stdout: results and nothing else. stderr: messages, progress. Both end their own lines.
  Output& out;
  Output& err;
  Input& in;
  const sys::Clock& clock;
  sys::Random& random;
  const sys::Environment& environment;
  sys::Terminal terminal = {};
  Color out_color =
      Color::no;  // may stdout carry colour? decided by --color, NO_COLOR, the terminal
  Color err_color = Color::no;
  Verbosity verbosity = Verbosity::normal;
  // The queue directory: -C, else OFFQ_DIR, else CEMAF_OFFLINE_STORAGE_PATH, else
  // ${XDG_STATE_HOME:-$HOME/.local/state}/offq. Empty only if none of them is known.
  std::string directory = {};
  // Only what -C said: for a command whose directory is not the queue.
  std::optional<std::string> given_directory = {};
  std::string program = "offq";  // what messages begin with
  const Tool* tool = nullptr;    // the table that is running, for `help`; null in tests

  // "offq: warning: <message>" on stderr; nothing when quiet.
  void warn(std::string_view message);
  // "offq: <message>" on stderr; nothing when quiet: what is good news.
  void say(std::string_view message);
  // "offq: <message>" on stderr when verbose: why something was decided.
  void note(std::string_view message);
  // "offq: <message>" on stderr, in red: why something failed.
  void complain(const Error& error);

 private:
  // The one place where messages are made fit for a terminal: names and answers of others in them
  // may hold escape sequences.
  void tell(std::string_view label, std::string_view message, std::string_view colour);
};

}  // namespace core::cli
