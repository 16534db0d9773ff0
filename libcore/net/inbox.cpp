// SPDX-License-Identifier: MIT
#include "libcore/net/inbox.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/sha256.hpp"

namespace core::net {
namespace {

constexpr const char* k_lines = "inbox.jsonl";
constexpr const char* k_blobs = "blobs";
constexpr const char* k_temporary = "tmp";
constexpr std::size_t k_damage_shown = 5;

bool is_one_line(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

// The file's lines one after the other with constant memory; returns where the last whole line
// ends, so that the caller knows what is torn.
Result<std::uint64_t> read_lines(const sys::Fd& fd, const std::string& object,
                                 const std::function<void(std::string_view line)>& visit) {
  constexpr std::size_t k_chunk = 1UL << 20U;
  std::string waiting;
  std::uint64_t whole = 0;
  while (true) {
    TRY_ASSIGN(const std::string chunk, sys::read_up_to(fd.get(), k_chunk, object));
    if (chunk.empty()) return whole;
    waiting += chunk;
    std::size_t begin = 0;
    for (auto end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n', begin)) {
      visit(std::string_view(waiting).substr(begin, end - begin));
      begin = end + 1;
    }
    whole += begin;
    waiting.erase(0, begin);
  }
}

}  // namespace

// A key while its request is being stored. Whoever else brings it waits until this is settled,
// or given up, which leaves no trace.
class Inbox::Claim {
 public:
  Claim(Inbox& inbox, const std::string& key) : inbox_(inbox), key_(key) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() {
    if (key_.empty() || is_settled_) return;
    {
      const std::lock_guard lock(inbox_.mutex_);
      inbox_.keys_.erase(key_);
    }
    inbox_.settled_.notify_all();
  }

  // Nothing when the key is ours now; otherwise who has it.
  static std::optional<Known> other(Inbox& inbox, const std::string& key,
                                    const Fingerprint& fingerprint) {
    if (key.empty()) return std::nullopt;
    std::unique_lock lock(inbox.mutex_);
    while (true) {
      const auto [entry, is_new] = inbox.keys_.try_emplace(key);
      if (is_new) {
        entry->second.fingerprint = fingerprint;
        return std::nullopt;
      }
      if (entry->second.status != 0) return entry->second;
      inbox.settled_.wait(lock);
    }
  }

  void settle(const Ulid& id, int status) {
    is_settled_ = true;
    if (key_.empty()) return;
    {
      const std::lock_guard lock(inbox_.mutex_);
      auto& known = inbox_.keys_[key_];
      known.id = id;
      known.status = status;
    }
    inbox_.settled_.notify_all();
  }

