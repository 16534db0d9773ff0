// SPDX-License-Identifier: MIT
#include "libcore/queue/blobs.hpp"

#include <cstdint>
#include <utility>

#include <unistd.h>

#include "libcore/codec/sha256.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

// Looking for room costs as much as a piece or two.
constexpr std::uint64_t k_check_each = 1U << 20U;

using Pieces = std::function<Result<std::string_view>()>;

// Durable, and not in its place yet.
struct Written {
  codec::BlobRef blob;
  std::string temporary;
  sys::Fd lock;
};

Result<Written> write_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                           const Pieces& next) {
  Written written;
  written.temporary = temporary_path("blob." + make_ulid(clock, random).text(), ::getpid());
  codec::Sha256 hash;
  TRY_ASSIGN(written.lock, files.create_from(written.temporary, [&]() -> Result<std::string_view> {
    TRY_ASSIGN(const std::string_view piece, next());
    hash.update(piece);
    written.blob.size += piece.size();
    return piece;
  }));
  written.blob.sha256 = hash.hex();
  return written;
}

// Replacing a blob of the same name replaces it by the same bytes, freshly durable.
Result<> put_in_place(sys::Files& files, const Written& written) {
  return sys::put_in_place(files, written.temporary, blob_path(written.blob.sha256));
}

// False: there is one already, and the temporary file is still where it was.
Result<bool> place_unless_there(sys::Files& files, const Written& written) {
  const std::string path = blob_path(written.blob.sha256);
  auto moved = files.rename(written.temporary, path, sys::Replace::no);
  if (moved && *moved) return true;
  if (moved) return fail(Errc::io, "store body: " + written.temporary + ": it has vanished");
  TRY_ASSIGN(const auto there, files.status(path));
  if (there) return false;
  [[maybe_unused]] const auto removed = files.remove(written.temporary);
  return tl::unexpected<Error>(std::move(moved).error());
}

Pieces only_piece(std::string_view bytes) {
  return [rest = bytes]() mutable -> Result<std::string_view> { return std::exchange(rest, {}); };
}

}  // namespace

Result<codec::BlobRef> store_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                                  const Pieces& next) {
  TRY_ASSIGN(Written written, write_blob(files, clock, random, next));
  TRY(put_in_place(files, written));
  TRY(files.sync_directory(path::k_blobs));
  return std::move(written.blob);
}

Result<codec::BlobRef> store_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                                  std::string_view bytes) {
  return store_blob(files, clock, random, only_piece(bytes));
}

Result<codec::BlobRef> NewBlobs::store(const Pieces& next) {
  TRY_ASSIGN(Written written, write_blob(*files_, *clock_, *random_, next));
  const std::string& digest = written.blob.sha256;
  TRY_ASSIGN(const bool again, is_ours(digest));
  if (again) {
    TRY(files_->remove(written.temporary));
    return std::move(written.blob);
  }
  TRY_ASSIGN(const auto status, files_->status(written.temporary));
  TRY_ASSIGN(const bool is_first, place_unless_there(*files_, written));
  if (is_first && status) {
    first_here_[digest] = {.inode = status->inode, .mtime_ns = status->mtime_ns};
  } else {
    TRY(put_in_place(*files_, written));
  }
  TRY(files_->sync_directory(path::k_blobs));
  return std::move(written.blob);
}

Result<codec::BlobRef> NewBlobs::store(std::string_view bytes) {
  return store(only_piece(bytes));
}

Result<codec::BlobRef> NewBlobs::store(const Pieces& next, const Limits& limits) {
  std::uint64_t size = 0;
  std::uint64_t checked = 0;
  return store([&]() -> Result<std::string_view> {
    TRY_ASSIGN(const std::string_view piece, next());
    size += piece.size();
    if (size - checked >= k_check_each) {
      TRY(check_room(*files_, {.ops = 1, .bytes = size}, limits));
      checked = size;
    }
    return piece;
  });
}

Result<> NewBlobs::take_back(const std::set<std::string>& named) {
  for (const auto& [digest, stamp] : first_here_) {
    if (named.contains(digest)) continue;
    TRY_ASSIGN(const bool ours, is_ours(digest));
    if (ours) TRY(files_->remove(blob_path(digest)));
  }
  first_here_.clear();
  return {};
}

Result<bool> NewBlobs::is_ours(const std::string& digest) const {
  const auto stored = first_here_.find(digest);
  if (stored == first_here_.end()) return false;
  TRY_ASSIGN(const auto status, files_->status(blob_path(digest)));
  return status && status->inode == stored->second.inode &&
         status->mtime_ns == stored->second.mtime_ns;
}

}  // namespace core::queue
