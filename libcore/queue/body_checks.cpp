// SPDX-License-Identifier: MIT
#include "libcore/queue/body_checks.hpp"

#include <cstddef>

#include <fmt/core.h>

#include "libcore/codec/sha256.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

// Whether the blob that an operation names is there as it was stored; empty: it is.
Result<std::string> blob_complaint(const sys::Files& files, const codec::BlobRef& blob) {
  constexpr std::size_t k_chunk = 1U << 20U;
  const std::string path = blob_path(blob.sha256);
  TRY_ASSIGN(const auto status, files.status(path));
  if (!status || status->kind != sys::FileKind::regular) return std::string("is missing");
  if (status->size != blob.size) {
    return fmt::format("has {} bytes instead of {}", status->size, blob.size);
  }
  TRY_ASSIGN(const sys::Fd fd, files.open(path));
  if (!fd.is_open()) return std::string("is missing");
  codec::Sha256 hash;
  while (true) {
    TRY_ASSIGN(const std::string chunk, sys::read_up_to(fd.get(), k_chunk, path));
    if (chunk.empty()) break;
    hash.update(chunk);
  }
  return hash.hex() == blob.sha256 ? std::string{} : std::string("has other bytes than its name");
}

}  // namespace

Result<std::string> BodyChecks::complaint(const codec::BlobRef& blob) {
  const auto key = std::pair(blob.sha256, blob.size);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  TRY_ASSIGN(std::string text, blob_complaint(files_, blob));
  known_.emplace(key, text);
  return text;
}

}  // namespace core::queue
