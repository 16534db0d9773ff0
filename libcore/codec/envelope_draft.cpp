// SPDX-License-Identifier: MIT
#include "libcore/codec/envelope_draft.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/corrupt.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_members.hpp"

namespace core::codec {
namespace {

using Raw = std::string_view;

// --- one function per member ---

template <auto Field>
Result<> read_text(Envelope& draft, Raw raw) {
  TRY_ASSIGN(draft.*Field, decode_json_string(raw));
  return {};
}

template <auto Field>
Result<> read_raw(Envelope& draft, Raw raw) {
  draft.*Field = std::string(raw);
  return {};
}

template <auto Field>
Result<> read_object(Envelope& draft, Raw raw) {
  if (!raw.starts_with('{')) return corrupt("not an object");
  draft.*Field = std::string(raw);
  return {};
}

template <auto Field>
Result<> read_time(Envelope& draft, Raw raw) {
  TRY_ASSIGN(const std::string text, decode_json_string(raw));
  const auto time = parse_time(text);
  if (!time) return corrupt(time.error().message);
  draft.*Field = *time;
  return {};
}

Result<> read_type(Envelope& draft, Raw raw) {
  TRY_ASSIGN(draft.type, decode_json_string(raw));
  return as_corrupt(check_type(draft.type));
}

Result<> read_priority(Envelope& draft, Raw raw) {
  const auto number = parse_signed(raw);
  if (!number) return corrupt("not a whole number of 64 bits");
  draft.priority = *number;
  return {};
}

Result<> read_critical(Envelope& draft, Raw raw) {
  if (raw != "true" && raw != "false") return corrupt("not true or false");
  draft.critical = raw == "true";
  return {};
}

Result<> read_after(Envelope& draft, Raw raw) {
  if (!raw.starts_with('[')) return corrupt("not an array of ids");
  JsonElements elements(raw);
  while (const auto element = elements.next()) {
    TRY_ASSIGN(const std::string text, decode_json_string(*element));
    const auto id = OperationId::parse(text);
    if (!id) return corrupt("not an operation id: '" + printable(text, 60) + "'");
    draft.after.push_back(*id);
  }
  return {};
}

Result<> read_after_failure(Envelope& draft, Raw raw) {
  TRY_ASSIGN(const std::string text, decode_json_string(raw));
  const auto known = value_of<AfterFailure>(text);
  if (!known) return corrupt("not " + list_names<AfterFailure>());
  draft.after_failure = *known;
  return {};
}

Result<> read_max_attempts(Envelope& draft, Raw raw) {
  const auto count = parse_unsigned(raw);
  if (!count || *count < 1 || *count > std::numeric_limits<int>::max()) {
    return corrupt("must be a whole number of 1 or more");
  }
  draft.max_attempts = static_cast<int>(*count);
  return {};
}

Result<> read_header(Raw name, Raw value, Request& request) {
  Header header;
  TRY_ASSIGN(header.first, decode_json_string(name));
  TRY_ASSIGN(header.second, decode_json_string(value));
  request.headers.push_back(std::move(header));
  return {};
}

// An object, or an array of [name, value] where a name repeats.
Result<> read_headers(Raw raw, Request& request) {
  if (raw.starts_with('{')) {
    JsonMembers members(raw);
    while (const auto member = members.next())
      TRY(read_header(member->name, member->value, request));
    return {};
  }
  if (!raw.starts_with('[')) return corrupt("not an object");
  JsonElements pairs(raw);
  while (const auto pair = pairs.next()) {
    if (!pair->starts_with('[')) return corrupt("not a [name, value] pair");
    JsonElements pair_elements(*pair);
    const auto name = pair_elements.next();
    const auto value = pair_elements.next();
    if (!name || !value || pair_elements.next()) return corrupt("not a [name, value] pair");
    TRY(read_header(*name, *value, request));
  }
  return {};
}

Result<> read_request_member(Request& request, const std::string& name, Raw raw) {
  if (name == "method") {
    TRY_ASSIGN(request.method, decode_json_string(raw));
    return {};
  }
  if (name == "url") {
    TRY_ASSIGN(request.url, decode_json_string(raw));
    return {};
  }
  if (name == "headers") return read_headers(raw, request);
  return corrupt("unknown member");
}

Result<> read_request(Envelope& draft, Raw raw) {
  if (!raw.starts_with('{')) return corrupt("not an object");
  Request request;
  JsonMembers members(raw);
  while (const auto member = members.next()) {
    TRY_ASSIGN(const std::string name, decode_json_string(member->name));
    if (auto read = read_request_member(request, name, member->value); !read) {
      return wrap(printable(name, 60), std::move(read).error());
    }
  }
  draft.request = std::move(request);
  return {};
}

Result<> refuse_blob(Envelope&, Raw) {
  return corrupt("a line brings its body as payload");
}

Result<> ignore(Envelope&, Raw) {
  return {};
}

struct Member {
  std::string_view name;
  Result<> (*read)(Envelope&, Raw) = nullptr;
};

constexpr std::array<Member, 26> k_members{{
    {"v", ignore},
    {"id", ignore},
    {"seq", ignore},
    {"type", read_type},
    {"action", read_text<&Envelope::action>},
    {"created_at", ignore},
    {"priority", read_priority},
    {"critical", read_critical},
    {"lane", read_text<&Envelope::lane>},
    {"after", read_after},
    {"after_failure", read_after_failure},
    {"key", read_text<&Envelope::key>},
    {"not_before", read_time<&Envelope::not_before>},
    {"expires_at", read_time<&Envelope::expires_at>},
    {"max_attempts", read_max_attempts},
    {"boot", ignore},
    {"request", read_request},
    {"payload", read_raw<&Envelope::payload>},
    {"blob", refuse_blob},
    {"if_match", read_text<&Envelope::if_match>},
    {"base", read_raw<&Envelope::base>},
    {"on_conflict", read_text<&Envelope::on_conflict>},
    {"expect", read_object<&Envelope::expect>},
    {"capture", read_object<&Envelope::capture>},
    {"meta", read_object<&Envelope::meta>},
    {"sum", ignore},
}};

tl::unexpected<Error> unknown(const std::string& name) {
  std::array<std::string_view, k_members.size()> names{};
  std::ranges::transform(k_members, names.begin(), &Member::name);
  const auto guess = nearest(name, names);
  return corrupt(fmt::format("unknown member '{}'{}", printable(name, 60),
                             guess ? fmt::format(": did you mean '{}'?", *guess) : ""));
}

// Which members were there, so that none comes twice.
using Seen = std::array<bool, k_members.size()>;

Result<> read_member(Envelope& draft, const std::string& name, Raw raw, Seen& seen) {
  const auto found = std::ranges::find(k_members, std::string_view(name), &Member::name);
  auto& before = seen[static_cast<std::size_t>(found - k_members.begin())];
  if (before) return corrupt(name + ": it comes twice");
  before = true;
  if (auto read = found->read(draft, raw); !read) return wrap(name, std::move(read).error());
  return {};
}

}  // namespace

Result<Envelope> parse_draft(std::string_view line) {
  TRY_ASSIGN(const JsonKind kind, check_json(line));
  if (kind != JsonKind::object) return corrupt("not an object");
  Envelope draft;
  Seen seen{};
  std::optional<std::string> stranger;
  JsonMembers members(line);
  while (const auto member = members.next()) {
    TRY_ASSIGN(std::string name, decode_json_string(member->name));
    if (std::ranges::find(k_members, std::string_view(name), &Member::name) == k_members.end()) {
      if (!stranger) stranger = std::move(name);
      continue;
    }
    TRY(read_member(draft, name, member->value, seen));
  }
  if (draft.type.empty() && !draft.request) {
    // Most likely a payload, whose members are no slips of the hand.
    return corrupt("it has neither type nor request");
  }
  if (stranger) return unknown(*stranger);
  if (draft.type.empty()) draft.type = k_default_type;
  TRY(as_corrupt(check_draft(draft)));
  return draft;
}

}  // namespace core::codec
