// SPDX-License-Identifier: MIT
#include "libcore/net/group_commit.hpp"

#include <utility>

namespace core::net {

Result<> GroupCommit::append(std::string_view line) {
  std::unique_lock lock(mutex_);
  if (broken_) return tl::unexpected<Error>(*broken_);
  if (gathering_) {
    const std::shared_ptr<Batch> batch = gathering_;
    batch->lines += line;
    batch->settled.wait(lock, [&] { return batch->outcome.has_value(); });
    return *batch->outcome;
  }

  // The first to come leads: it waits for the batch before, then writes what has gathered.
  const auto batch = std::make_shared<Batch>();
  batch->lines = line;
  gathering_ = batch;
  idle_.wait(lock, [&] { return !is_writing_; });
  gathering_.reset();
  if (broken_) {
    batch->outcome = Result<>(tl::unexpected<Error>(*broken_));
  } else {
    is_writing_ = true;
    lock.unlock();
    Result<> outcome = files_.append(path_, batch->lines, sys::Sync::yes);
    lock.lock();
    is_writing_ = false;
    if (!outcome && outcome.error().code != Errc::full) broken_ = outcome.error();
    batch->outcome = std::move(outcome);
  }
  const Result<> outcome = *batch->outcome;
  lock.unlock();  // so that nobody who is woken runs into it
  idle_.notify_one();
  batch->settled.notify_all();
  return outcome;
}

}  // namespace core::net
