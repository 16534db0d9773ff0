// SPDX-License-Identifier: MIT
// parse_envelope: apart from envelope.cpp, so that programs which only write envelopes do not link
// simdjson.
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/corrupt.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_parts.hpp"
#include "libcore/codec/ondemand.hpp"

namespace core::codec {
namespace {

Result<OperationId> read_id(OnDemandValue value) {
  TRY_ASSIGN(const auto text, read_text(value));
  const auto id = OperationId::parse(text);
  if (!id) return corrupt("not an operation id: '" + printable(text, 60) + "'");
  return *id;
}

// --- one function per member ---

template <auto Field>
Result<> read_text_into(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.*Field, read_text(value));
  return {};
}

template <auto Field>
Result<> read_time_into(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.*Field, read_time(value));
  return {};
}

template <auto Field>
Result<> read_raw_into(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.*Field, read_raw(value));
  return {};
}

template <auto Field>
Result<> read_object_into(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.*Field, read_raw_object(value));
  return {};
}

Result<> read_version(Envelope&, OnDemandValue value) {
  TRY_ASSIGN(const auto version, read_integer(value));
  if (version > k_envelope_version) {
    return corrupt(fmt::format("written by a newer offkit: format {}, this one reads up to {}",
                               version, k_envelope_version));
  }
  if (version < 1) return corrupt(fmt::format("no such format: {}", version));
  return {};
}

Result<> read_id_member(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.id, read_id(value));
  return {};
}

// A person may have called something else of theirs that: then it is theirs, like any other member
// that this version does not know.
Result<> read_serial(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(std::string json, read_raw(value));
  const bool is_text = json.size() >= 2 && json.front() == '"' && json.back() == '"';
  if (is_text) envelope.serial = Serial::parse(std::string_view(json).substr(1, json.size() - 2));
  if (!envelope.serial) envelope.unknown.emplace_back("seq", std::move(json));
  return {};
}

Result<> read_type(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.type, read_text(value));
  return as_corrupt(check_type(envelope.type));
}

Result<> read_priority(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.priority, read_integer(value));
  return {};
}

Result<> read_critical(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.critical, read_flag(value));
  return {};
}

Result<> read_after(Envelope& envelope, OnDemandValue value) {
  simdjson::ondemand::array ids;
  if (value.get_array().get(ids) != simdjson::SUCCESS) return corrupt("not an array of ids");
  for (auto element : ids) {
    OnDemandValue item;
    if (element.get(item) != simdjson::SUCCESS) return corrupt("malformed value");
    TRY_ASSIGN(const auto id, read_id(item));
    envelope.after.push_back(id);
  }
  return {};
}

Result<> read_after_failure(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(const auto text, read_text(value));
  const auto known = value_of<AfterFailure>(text);
  if (!known) return corrupt("not " + list_names<AfterFailure>());
  envelope.after_failure = *known;
  return {};
}

Result<> read_max_attempts(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(const auto count, read_count(value));
  if (count == 0) return corrupt("must be 1 or more");
  envelope.max_attempts = count;
  return {};
}

Result<> read_boot(Envelope& envelope, OnDemandValue value) {
  BootStamp boot;
  TRY(read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
    if (key == "id") {
      TRY_ASSIGN(boot.boot_id, read_text(member));
    } else if (key == "us") {
      TRY_ASSIGN(const auto us, read_integer(member));
      boot.at = Duration{us};
    } else {
      return unknown_member(key);
    }
    return {};
  }));
  envelope.boot = std::move(boot);
  return {};
}

Result<> read_request(Envelope& envelope, OnDemandValue value) {
  Request request;
  TRY(read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
    if (key == "method") {
      TRY_ASSIGN(request.method, read_text(member));
      return as_corrupt(check_method(request.method));
    }
    if (key == "url") {
      TRY_ASSIGN(request.url, read_text(member));
      return {};
    }
    if (key != "headers") return unknown_member(key);
    TRY_ASSIGN(request.headers, read_headers(member));
    return {};
  }));
  for (const auto& header : request.headers)
    TRY(as_corrupt(check_header(header)));
  envelope.request = std::move(request);
  return {};
}

Result<> read_blob_member(Envelope& envelope, OnDemandValue value) {
  TRY_ASSIGN(envelope.blob, read_blob(value));
  return {};
}

struct Member {
  std::string_view name;
  Result<> (*read)(Envelope&, OnDemandValue) = nullptr;
};

constexpr std::array<Member, 26> k_members{{
    {"v", read_version},
    {"id", read_id_member},
    {"seq", read_serial},
    {"type", read_type},
    {"action", read_text_into<&Envelope::action>},
    {"created_at", read_time_into<&Envelope::created_at>},
    {"priority", read_priority},
    {"critical", read_critical},
    {"lane", read_text_into<&Envelope::lane>},
    {"after", read_after},
    {"after_failure", read_after_failure},
    {"key", read_text_into<&Envelope::key>},
    {"not_before", read_time_into<&Envelope::not_before>},
    {"expires_at", read_time_into<&Envelope::expires_at>},
    {"max_attempts", read_max_attempts},
    {"boot", read_boot},
    {"request", read_request},
    {"payload", read_raw_into<&Envelope::payload>},
    {"blob", read_blob_member},
    {"if_match", read_text_into<&Envelope::if_match>},
    {"base", read_raw_into<&Envelope::base>},
    {"on_conflict", read_text_into<&Envelope::on_conflict>},
    {"expect", read_object_into<&Envelope::expect>},
    {"capture", read_object_into<&Envelope::capture>},
    {"command", read_object_into<&Envelope::command>},
    {"meta", read_object_into<&Envelope::meta>},
}};

Result<> read_member(ParsedEnvelope& parsed, std::string_view key, OnDemandValue value) {
  const auto* const member = std::ranges::find(k_members, key, &Member::name);
  if (member != k_members.end()) return member->read(parsed.envelope, value);
  if (key == "sum") {
    if (parsed.seal == Seal::good) return {};
    // Whoever reformats a sealed file breaks what the sum is taken over.
    return corrupt("does not hold: the file was changed; remove the member after an edit");
  }
  TRY_ASSIGN(auto json, read_raw(value));
  parsed.envelope.unknown.emplace_back(key, std::move(json));
  return {};
}

}  // namespace

Result<ParsedEnvelope> parse_envelope(std::string_view text) {
  ParsedEnvelope parsed;
  const auto seal = seal_state(text);
  if (seal == SealState::broken) return corrupt("sum: does not hold: the bytes were changed");
  if (seal == SealState::good) parsed.seal = Seal::good;
  if (seal == SealState::absent) {
    if (auto kind = check_json(text); !kind) return wrap("not JSON", std::move(kind).error());
  }
  TRY(read_document(text, [&parsed](std::string_view key, OnDemandValue value) {
    return read_member(parsed, key, value);
  }));
  auto& envelope = parsed.envelope;
  if (envelope.type.empty() && envelope.request) envelope.type = k_default_type;
  if (envelope.type.empty()) return corrupt("it has neither type nor request");
  if (envelope.payload && envelope.blob) return corrupt("payload and blob: only one is allowed");
  return parsed;
}

std::optional<Serial> serial_of(std::string_view line, const OperationId& id) {
  if (is_sealed(line)) {
    if (const auto leading = leading_serial(line, id)) return leading;
  }
  const auto parsed = parse_envelope(line);
  return parsed && parsed->envelope.id == id ? parsed->envelope.serial : std::nullopt;
}

}  // namespace core::codec
