// SPDX-License-Identifier: MIT
#pragma once

// A progress bar on a terminal's stderr, drawn in place at most ten times a second and removed at
// the end. Nothing at all where stderr is no terminal, or when quiet.
//
//   cli::Progress progress(context, "sync", cli::Progress::Show::yes);
//   progress.update({.done = n, .total = all, .failed = bad});
//   progress.clear();  // before printing anything else on the terminal

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/cli/context.hpp"

namespace core::cli {

struct Counts {
  std::uint64_t done = 0;   // failed ones included
  std::uint64_t total = 0;  // 0: not known
  std::uint64_t failed = 0;
};

enum class Charset { ascii, unicode };

// "sync  412/1000 ███████▍          41%  2310/s  ETA 3s  2 failed", `width` characters at most.
std::string render_progress(std::string_view label, const Counts& counts, Duration elapsed,
                            std::size_t width, Charset charset);

class Progress {
 public:
  enum class Show { no, yes };  // no: for --json and the like

  Progress(Context& context, std::string label, Show show);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void update(const Counts& counts);
  void clear();

 private:
  Context& context_;
  std::string label_;
  bool is_shown_;
  Duration started_;
  std::optional<Duration> drawn_;  // when the last time; absent: nothing is on the terminal
};

}  // namespace core::cli
