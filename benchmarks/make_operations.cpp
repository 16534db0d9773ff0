// SPDX-License-Identifier: MIT
//
// usage: make_operations single|batch COUNT URL DIRECTORY
//
// Writes COUNT operations for POST URL into DIRECTORY, a pending/ folder, as enqueue would write
// them but without its promises: `single` makes a file for each, `batch` one file of many lines.

#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libcore/base/ids.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/envelope.hpp"

namespace {

core::codec::Envelope operation(const core::OperationId& id, std::string_view url) {
  core::codec::Envelope envelope;
  envelope.id = id;
  envelope.type = "metric_log";
  envelope.created_at = id.stem.time();
  envelope.request = {
      .method = "POST", .url = std::string(url), .headers = {{"Content-Type", "application/json"}}};
  envelope.payload = R"({"metric":"loss","step":1,"value":0.25})";
  return envelope;
}

bool write_singles(unsigned count, std::string_view url, const std::string& directory,
                   core::Ulid id) {
  for (unsigned i = 0; i < count; ++i, id = id.successor()) {
    std::ofstream file(fmt::format("{}/{}.json", directory, id.text()), std::ios::binary);
    file << core::codec::format_envelope(operation({.stem = id}, url));
    if (!file.flush()) return false;
  }
  return true;
}

bool write_batch(unsigned count, std::string_view url, const std::string& directory,
                 core::Ulid id) {
  std::ofstream file(fmt::format("{}/{}.jsonl", directory, id.text()), std::ios::binary);
  for (unsigned i = 1; i <= count; ++i)
    file << core::codec::format_envelope(operation({.stem = id, .line = i}, url));
  return static_cast<bool>(file.flush());
}

}  // namespace

int main(int argc, char** argv) {
  unsigned count = 0;
  const std::string_view kind = argc == 5 ? argv[1] : "";
  const std::string_view digits = argc == 5 ? argv[2] : "";
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if ((kind != "single" && kind != "batch") || count == 0) {
    fmt::print(stderr, "usage: make_operations single|batch COUNT URL DIRECTORY\n");
    return 2;
  }
  const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  const core::Ulid first(core::Time{now.time_since_epoch()}, std::array<std::uint8_t, 10>{1});
  const bool written = kind == "single" ? write_singles(count, argv[3], argv[4], first)
                                        : write_batch(count, argv[3], argv[4], first);
  if (written) return 0;
  fmt::print(stderr, "make_operations: cannot write to {}\n", argv[4]);
  return 1;
}
