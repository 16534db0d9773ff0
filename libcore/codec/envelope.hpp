// SPDX-License-Identifier: MIT
#pragma once

// The envelope of an operation: one JSON object on one line, described in offq-queue(5). This
// module turns it into checked fields and back; the payload and other user-owned JSON stay text,
// byte for byte. format_envelope needs no parser library; parse_envelope uses simdjson.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/base/time.hpp"

namespace core::codec {

inline constexpr int k_envelope_version = 1;
// The type of an operation that only has a request.
inline constexpr const char* k_default_type = "api_call";

using Header = std::pair<std::string, std::string>;  // name, value; order and repeats are kept

struct BlobRef {
  std::string sha256;  // 64 lower-case hex digits
  std::uint64_t size = 0;
  std::string media_type;
  std::string name;  // the file's own name, without directories; may be empty
};

struct Request {
  std::string method;  // empty: the type's route says it
  std::string url;     // absolute, or relative to the type's endpoint, or empty
  std::vector<Header> headers;
};

enum class AfterFailure { fail, wait };

// What wins when the wall clock cannot be trusted: the boot in which the operation was written,
// and when, on the boot clock. Written only while the wall clock is not synchronised.
struct BootStamp {
  std::string boot_id;
  Duration at{};
};

struct Envelope {
  std::optional<OperationId> id;  // absent in a hand-written file
  std::optional<Serial> serial;   // "seq"; absent where enqueue did not give one
  std::string type;
  std::string action;
  std::optional<Time> created_at;
  std::int64_t priority = 0;
  bool critical = false;
  std::string lane;
  std::vector<OperationId> after;
  AfterFailure after_failure = AfterFailure::fail;
  std::string key;
  std::optional<Time> not_before;
  std::optional<Time> expires_at;
  std::optional<int> max_attempts;
  std::optional<BootStamp> boot;
  std::optional<Request> request;
  std::optional<std::string> payload;  // verbatim JSON; at most one of payload and blob
  std::optional<BlobRef> blob;
  std::string if_match;
  std::string on_conflict;
  std::optional<std::string> base;     // verbatim JSON
  std::optional<std::string> expect;   // verbatim JSON object (delivery/expect.hpp reads it)
  std::optional<std::string> capture;  // verbatim JSON object
  std::optional<std::string> command;  // verbatim JSON object (command_line.hpp reads it)
  std::optional<std::string> meta;     // verbatim JSON object
  // Members that this version does not know, verbatim, so that rewriting a file loses nothing.
  std::vector<std::pair<std::string, std::string>> unknown;
};

enum class Seal { good, absent };

struct ParsedEnvelope {
  Envelope envelope;
  Seal seal = Seal::absent;
};

// One line, newline included, sealed with "sum" (CRC-32C of all bytes before `,"sum"`).
// `id` and `created_at` must be set. Newlines inside raw members become spaces: legal JSON has
// them only between tokens.
std::string format_envelope(const Envelope& envelope);

// Reads one line (or a whole hand-written file, which may span lines). A seal that is present
// must hold; without one the text is checked to be JSON in every byte. Errors: corrupt, with what
// is wrong with which member.
Result<ParsedEnvelope> parse_envelope(std::string_view text);

// Whether `line` carries a seal that holds. Cheap: no JSON is parsed.
bool is_sealed(std::string_view line);

// Whether a method only asks (RFC 9110 9.2.1).
bool is_safe_method(std::string_view method);

// One JSON object without "sum", as a line: sealed, with its newline.
std::string seal_json(std::string object);

// The serial number at the place where format_envelope puts it, in a line that begins as the
// operation `id` does. No JSON is parsed: also for a line that is damaged further on.
std::optional<Serial> leading_serial(std::string_view line, const OperationId& id);
// The same wherever it is, in a line that is sound; nullopt for every other. May parse the line.
std::optional<Serial> serial_of(std::string_view line, const OperationId& id);

// The rules for values that come from outside; each returns the reason for a refusal. They hold
// when enqueued and again when read. Errors: usage.
Result<> check_type(std::string_view type);      // [a-z0-9_.-]+, at most 64
Result<> check_method(std::string_view method);  // an RFC 9110 token, at most 32; no CONNECT
Result<> check_header(const Header& header);     // RFC 9110 field; no CR, LF, NUL
// A lane, a key, an action, an entity tag: UTF-8 without control characters, at most 1024 bytes.
Result<> check_word(std::string_view word);
// All of these, and what the members must say together; the message names the member. Whatever is
// enqueued passes this, whichever way it comes.
Result<> check_draft(const Envelope& draft);

}  // namespace core::codec

template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::codec::AfterFailure>{
    "fail", "wait"};
