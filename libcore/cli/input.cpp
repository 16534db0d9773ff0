// SPDX-License-Identifier: MIT
#include "libcore/cli/input.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/stream.hpp"

namespace core::cli {
namespace {
constexpr std::size_t k_chunk = 64UL << 10U;
}

Result<bool> Input::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Doubling keeps the moving of one long line linear in its length.
  if (buffer_.size() - end_ < k_chunk) buffer_.resize(std::max(buffer_.size() * 2, end_ + k_chunk));
  TRY_ASSIGN(const std::size_t count, read(std::span(buffer_).subspan(end_)));
  end_ += count;
  return count > 0;
}

Result<std::string_view> Input::chunk() {
  if (begin_ == end_) TRY(fill());
  const auto bytes = std::string_view(buffer_).substr(begin_, end_ - begin_);
  begin_ = end_;
  return bytes;
}

Result<std::optional<std::string_view>> Input::line(ByteCount limit) {
  std::size_t searched = 0;
  while (true) {
    const auto bytes = std::string_view(buffer_).substr(begin_, end_ - begin_);
    const auto newline = bytes.find('\n', searched);
    if (newline != std::string_view::npos) {
      begin_ += newline + 1;
      return bytes.substr(0, newline);
    }
    if (bytes.size() > limit.value) {
      return fail(Errc::corrupt, fmt::format("line too long: more than {}", format_size(limit)));
    }
    searched = bytes.size();
    TRY_ASSIGN(const bool more, fill());
    if (more) continue;
    if (begin_ == end_) return std::nullopt;
    const auto last = std::string_view(buffer_).substr(begin_, end_ - begin_);
    begin_ = end_;
    return last;
  }
}

Result<std::string> Input::all(ByteCount limit) {
  std::string text;
  while (true) {
    TRY_ASSIGN(const std::string_view bytes, chunk());
    if (bytes.empty()) return text;
    text += bytes;
    if (text.size() > limit.value) {
      return fail(Errc::full, fmt::format("input too long: more than {}", format_size(limit)));
    }
  }
}

Result<std::size_t> FdInput::read(std::span<char> buffer) {
  return sys::read_stream(fd_, buffer, name_);
}

Result<std::vector<std::string>> read_words(Input& input) {
  std::vector<std::string> words;
  while (true) {
    TRY_ASSIGN(const std::optional<std::string_view> line, input.line());
    if (!line) return words;
    for (const auto part : split(*line, '\0')) {
      const auto word = trim(part);
      if (!word.empty()) words.emplace_back(word);
    }
  }
}

}  // namespace core::cli
