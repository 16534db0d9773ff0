// SPDX-License-Identifier: MIT
#pragma once

// What a command line of curl(1) asks for, as far as it can be queued: one request.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/submit_options.hpp"

namespace offq {

// A piece of the body, in the order of the command line.
struct CurlData {
  enum class Kind { text, without_newlines, binary, encoded, json } kind = Kind::text;
  std::string value;  // as typed: "@FILE" may name a file, but for text
};

struct CurlRequest {
  SubmitOptions submit;  // URL, method, headers, the file of -T
  std::vector<CurlData> data;
  bool reads_input = false;    // standard input is (a part of) the body
  bool data_is_query = false;  // -G
  // The first word, or what else, that cannot be queued; empty: all can. The rest means nothing
  // then.
  std::string objection;
};

// Pure.
CurlRequest read_curl_words(std::span<const std::string> words);

// The body, but for a file of -T other than standard input, which `input` is. Errors: corrupt
// (larger than `limit`), not_found, denied, io.
core::Result<Body> curl_body(const CurlRequest& request, const std::optional<std::string>& input,
                             core::ByteCount limit);
// Of -G: the URL with the data in its query. Errors: the same.
core::Result<std::string> curl_query(const CurlRequest& request,
                                     const std::optional<std::string>& input,
                                     core::ByteCount limit);

}  // namespace offq
