// SPDX-License-Identifier: MIT
#include "libcore/codec/ondemand.hpp"

#include <algorithm>
#include <limits>

#include "libcore/base/text.hpp"
#include "libcore/codec/corrupt.hpp"

namespace core::codec {
namespace {

using simdjson::ondemand::json_type;

Result<> check_unique(std::vector<std::string_view> keys) {
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice == keys.end()) return {};
  return corrupt(printable(*twice, 60) + ": given twice");
}

Result<> read_object(simdjson::ondemand::object object, const ReadMember& read) {
  std::vector<std::string_view> keys;  // simdjson keeps their bytes for as long as the parser lives
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return corrupt("malformed key");
    OnDemandValue value;
    if (field.value().get(value) != simdjson::SUCCESS) {
      return corrupt(printable(key, 60) + ": malformed value");
    }
    keys.push_back(key);
    if (auto done = read(key, value); !done) {
      return wrap(printable(key, 60), std::move(done).error());
    }
  }
  return check_unique(std::move(keys));
}

Result<Header> read_pair(OnDemandValue value) {
  simdjson::ondemand::array pair;
  if (value.get_array().get(pair) != simdjson::SUCCESS) return corrupt("not a [name, value] pair");
  std::vector<std::string> parts;
  for (auto element : pair) {
    OnDemandValue part;
    if (element.get(part) != simdjson::SUCCESS) return corrupt("malformed value");
    TRY_ASSIGN(auto text, read_text(part));
    parts.push_back(std::move(text));
  }
  if (parts.size() != 2) return corrupt("not a [name, value] pair");
  return Header{std::move(parts[0]), std::move(parts[1])};
}

bool is_sha256(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, hex);
}

}  // namespace

Result<> read_document(std::string_view text, const ReadMember& read) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (const auto error = parser.iterate(padded).get(document); error != simdjson::SUCCESS) {
    return corrupt(error == simdjson::UTF8_ERROR ? "not UTF-8" : "not JSON");
  }
  if (document.get_object().get(object) != simdjson::SUCCESS) return corrupt("not a JSON object");
  TRY(read_object(object, read));
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return corrupt("more than one JSON value");
  return {};
}

Result<> read_members(OnDemandValue value, const ReadMember& read) {
  simdjson::ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return corrupt("not an object");
  return read_object(object, read);
}

Result<std::string> read_text(OnDemandValue value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return corrupt("not a string");
  return std::string(text);
}

Result<std::int64_t> read_integer(OnDemandValue value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) != simdjson::SUCCESS) {
    return corrupt("not a whole number of 64 bits");
  }
  return number;
}

Result<std::uint64_t> read_unsigned(OnDemandValue value) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) != simdjson::SUCCESS) {
    return corrupt("not a positive whole number of 64 bits");
  }
  return number;
}

Result<int> read_count(OnDemandValue value) {
  TRY_ASSIGN(const auto number, read_integer(value));
  if (number < 0 || number > std::numeric_limits<int>::max()) return corrupt("out of range");
  return static_cast<int>(number);
}

Result<bool> read_flag(OnDemandValue value) {
  bool flag = false;
  if (value.get_bool().get(flag) != simdjson::SUCCESS) return corrupt("not true or false");
  return flag;
}

Result<Time> read_time(OnDemandValue value) {
  TRY_ASSIGN(const auto text, read_text(value));
  auto time = parse_time(text);
  if (!time) return corrupt(std::move(time).error().message);
  return time;
}

Result<std::string> read_raw(OnDemandValue value) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return corrupt("malformed value");
  std::string_view raw;
  auto error = simdjson::SUCCESS;
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    error = value.get_object().get(object);
    if (error == simdjson::SUCCESS) error = object.raw_json().get(raw);
  } else if (type == json_type::array) {
    simdjson::ondemand::array array;
    error = value.get_array().get(array);
    if (error == simdjson::SUCCESS) error = array.raw_json().get(raw);
  } else {
    raw = value.raw_json_token();
  }
  if (error != simdjson::SUCCESS) return corrupt("malformed value");
  return std::string(trim(raw));  // simdjson goes on to the next token
}

Result<std::string> read_raw_object(OnDemandValue value) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS || type != json_type::object) {
    return corrupt("not an object");
  }
  return read_raw(value);
}

Result<std::vector<Header>> read_headers(OnDemandValue value) {
  std::vector<Header> headers;
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS || type != json_type::array) {
    TRY(read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
      TRY_ASSIGN(auto text, read_text(member));
      headers.emplace_back(key, std::move(text));
      return {};
    }));
    return headers;
  }
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return corrupt("malformed value");
  for (auto element : array) {
    OnDemandValue pair;
    if (element.get(pair) != simdjson::SUCCESS) return corrupt("malformed value");
    TRY_ASSIGN(auto header, read_pair(pair));
    headers.push_back(std::move(header));
  }
  return headers;
}

Result<BlobRef> read_blob(OnDemandValue value) {
  BlobRef blob;
  TRY(read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
    if (key == "sha256") {
      TRY_ASSIGN(blob.sha256, read_text(member));
    } else if (key == "size") {
      TRY_ASSIGN(blob.size, read_unsigned(member));
    } else if (key == "media_type") {
      TRY_ASSIGN(blob.media_type, read_text(member));
    } else if (key == "name") {
      TRY_ASSIGN(blob.name, read_text(member));
    } else {
      return unknown_member(key);
    }
    return {};
  }));
  // It names a file in blobs/: nothing but digits may reach a path.
  if (!is_sha256(blob.sha256)) return corrupt("sha256: not 64 lower-case hexadecimal digits");
  if (blob.name == "." || blob.name == ".." ||
      blob.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
    return corrupt("name: not a file's own name: '" + printable(blob.name, 60) + "'");
  }
  if (!check_header({"Content-Type", blob.media_type})) return corrupt("media_type: malformed");
  return blob;
}

tl::unexpected<Error> unknown_member(std::string_view key) {
  return corrupt("unknown member '" + printable(key, 60) + "'");
}

}  // namespace core::codec
