// SPDX-License-Identifier: MIT
#include "tools/offq/curl_request.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/input.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

enum class Means {
  url,
  method,
  header,
  agent,
  referer,
  cookie,
  user,
  data,
  data_raw,
  data_binary,
  data_urlencode,
  json,
  get,
  head,
  upload,
  nothing,  // of interest to curl alone
};
enum class Takes { nothing, value };

struct Word {
  char short_name = '\0';
  std::string_view long_name;
  Means means = Means::nothing;
  Takes takes = Takes::nothing;
};

constexpr std::array k_words{
    Word{'\0', "url", Means::url, Takes::value},
    Word{'X', "request", Means::method, Takes::value},
    Word{'H', "header", Means::header, Takes::value},
    Word{'A', "user-agent", Means::agent, Takes::value},
    Word{'e', "referer", Means::referer, Takes::value},
    Word{'b', "cookie", Means::cookie, Takes::value},
    Word{'u', "user", Means::user, Takes::value},
    Word{'d', "data", Means::data, Takes::value},
    Word{'\0', "data-ascii", Means::data, Takes::value},
    Word{'\0', "data-raw", Means::data_raw, Takes::value},
    Word{'\0', "data-binary", Means::data_binary, Takes::value},
    Word{'\0', "data-urlencode", Means::data_urlencode, Takes::value},
    Word{'\0', "json", Means::json, Takes::value},
    Word{'G', "get", Means::get},
    Word{'I', "head", Means::head},
    Word{'T', "upload-file", Means::upload, Takes::value},
    Word{'s', "silent"},
    Word{'S', "show-error"},
    Word{'f', "fail"},
    Word{'\0', "fail-with-body"},
    Word{'\0', "fail-early"},
    Word{'v', "verbose"},
    Word{'i', "include"},
    Word{'#', "progress-bar"},
    Word{'\0', "no-progress-meter"},
    Word{'L', "location"},
    Word{'N', "no-buffer"},
    Word{'4', "ipv4"},
    Word{'6', "ipv6"},
    Word{'0', "http1.0"},
    Word{'\0', "http1.1"},
    Word{'\0', "http2"},
    Word{'\0', "compressed"},
    Word{'\0', "retry-all-errors"},
    Word{'\0', "retry-connrefused"},
    Word{'\0', "tcp-nodelay"},
    Word{'\0', "create-dirs"},
    Word{'O', "remote-name"},
    Word{'o', "output", Means::nothing, Takes::value},
    Word{'w', "write-out", Means::nothing, Takes::value},
    Word{'D', "dump-header", Means::nothing, Takes::value},
    Word{'c', "cookie-jar", Means::nothing, Takes::value},
    Word{'m', "max-time", Means::nothing, Takes::value},
    Word{'\0', "connect-timeout", Means::nothing, Takes::value},
    Word{'\0', "retry", Means::nothing, Takes::value},
    Word{'\0', "retry-delay", Means::nothing, Takes::value},
    Word{'\0', "retry-max-time", Means::nothing, Takes::value},
    Word{'\0', "limit-rate", Means::nothing, Takes::value},
    Word{'y', "speed-time", Means::nothing, Takes::value},
    Word{'Y', "speed-limit", Means::nothing, Takes::value},
    Word{'\0', "stderr", Means::nothing, Takes::value},
};

