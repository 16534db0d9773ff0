// SPDX-License-Identifier: MIT
#include "libcore/queue/blobs.hpp"

#include <utility>

#include <unistd.h>

#include "libcore/codec/sha256.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {

Result<codec::BlobRef> store_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                                  const std::function<Result<std::string_view>()>& next) {
  const std::string temporary =
      temporary_path("blob." + make_ulid(clock, random).text(), ::getpid());
  codec::Sha256 hash;
  codec::BlobRef blob;
  TRY_ASSIGN(const sys::Fd lock, files.create_from(temporary, [&]() -> Result<std::string_view> {
    TRY_ASSIGN(const std::string_view piece, next());
    hash.update(piece);
    blob.size += piece.size();
    return piece;
  }));
  blob.sha256 = hash.hex();
  // Replacing a blob of the same name replaces it by the same bytes, freshly durable.
  auto moved = files.rename(temporary, blob_path(blob.sha256), sys::Replace::yes);
  if (!moved) {
    TRY(files.remove(temporary));
    return tl::unexpected<Error>(std::move(moved).error());
  }
  TRY(files.sync_directory(path::k_blobs));
  return blob;
}

Result<codec::BlobRef> store_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                                  std::string_view bytes) {
  return store_blob(files, clock, random, [rest = bytes]() mutable -> Result<std::string_view> {
    return std::exchange(rest, {});
  });
}

}  // namespace core::queue
