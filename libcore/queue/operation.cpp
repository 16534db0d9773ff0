// SPDX-License-Identifier: MIT
#include "libcore/queue/operation.hpp"

#include <string>

namespace core::queue {
namespace {

// A deadline on the boot clock: as far after the operation's making as it was meant to be. From an
// earlier boot only "at least since this boot began" is known, which errs towards later.
Time on_boot_clock(const codec::Envelope& envelope, Time deadline, const sys::Clock& clock) {
  const Duration made_at =
      envelope.boot->boot_id == clock.boot_id() ? envelope.boot->at : Duration{0};
  return Time{made_at + (deadline - envelope.created_at.value_or(deadline))};
}

}  // namespace

Entry make_entry(const codec::Envelope& envelope, const Place& place, Time modified,
                 const sys::Clock& clock) {
  Entry entry;
  entry.id = envelope.id.value_or(place.file.id());
  entry.place = place;
  entry.type = envelope.type;
  entry.action = envelope.action;
  entry.lane = envelope.lane;
  entry.key = envelope.key;
  if (envelope.request) {
    entry.method = envelope.request->method;
    entry.url = envelope.request->url;
  }
  entry.priority = envelope.priority;
  entry.critical = envelope.critical;
  entry.created_at = envelope.created_at.value_or(entry.id.stem.time());
  entry.not_before = envelope.not_before;
  entry.expires_at = envelope.expires_at;
  if (envelope.boot && (entry.not_before || entry.expires_at)) {
    entry.on_boot_clock = true;
    if (entry.not_before) entry.not_before = on_boot_clock(envelope, *entry.not_before, clock);
    if (entry.expires_at) entry.expires_at = on_boot_clock(envelope, *entry.expires_at, clock);
  }
  const bool own_file = place.file.kind == FileName::Kind::single;
  if (own_file) entry.attempts = place.file.attempts;
  if (own_file && modified > clock.now()) entry.retry_at = modified;
  entry.max_attempts = envelope.max_attempts;
  if (envelope.payload) entry.body_bytes = envelope.payload->size();
  if (envelope.blob) entry.body_bytes = envelope.blob->size;
  entry.after = envelope.after;
  entry.wait_after_failure = envelope.after_failure == codec::AfterFailure::wait;
  return entry;
}

Entry make_unreadable_entry(const OperationId& id, const Place& place, Time modified) {
  Entry entry;
  entry.id = id;
  entry.place = place;
  entry.created_at = modified;
  entry.attempts = place.file.attempts;
  entry.body_bytes = place.length;
  entry.reason = codec::Reason::unreadable;
  return entry;
}

Result<Entry> load_entry(const sys::Fd& fd, const sys::FileStatus& status, Place place,
                         const sys::Clock& clock) {
  const std::string path = path_of(place.state, place.file);
  if (status.size > k_operation_limit.value) {
    return fail(Errc::corrupt, "read: " + path + ": larger than " + format_size(k_operation_limit));
  }
  TRY_ASSIGN(const std::string text, sys::read_at(fd, 0, status.size, path));
  TRY_ASSIGN(const auto parsed, codec::parse_envelope(text));
  if (parsed.envelope.id != place.file.id()) {
    return fail(Errc::corrupt, "read: " + path + ": its id is not that of its name");
  }
  place.length = status.size;
  return make_entry(parsed.envelope, place, status.modified, clock);
}

Result<sys::Fd> open_batch(const sys::Files& files, const FileName& batch) {
  for (const State state : k_states) {
    TRY_ASSIGN(auto fd, files.open(path_of(state, batch)));
    if (fd.is_open()) return fd;
  }
  return fail(Errc::not_found, "read: " + batch.text() + ": it is gone");
}

Result<std::string> read_operation(const sys::Files& files, const Entry& entry) {
  if (entry.is_batch_line()) {
    TRY_ASSIGN(const sys::Fd fd, open_batch(files, entry.place.file));
    return sys::read_at(fd, entry.place.offset, entry.place.length, entry.place.file.text());
  }
  const std::string path = path_of(entry.state(), entry.place.file);
  TRY_ASSIGN(auto text, sys::read_file(files, path, k_operation_limit));
  if (!text) return fail(Errc::not_found, "read: " + path + ": it is gone");
  return *std::move(text);
}

Result<codec::Envelope> load_operation(const sys::Files& files, const Entry& entry) {
  TRY_ASSIGN(const std::string text, read_operation(files, entry));
  TRY_ASSIGN(auto parsed, codec::parse_envelope(text));
  return std::move(parsed.envelope);
}

}  // namespace core::queue
