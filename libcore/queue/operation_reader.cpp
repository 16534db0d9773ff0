// SPDX-License-Identifier: MIT
#include "libcore/queue/operation_reader.hpp"

#include <algorithm>
#include <utility>

namespace core::queue {

Result<codec::Envelope> OperationReader::load(const Entry& entry) {
  if (!entry.is_batch_line()) return load_operation(files_, entry);
  if (!has(entry.place)) TRY(read_on(entry.place));
  const auto line = std::string_view(ahead_).substr(entry.place.offset - from_, entry.place.length);
  TRY_ASSIGN(auto parsed, codec::parse_envelope(line));
  return std::move(parsed.envelope);
}

bool OperationReader::has(const Place& place) const {
  return place.file == batch_ && place.offset >= from_ &&
         place.offset + place.length <= from_ + ahead_.size();
}

Result<> OperationReader::read_on(const Place& place) {
  ahead_.clear();
  const std::string name = place.file.text();
  bool is_there = place.file == batch_ && fd_.is_open();
  if (is_there) {
    TRY_ASSIGN(const auto status, sys::status_of(fd_, name));
    is_there = status.links > 0;
  }
  if (!is_there) {
    TRY_ASSIGN(fd_, open_batch(files_, place.file));
    batch_ = place.file;
  }
  from_ = place.offset;
  const auto wanted = std::max(static_cast<std::size_t>(place.length), k_ahead);
  TRY_ASSIGN(ahead_, sys::read_at(fd_, place.offset, wanted, name));
  return {};
}

}  // namespace core::queue