 private:
  Inbox& inbox_;
  const std::string& key_;
  bool is_settled_ = false;
};

Inbox::Inbox(sys::Files& files, const sys::Clock& clock, sys::Random& random, sys::Fd lock)
    : files_(files),
      clock_(clock),
      random_(random),
      lock_(std::move(lock)),
      commit_(files, k_lines) {}

Result<std::unique_ptr<Inbox>> Inbox::open(sys::Files& files, const sys::Clock& clock,
                                           sys::Random& random) {
  TRY_ASSIGN(sys::Fd lock, files.lock("lock", sys::Wait::no));
  if (!lock.is_open()) {
    return fail(Errc::later, fmt::format("another receive is running: {}", files.root()));
  }
  std::unique_ptr<Inbox> inbox(new Inbox(files, clock, random, std::move(lock)));
  TRY(inbox->load());
  return inbox;
}

Result<> Inbox::load() {
  TRY(files_.make_directory(k_blobs));
  TRY(files_.make_directory(k_temporary));
  std::vector<std::string> leftovers;
  TRY(files_.list(k_temporary, [&](const sys::DirectoryEntry& entry) {
    leftovers.push_back(fmt::format("{}/{}", k_temporary, entry.name));
  }));
  for (const auto& path : leftovers) {
    TRY(files_.remove(path));
  }
  TRY_ASSIGN(const auto status, files_.status(k_lines));
  if (!status) {
    // Made and synced now, so that an append never has to sync the directory.
    TRY(files_.append(k_lines, "", sys::Sync::yes));
    return files_.sync_directory(".");
  }
  TRY_ASSIGN(const sys::Fd fd, files_.open(k_lines));
  const std::string object = files_.root() + "/" + k_lines;
  TRY_ASSIGN(const std::uint64_t whole, read_lines(fd, object, [&](std::string_view line) {
               remember(line, ++lines_at_open_);
             }));
  if (whole < status->size) {
    torn_ = status->size - whole;
    TRY(files_.allocate(k_lines, {whole}));
  }
  return {};
}

void Inbox::remember(std::string_view line, std::uint64_t number) {
  auto parsed = codec::parse_inbox_line(line);
  if (!parsed) {
    if (damage_.size() < k_damage_shown) {
      damage_.push_back(fmt::format("{}:{}: {}", k_lines, number, parsed.error().message));
    }
    return;
  }
  last_id_ = std::max(last_id_, parsed->id);
  if (parsed->key.empty()) return;
  std::string body_sha256;
  if (const auto* json = std::get_if<codec::InboxJson>(&parsed->body)) {
    body_sha256 = codec::sha256_hex(json->text);
  } else if (const auto* text = std::get_if<codec::InboxText>(&parsed->body)) {
    body_sha256 = codec::sha256_hex(text->text);
  } else if (const auto* blob = std::get_if<codec::BlobRef>(&parsed->body)) {
    body_sha256 = blob->sha256;
  }
  keys_.try_emplace(std::move(parsed->key),
                    Known{.fingerprint = fingerprint(parsed->method, parsed->target, body_sha256),
                          .id = parsed->id,
                          .status = parsed->status});
}

Inbox::Fingerprint Inbox::fingerprint(std::string_view method, std::string_view target,
                                      std::string_view body_sha256) {
  codec::Sha256 sum;
  sum.update(fmt::format("{} {}\n{}", method, target, body_sha256));
  return sum.digest();
}

Inbox::Body Inbox::inline_body(std::string bytes) {
  Body body;
  body.size = bytes.size();
  if (bytes.empty()) return body;
  // Blanks around a JSON text are not part of it; most come from `echo`.
  const std::string_view text = trim(bytes);
  if (is_one_line(text) && codec::check_json(text)) {
    body.sha256 = codec::sha256_hex(text);
    body.value = codec::InboxJson{std::string(text)};
  } else {
    body.sha256 = codec::sha256_hex(bytes);
    body.value = codec::InboxText{std::move(bytes)};
  }
  return body;
}

Result<Inbox::Body> Inbox::receive(const std::string& media_type, const NextPiece& next) {
  std::string bytes;
  while (bytes.size() <= k_inline_limit) {
    TRY_ASSIGN(const std::string_view piece, next());
    if (piece.empty()) {
      if (is_valid_utf8(bytes)) return inline_body(std::move(bytes));
      break;
    }
    bytes += piece;
  }
  return receive_blob(bytes, media_type, next);
}

Result<Inbox::Body> Inbox::receive_blob(std::string_view begin, const std::string& media_type,
                                        const NextPiece& next) {
  const std::string temporary = fmt::format("{}/{}", k_temporary, next_id().text());
  codec::Sha256 hash;
  codec::BlobRef blob;
  blob.media_type = media_type;
  TRY(files_.create_from(temporary, [&]() -> Result<std::string_view> {
    std::string_view piece = std::exchange(begin, {});
    if (piece.empty()) {
      TRY_ASSIGN(piece, next());
    }
    hash.update(piece);
    blob.size += piece.size();
    return piece;
  }));
  blob.sha256 = hash.hex();
  return Body{.value = blob, .size = blob.size, .sha256 = blob.sha256, .temporary = temporary};
}

Result<> Inbox::publish(const Body& body) {
  if (body.temporary.empty()) return {};
  // Replacing a blob of the same name replaces it by the same bytes.
  const auto moved =
      files_.rename(body.temporary, fmt::format("{}/{}", k_blobs, body.sha256), sys::Replace::yes);
  if (!moved) {
    discard(body);
    return tl::unexpected<Error>(moved.error());
  }
  return files_.sync_directory(k_blobs);
}

void Inbox::discard(const Body& body) {
  // What cannot be removed now is removed by the next open().
  if (!body.temporary.empty()) static_cast<void>(files_.remove(body.temporary));
}

Ulid Inbox::next_id() {
  std::array<std::uint8_t, 10> bits{};
  random_.fill(bits);
  const Ulid fresh(clock_.now(), bits);
  const std::lock_guard lock(mutex_);
  // The clock may stand still or jump back; ids do neither.
  last_id_ = fresh > last_id_ ? fresh : last_id_.successor();
  return last_id_;
}

Result<Accepted> Inbox::store(const InboxRequest& request, int status, const NextPiece& next) {
  TRY_ASSIGN(Body body, receive(request.media_type, next));
  const Fingerprint print = request.key.empty()
                                ? Fingerprint{}
                                : fingerprint(request.method, request.target, body.sha256);
  if (const auto first = Claim::other(*this, request.key, print)) {
    discard(body);
    return Accepted{
        .acceptance = first->fingerprint == print ? Acceptance::replayed : Acceptance::conflict,
        .id = first->id,
        .status = first->status,
        .size = body.size};
  }
  Claim claim(*this, request.key);
  TRY(publish(body));
  const Ulid id = next_id();
  TRY(commit_.append(codec::format_inbox_line({.id = id,
                                               .at = clock_.now(),
                                               .method = request.method,
                                               .target = request.target,
                                               .headers = request.headers,
                                               .key = request.key,
                                               .body = std::move(body.value),
                                               .status = status})));
  claim.settle(id, status);
  return Accepted{.acceptance = Acceptance::stored, .id = id, .status = status, .size = body.size};
}

}  // namespace core::net
