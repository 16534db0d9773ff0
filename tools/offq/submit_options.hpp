// SPDX-License-Identifier: MIT
#pragma once

// What `offq enqueue` and `offq send` have in common: how a request is described. Only the words;
// what they mean (times, files, JSON) is decided where the operation is built.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/cli/command.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/queue/enqueue.hpp"

namespace offq {

using core::codec::AfterFailure;
using core::queue::IfPending;
enum class PrintAs { id, json };
enum class BadLines { stop, skip };
enum class Critical { no, yes };

struct SubmitOptions {
  std::optional<std::string> url;
  std::optional<std::string> method;
  std::vector<std::string> headers;  // "K: V"

  // At most one of these is given. "@FILE" and "-" are not yet resolved.
  std::optional<std::string> data;
  std::optional<std::string> json;
  std::optional<std::string> data_binary;
  std::optional<std::string> upload_file;
  core::cli::OptionalValue ndjson;  // no value, or "-": standard input
  BadLines bad_lines = BadLines::stop;

  std::optional<std::string> type;
  std::optional<std::string> action;
  std::int64_t priority = 0;
  Critical critical = Critical::no;
  std::optional<std::string> lane;
  std::vector<std::string> after;
  AfterFailure after_failure = AfterFailure::fail;
  std::optional<std::string> not_before;  // RFC 3339, "+30m", "7d"
  std::optional<std::string> expires_at;
  std::optional<int> max_attempts;
  std::optional<std::string> key;
  IfPending if_pending = IfPending::keep;

  std::optional<std::string> if_match;
  std::optional<std::string> expect_status;  // "200,201", "2xx"
  std::vector<std::string> expect_headers;   // "K: V"
  std::vector<std::string> expect_json;      // "/pointer=value"
  std::optional<std::string> meta;           // a JSON object
  PrintAs print = PrintAs::id;
};

void bind_submit(core::cli::Binder& binder, SubmitOptions& options);
// Bodies exclude each other, a URL or a type is needed, and the like. Errors: usage.
core::Result<> check_submit(const SubmitOptions& options);

}  // namespace offq

template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<offq::PrintAs>{"id", "json"};
