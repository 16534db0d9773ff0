// SPDX-License-Identifier: MIT
#include "tools/offq/body.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::cli::FdInput;
using core::cli::Input;

constexpr std::string_view k_json = "application/json";
constexpr std::string_view k_any = "application/octet-stream";

std::string file_name_of(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
}

tl::unexpected<core::Error> too_large(std::string_view option, core::ByteCount limit) {
  return fail(Errc::corrupt,
              fmt::format("{}: the body is larger than {} (queue.max_payload); send it as a file "
                          "with --upload-file",
                          option, core::format_size(limit)));
}

Result<std::string> read_limited(Input& input, core::ByteCount limit, std::string_view option) {
  auto text = input.all(limit);
  if (!text && text.error().code == Errc::full) return too_large(option, limit);
  return text;
}

// @FILE, @- or -, not the body itself.
bool names_file(std::string_view argument) {
  return argument == "-" || argument.starts_with('@');
}

// DATA, @FILE, @- or -. Text from a file brings the file's name along.
Result<> read_argument(const std::string& argument, std::string_view option, core::ByteCount limit,
                       Context& context, Body& body) {
  if (argument == "-" || argument == "@-") {
    TRY_ASSIGN(body.bytes, read_limited(context.in, limit, option));
    return {};
  }
  if (argument.starts_with('@')) {
    const std::string path = argument.substr(1);
    TRY_ASSIGN(const core::sys::Fd fd, open_input_file(path));
    FdInput input(fd.get(), path);
    TRY_ASSIGN(body.bytes, read_limited(input, limit, option));
    body.name = file_name_of(path);
    return {};
  }
  if (argument.size() > limit.value) return too_large(option, limit);
  body.bytes = argument;
  return {};
}

Result<> open_upload(const std::string& path, Body& body) {
  body.path = path;
  body.media_type = k_any;
  if (path == "-") return {};
  TRY_ASSIGN(body.file, open_input_file(path));
  struct stat status{};
  if (::fstat(body.file.get(), &status) != 0) return core::sys::io_error("stat", path, errno);
  if (S_ISREG(status.st_mode)) body.expected_size = static_cast<std::uint64_t>(status.st_size);
  body.name = file_name_of(path);
  body.media_type = media_type_of(body.name);
  return {};
}

// An operation is one line, and nothing says how many blanks stand around a value in it: JSON that
// spans lines or has blanks around it is kept apart, to travel byte for byte.
bool fits_inline(const Body& body) {
  const bool is_json = body.kind == BodyKind::data || body.kind == BodyKind::json;
  return is_json && body.bytes.size() <= k_inline_limit.value &&
         core::trim(body.bytes).size() == body.bytes.size() &&
         body.bytes.find('\n') == std::string::npos;
}

Result<core::codec::BlobRef> store_upload(const Body& body, core::queue::NewBlobs& blobs,
                                          Context& context, const core::queue::Limits& limits) {
  FdInput file(body.file.get(), body.path);
  Input& input = body.file.is_open() ? static_cast<Input&>(file) : context.in;
  return blobs.store([&input] { return input.chunk(); }, limits);
}

}  // namespace

BodyKind body_kind(const SubmitOptions& options) {
  if (options.data) return BodyKind::data;
  if (options.json) return BodyKind::json;
  if (options.data_binary) return BodyKind::binary;
  if (options.upload_file) return BodyKind::upload;
  return BodyKind::none;
}

Result<core::sys::Fd> open_input_file(const std::string& path) {
  core::sys::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open() && (errno == ENOENT || errno == ENOTDIR)) {
    return fail(Errc::not_found, fmt::format("open: {}: no such file", path));
  }
  if (!fd.is_open()) return core::sys::io_error("open", path, errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return core::sys::io_error("stat", path, errno);
  if (S_ISDIR(status.st_mode)) {
    return fail(Errc::not_found, fmt::format("open: {}: is a directory, not a file", path));
  }
  return fd;
}

std::string_view media_type_of(std::string_view name) {
  struct Ending {
    std::string_view text;
    std::string_view media_type;
  };
  constexpr std::array<Ending, 16> k_endings{{{".json", k_json},
                                              {".ndjson", "application/x-ndjson"},
                                              {".jsonl", "application/x-ndjson"},
                                              {".txt", "text/plain"},
                                              {".csv", "text/csv"},
                                              {".html", "text/html"},
                                              {".xml", "application/xml"},
                                              {".yaml", "application/yaml"},
                                              {".pdf", "application/pdf"},
                                              {".png", "image/png"},
                                              {".jpg", "image/jpeg"},
                                              {".jpeg", "image/jpeg"},
                                              {".gif", "image/gif"},
                                              {".zip", "application/zip"},
                                              {".gz", "application/gzip"},
                                              {".tar", "application/x-tar"}}};
  const std::string lower = core::to_lower(name);
  const auto found = std::ranges::find_if(
      k_endings, [&](const Ending& ending) { return lower.ends_with(ending.text); });
  return found == k_endings.end() ? k_any : found->media_type;
}

Result<> check_json_body(std::string_view text, std::string_view option) {
  auto kind = core::codec::check_json(text);
  if (kind) return {};
  core::Error error = std::move(kind).error();
  const auto front = core::trim(text).substr(0, 1);
  const bool meant_json = front == "{" || front == "[" || front == "\"";
  if (!meant_json) error.message += ": use --data-binary for a body that is no JSON";
  return core::wrap(fmt::format("{}: malformed JSON", option), std::move(error));
}

Result<Body> read_body(const SubmitOptions& options, core::ByteCount limit, Context& context) {
  Body body;
  body.kind = body_kind(options);
  switch (body.kind) {
    case BodyKind::none:
      return body;
    case BodyKind::upload:
      TRY(open_upload(*options.upload_file, body));
      return body;
    case BodyKind::binary:
      TRY(read_argument(*options.data_binary, "--data-binary", limit, context, body));
      body.media_type = media_type_of(body.name);
      return body;
    case BodyKind::data:
      TRY(read_argument(*options.data, "--data", limit, context, body));
      TRY(check_json_body(body.bytes, "--data"));
      // As curl does. In JSON a newline stands only where a blank may stand.
      if (names_file(*options.data)) {
        std::erase_if(body.bytes, [](char c) { return c == '\n' || c == '\r'; });
      }
      break;
    case BodyKind::json:
      TRY(read_argument(*options.json, "--json", limit, context, body));
      TRY(check_json_body(body.bytes, "--json"));
      break;
  }
  body.media_type = k_json;
  body.name.clear();
  return body;
}

Result<> attach_body(Body body, core::codec::Envelope& envelope, core::queue::NewBlobs& blobs,
                     Context& context, const core::queue::Limits& limits) {
  if (body.kind == BodyKind::none) return {};
  if (fits_inline(body)) {
    envelope.payload = std::move(body.bytes);
    return {};
  }
  const bool is_upload = body.kind == BodyKind::upload;
  TRY_ASSIGN(auto blob,
             is_upload ? store_upload(body, blobs, context, limits) : blobs.store(body.bytes));
  blob.media_type = std::move(body.media_type);
  blob.name = std::move(body.name);
  envelope.blob = std::move(blob);
  return {};
}

}  // namespace offq
