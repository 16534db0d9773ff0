// SPDX-License-Identifier: MIT
#include "libcore/cli/output.hpp"

#include "libcore/sys/stream.hpp"

namespace core::cli {
namespace {
constexpr std::size_t k_enough = 64UL << 10U;
}

FdOutput::~FdOutput() {
  if (!flush()) waiting_.clear();
}

void FdOutput::write(std::string_view text) {
  if (is_closed_) return;
  if (leader_ != nullptr) leader_->send();
  waiting_ += text;
  if (buffering_ == Buffering::none || waiting_.size() >= k_enough) send();
}

Result<> FdOutput::flush() {
  send();
  return std::exchange(outcome_, {});
}

void FdOutput::send() {
  if (is_closed_ || waiting_.empty()) return;
  const auto reader = sys::write_stream(fd_, waiting_, name_);
  waiting_.clear();
  if (!reader) outcome_ = tl::unexpected<Error>(reader.error());
  is_closed_ = !reader || *reader == sys::Reader::gone;
}

}  // namespace core::cli
