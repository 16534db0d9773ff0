// SPDX-License-Identifier: MIT
#pragma once

// The body of a request as it was typed: text, @FILE, - for standard input, or a file to upload;
// and its way into an envelope: JSON in the payload, everything else, and what is large, as a blob.

#include <string>
#include <string_view>

#include "libcore/base/units.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/queue/blobs.hpp"
#include "libcore/sys/fd.hpp"
#include "tools/offq/submit_options.hpp"

namespace offq {

// Larger payloads are kept as blobs, so that whoever lists the queue need not read them.
inline constexpr core::ByteCount k_inline_limit{64UL * 1024};

enum class BodyKind { none, data, json, binary, upload };
BodyKind body_kind(const SubmitOptions& options);

// Opens a file that the user named. Errors: not_found (also for a directory), denied, io.
core::Result<core::sys::Fd> open_input_file(const std::string& path);

// By the ending of the name; application/octet-stream for what is not in the short list.
std::string_view media_type_of(std::string_view name);

// A body that was read and checked, before anything is written.
struct Body {
  BodyKind kind = BodyKind::none;
  std::string bytes{};              // but for an upload
  std::string media_type{};         // of what becomes a blob
  std::string name{};               // of the file that it came from
  std::string path{};               // of the upload; "-" is standard input
  core::sys::Fd file{};             // of the upload, open; not open for standard input
  std::uint64_t expected_size = 0;  // of the upload, as far as that is known
};

// Reads everything but an upload, which is only opened. Errors: corrupt (malformed JSON, with line
// and column; larger than `limit`), not_found, denied, io.
core::Result<Body> read_body(const SubmitOptions& options, core::ByteCount limit,
                             core::cli::Context& context);

// Checks `text` to be JSON. Errors: corrupt.
core::Result<> check_json_body(std::string_view text, std::string_view option);

// Puts the body into the envelope; stores a blob first where one is needed. Of an upload no more is
// read than `limits` leave room for. Errors: full, io.
core::Result<> attach_body(Body body, core::codec::Envelope& envelope, core::queue::NewBlobs& blobs,
                           core::cli::Context& context, const core::queue::Limits& limits);

}  // namespace offq
