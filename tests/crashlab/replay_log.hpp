// SPDX-License-Identifier: MIT
#pragma once

// The log of a disk: what was written to it, when it was told to flush, and what programs had
// printed by then, in the order in which the disk saw it. A file of such records and the image that
// the disk began with are a recording: enough to make every state in which a power cut could have
// left the disk (replay_states.hpp).

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"

namespace replay {

struct Record {
  // flush: all writes before it have reached the disk. mark: a program has printed something.
  enum class Kind : std::uint64_t { write, zero, flush, mark } kind = Kind::flush;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of what is written; zero writes as many zeros
  std::string bytes{};       // of write and mark
  std::string label{};       // of mark: the name of the stream that was printed to

  [[nodiscard]] bool changes_disk() const { return kind == Kind::write || kind == Kind::zero; }
};

// The label of the last mark of a recording: no crash is made after it.
inline constexpr std::string_view k_end = "end";

class LogWriter {
 public:
  // Errors: io.
  static core::Result<LogWriter> create(const std::string& path);
  core::Result<> append(const Record& record);

 private:
  explicit LogWriter(std::ofstream file) : file_(std::move(file)) {}
  std::ofstream file_;
};

// Up to the mark k_end, that one left out. Errors: io; corrupt when it is no log, or has no end.
core::Result<std::vector<Record>> load_log(const std::string& path);

// One line that was printed in whole.
struct Said {
  std::string label;
  std::string line;
};

// The lines of all streams, in the order in which they were completed.
std::vector<Said> said_in(std::span<const Record> records);

}  // namespace replay