std::string encode_base64(std::string_view bytes) {
  constexpr std::string_view k_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= count ? k_digits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

std::string encode_query(std::string_view text) {
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (k_plain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// As the queue writes what is no placeholder of a secret: curl sends "${file:x}" as it stands.
std::string plain(std::string_view header) {
  std::string quoted;
  for (auto at = header.find("${"); at != header.npos; at = header.find("${")) {
    quoted.append(header.substr(0, at)).append("$${");
    header.remove_prefix(at + 2);
  }
  return quoted.append(header);
}

class Reader {
 public:
  explicit Reader(std::span<const std::string> words) : words_(words) {}

  CurlRequest read() {
    while (at_ < words_.size() && request_.objection.empty())
      take(words_[at_++]);
    if (request_.objection.empty()) finish();
    return std::move(request_);
  }

 private:
  void take(const std::string& word) {
    if (options_ended_ || word.size() < 2 || word.front() != '-') return apply(Means::url, word);
    if (word == "--") {
      options_ended_ = true;
    } else if (word.starts_with("--")) {
      take_long(word);
    } else {
      take_short(word);
    }
  }

  void take_long(const std::string& word) {
    const auto found =
        std::ranges::find(k_words, std::string_view(word).substr(2), &Word::long_name);
    if (found == k_words.end()) return object(word);
    if (found->takes == Takes::nothing) return apply(found->means, {});
    if (at_ == words_.size()) return object(word + " without a value");
    apply(found->means, words_[at_++]);
  }

  // "-sSf", "-XPUT", "-X PUT"
  void take_short(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const auto found = std::ranges::find(k_words, word[i], &Word::short_name);
      if (found == k_words.end()) return object(std::string("-") + word[i]);
      if (found->takes == Takes::nothing) {
        apply(found->means, {});
        continue;
      }
      if (i + 1 < word.size()) return apply(found->means, word.substr(i + 1));
      if (at_ == words_.size()) return object(word + " without a value");
      return apply(found->means, words_[at_++]);
    }
  }

  void apply(Means means, const std::string& value) {
    auto& submit = request_.submit;
    switch (means) {
      case Means::url:
        if (submit.url) return object("more than one URL");
        submit.url = value;
        break;
      case Means::method:
        submit.method = value;
        break;
      case Means::header:
        if (value.starts_with('@')) return object("-H " + value);
        submit.headers.push_back(value);
        break;
      case Means::agent:
        submit.headers.push_back("User-Agent: " + value);
        break;
      case Means::referer:
        submit.headers.push_back("Referer: " + value);
        break;
      case Means::cookie:
        if (value.find('=') == std::string::npos) return object("-b with a file");
        submit.headers.push_back("Cookie: " + value);
        break;
      case Means::user:
        if (value.find(':') == std::string::npos) return object("-u without a password");
        submit.headers.push_back("Authorization: Basic " + encode_base64(value));
        break;
      case Means::data:
        return add_data(CurlData::Kind::without_newlines, value);
      case Means::data_raw:
        return add_data(CurlData::Kind::text, value);
      case Means::data_binary:
        return add_data(CurlData::Kind::binary, value);
      case Means::data_urlencode:
        return add_data(CurlData::Kind::encoded, value);
      case Means::json:
        return add_data(CurlData::Kind::json, value);
      case Means::get:
        request_.data_is_query = true;
        break;
      case Means::head:
        is_head_ = true;
        break;
      case Means::upload:
        if (submit.upload_file) return object("more than one -T");
        if (value == "." || value.find_first_of("{[") != std::string::npos) {
          return object("-T " + value);
        }
        submit.upload_file = value;
        request_.reads_input |= value == "-";
        break;
      case Means::nothing:
        break;
    }
  }

  void add_data(CurlData::Kind kind, const std::string& value) {
    const bool may_name_file = kind != CurlData::Kind::text;
    const auto sign = kind == CurlData::Kind::encoded ? value.find_first_of("=@") : 0;
    const bool names_input =
        may_name_file && sign != std::string::npos && std::string_view(value).substr(sign) == "@-";
    if (names_input && std::exchange(request_.reads_input, true)) {
      return object("standard input twice");
    }
    request_.data.push_back({.kind = kind, .value = value});
  }

  void object(std::string what) { request_.objection = std::move(what); }

  // What curl fills in.
  void finish() {
    auto& submit = request_.submit;
    if (!submit.url || submit.url->empty()) return object("no URL");
    for (auto& header : submit.headers)
      header = plain(header);
    if (submit.url->find("://") == std::string::npos) submit.url = "http://" + *submit.url;
    if (submit.url->find_first_of("{}[]", submit.url->find("://") + 3) != std::string::npos) {
      return object("a URL with patterns");
    }
    const bool has_data = !request_.data.empty();
    const bool has_body = has_data && !request_.data_is_query;
    if (has_data && submit.upload_file) return object("-T with -d");
    if (submit.upload_file && submit.url->ends_with('/')) {
      const auto& file = *submit.upload_file;
      *submit.url += file.substr(file.rfind('/') + 1);
    }
    if (!submit.method) {
      submit.method = "GET";
      if (has_body) submit.method = "POST";
      if (submit.upload_file) submit.method = "PUT";
      if (is_head_) submit.method = "HEAD";
    }
    if (!has_body) return;
    const bool is_json = request_.data.front().kind == CurlData::Kind::json;
    add_missing("Content-Type", is_json ? "application/json" : "application/x-www-form-urlencoded");
    if (is_json) add_missing("Accept", "application/json");
  }

  void add_missing(const std::string& name, const char* value) {
    auto& headers = request_.submit.headers;
    const bool is_there = std::ranges::any_of(headers, [&](const std::string& header) {
      return core::equals_ignoring_case(
          std::string_view(header).substr(0, header.find_first_of(":;")), name);
    });
    if (!is_there) headers.push_back(name + ": " + value);
  }

  std::span<const std::string> words_;
  std::size_t at_ = 0;
  bool options_ended_ = false;
  bool is_head_ = false;
  CurlRequest request_;
};

// What is named: a file, or standard input.
Result<std::string> read_named(const std::string& path, const std::optional<std::string>& input,
                               core::ByteCount limit) {
  if (path == "-") return input.value_or("");
  TRY_ASSIGN(const auto file, open_input_file(path));
  core::cli::FdInput reader(file.get(), path);
  return reader.all(limit);
}

// "text", "=text", "name=text", "@file", "name@file"
Result<std::string> encoded(const std::string& value, const std::optional<std::string>& input,
                            core::ByteCount limit) {
  const auto sign = value.find_first_of("=@");
  if (sign == std::string::npos) return encode_query(value);
  const auto name = value.substr(0, sign);
  auto text = value.substr(sign + 1);
  if (value[sign] == '@') {
    TRY_ASSIGN(text, read_named(text, input, limit));
  }
  return (name.empty() ? "" : name + "=") + encode_query(text);
}

Result<std::string> text_of(const CurlData& data, const std::optional<std::string>& input,
                            core::ByteCount limit) {
  using Kind = CurlData::Kind;
  if (data.kind == Kind::encoded) return encoded(data.value, input, limit);
  if (data.kind == Kind::text || !data.value.starts_with('@')) return data.value;
  TRY_ASSIGN(auto text, read_named(data.value.substr(1), input, limit));
  if (data.kind == Kind::without_newlines) {
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
  }
  return text;
}

Result<std::string> joined(const CurlRequest& request, const std::optional<std::string>& input,
                           core::ByteCount limit) {
  std::string text;
  for (const auto& data : request.data) {
    const bool is_first = &data == request.data.data();
    if (!is_first && data.kind != CurlData::Kind::json) text += '&';
    TRY_ASSIGN(const auto piece, text_of(data, input, limit));
    text += piece;
    if (text.size() > limit.value) {
      return fail(Errc::corrupt, "curl: the body is larger than queue.max_payload");
    }
  }
  return text;
}

}  // namespace

CurlRequest read_curl_words(std::span<const std::string> words) {
  return Reader(words).read();
}

Result<Body> curl_body(const CurlRequest& request, const std::optional<std::string>& input,
                       core::ByteCount limit) {
  if (request.submit.upload_file) {
    return Body{.kind = BodyKind::binary,
                .bytes = input.value_or(""),
                .media_type = "application/octet-stream"};
  }
  if (request.data.empty() || request.data_is_query) return Body{};
  Body body{.kind = BodyKind::binary};
  TRY_ASSIGN(body.bytes, joined(request, input, limit));
  return body;
}

Result<std::string> curl_query(const CurlRequest& request, const std::optional<std::string>& input,
                               core::ByteCount limit) {
  const auto& url = *request.submit.url;
  if (!request.data_is_query || request.data.empty()) return url;
  TRY_ASSIGN(const auto query, joined(request, input, limit));
  return url + (url.find('?') == std::string::npos ? "?" : "&") + query;
}

}  // namespace offq
