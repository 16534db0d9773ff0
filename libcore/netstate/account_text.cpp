// SPDX-License-Identifier: MIT
// The text of an account: netwatch/budget.json.

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/netstate/account.hpp"

namespace core::netstate {
namespace {

using Members = std::map<std::string, std::string>;

constexpr std::uint64_t k_version = 1;
constexpr std::uint64_t k_most_time = 1ULL << 61U;  // microseconds that a Duration can hold

tl::unexpected<Error> corrupt(std::string message) {
  return fail(Errc::corrupt, std::move(message));
}

std::string format_days(const std::map<Day, Spent>& spent) {
  std::string text;
  for (const auto& [day, on_day] : spent) {
    codec::JsonObject object;
    object.add("day", format_day(Time{day.time_since_epoch()}));
    for (std::size_t i = 0; i < on_day.bytes.size(); ++i) {
      if (on_day.bytes[i] > 0) object.add(enum_names<Purpose>[i], on_day.bytes[i]);
    }
    text += (text.empty() ? "" : ",") + object.text();
  }
  return "[" + text + "]";
}

std::string format_reservation(const Reservation& reservation) {
  codec::JsonObject object;
  object.add("id", reservation.id).add("network", reservation.network);
  object.add("bytes", reservation.bytes).add("priority", name_of(reservation.priority));
  object.add("since", format_time(reservation.since)).add("until", format_time(reservation.until));
  return object.text();
}

// --- reading ---

Result<std::string> text_of(const Members& members, const std::string& name) {
  const auto found = members.find(name);
  if (found == members.end()) return corrupt(name + ": missing");
  return found->second;
}

Result<std::uint64_t> number_of(const Members& members, const std::string& name) {
  TRY_ASSIGN(const auto text, text_of(members, name));
  const auto number = parse_unsigned(text);
  if (!number) return corrupt(fmt::format("{}: not a number: '{}'", name, printable(text, 60)));
  return *number;
}

Result<Time> time_of(const Members& members, const std::string& name) {
  TRY_ASSIGN(const auto text, text_of(members, name));
  const auto time = parse_time(text);
  if (!time) return corrupt(name + ": " + time.error().message);
  return *time;
}

Result<std::vector<Members>> objects_of(const Members& members, const std::string& name) {
  std::vector<Members> objects;
  const auto found = members.find(name);
  if (found == members.end()) return objects;
  TRY_ASSIGN(const auto elements, codec::json_elements(found->second));
  for (const auto& element : elements) {
    TRY_ASSIGN(auto object, codec::parse_flat_object(element));
    objects.push_back(std::move(object));
  }
  return objects;
}

Result<Day> parse_day(const std::string& text) {
  constexpr std::size_t k_length = 10;
  const auto time = parse_time(text + "T00:00:00Z");
  if (!time || text.size() != k_length) {
    return corrupt(fmt::format("not a day: '{}'", printable(text, 60)));
  }
  return Day{std::chrono::floor<std::chrono::days>(time->time_since_epoch())};
}

Result<std::map<Day, Spent>> parse_days(const Members& network) {
  std::map<Day, Spent> days;
  TRY_ASSIGN(const auto objects, objects_of(network, "days"));
  for (const auto& object : objects) {
    TRY_ASSIGN(const auto text, text_of(object, "day"));
    TRY_ASSIGN(const auto day, parse_day(text));
    for (std::size_t i = 0; i < enum_names<Purpose>.size(); ++i) {
      const std::string name(enum_names<Purpose>[i]);
      if (!object.contains(name)) continue;
      TRY_ASSIGN(const auto bytes, number_of(object, name));
      if (bytes > 0) days[day].add(static_cast<Purpose>(i), bytes);
    }
  }
  return days;
}

Result<Reservation> parse_reservation(const Members& members) {
  Reservation reservation;
  TRY_ASSIGN(reservation.id, text_of(members, "id"));
  TRY_ASSIGN(reservation.network, text_of(members, "network"));
  TRY_ASSIGN(reservation.bytes, number_of(members, "bytes"));
  TRY_ASSIGN(const auto word, text_of(members, "priority"));
  reservation.priority = value_of<Priority>(word).value_or(Priority::normal);
  TRY_ASSIGN(reservation.since, time_of(members, "since"));
  TRY_ASSIGN(reservation.until, time_of(members, "until"));
  return reservation;
}

}  // namespace

std::string format_account(const Account& account) {
  std::string networks;
  for (const auto& [name, days] : account.networks) {
    codec::JsonObject network;
    network.add("name", name).add_raw("days", format_days(days));
    networks += (networks.empty() ? "" : ",") + network.text();
  }
  std::string reservations;
  for (const auto& reservation : account.reservations)
    reservations += (reservations.empty() ? "" : ",") + format_reservation(reservation);
  codec::JsonObject object;
  object.add("v", k_version).add_raw("networks", "[" + networks + "]");
  object.add_raw("reservations", "[" + reservations + "]");
  if (!account.pace.boot.empty()) {
    codec::JsonObject pace;
    pace.add("boot", account.pace.boot).add("free_at_us", account.pace.free_at.count());
    object.add_raw("pace", pace.text());
  }
  return object.text() + "\n";
}

Result<Account> parse_account(std::string_view text) {
  TRY_ASSIGN(const auto members, codec::parse_flat_object(text));
  TRY_ASSIGN(const auto version, number_of(members, "v"));
  if (version > k_version) {
    return fail(Errc::config, fmt::format("format {} is of a later version of offkit", version));
  }
  Account account;
  TRY_ASSIGN(const auto networks, objects_of(members, "networks"));
  for (const auto& network : networks) {
    TRY_ASSIGN(auto name, text_of(network, "name"));
    TRY_ASSIGN(const auto days, parse_days(network));
    // A person may have written it twice.
    auto& known = account.networks[std::move(name)];
    for (const auto& [day, spent] : days)
      known[day].add(spent);
  }
  TRY_ASSIGN(const auto reservations, objects_of(members, "reservations"));
  for (const auto& object : reservations) {
    TRY_ASSIGN(auto reservation, parse_reservation(object));
    account.reservations.push_back(std::move(reservation));
  }
  if (const auto found = members.find("pace"); found != members.end()) {
    TRY_ASSIGN(const auto pace, codec::parse_flat_object(found->second));
    TRY_ASSIGN(account.pace.boot, text_of(pace, "boot"));
    TRY_ASSIGN(const auto free_at, number_of(pace, "free_at_us"));
    account.pace.free_at = Duration{static_cast<std::int64_t>(std::min(free_at, k_most_time))};
  }
  return account;
}

}  // namespace core::netstate
