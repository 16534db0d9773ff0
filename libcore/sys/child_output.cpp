// SPDX-License-Identifier: MIT
#include "libcore/sys/child_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <unistd.h>

#include <fmt/core.h>

namespace core::sys {
namespace {

constexpr std::size_t k_buffer = 65536;
// More than a pipe holds: a child that has ended leaves nothing unread.
constexpr int k_reads_at_once = 32;

}  // namespace

Result<ChildOutput> ChildOutput::open(std::size_t most) {
  TRY_ASSIGN(auto pipe, Pipe::open());
  return ChildOutput(std::move(pipe), most);
}

void ChildOutput::read() {
  std::array<char, k_buffer> buffer{};
  for (int i = 0; i < k_reads_at_once && pipe_.read_end.is_open(); ++i) {
    const auto count = ::read(pipe_.read_end.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return pipe_.read_end.reset();
    const auto got = static_cast<std::size_t>(count);
    const auto fits = std::min(got, most_ - kept_.size());
    kept_.append(buffer.data(), fits);
    dropped_ += got - fits;
  }
}

std::string ChildOutput::text() const {
  std::string text = kept_;
  if (!text.empty() && text.back() != '\n') text += '\n';
  if (dropped_ > 0) text += fmt::format("[{} more bytes are left out]\n", dropped_);
  return text;
}

}  // namespace core::sys
