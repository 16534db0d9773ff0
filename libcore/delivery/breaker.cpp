// SPDX-License-Identifier: MIT
#include "libcore/delivery/breaker.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

namespace core::delivery {
namespace {

constexpr Duration k_base{std::chrono::seconds{1}};
constexpr Duration k_cap{std::chrono::minutes{5}};
constexpr int k_schema_version = 2;

std::int64_t micros(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace

Hold next_hold(const std::optional<Hold>& before, const std::string& destination,
               const Verdict& verdict, Time now, double jitter) {
  Hold hold;
  hold.destination = destination;
  hold.failures = (before ? before->failures : 0) + 1;
  hold.set_at = now;
  hold.kind = verdict.kind;
  hold.reason = verdict.message;
  constexpr int k_doublings = 16;  // far past the cap
  const Duration full = std::min(k_cap, k_base * (1 << std::min(hold.failures - 1, k_doublings)));
  // Half fixed, half random: a probe must not come at once, nor those of a fleet together.
  const auto random = static_cast<std::int64_t>(static_cast<double>(full.count()) / 2 * jitter);
  hold.until = now + full / 2 + Duration{random};
  if (verdict.retry_at) hold.until = *verdict.retry_at;
  return hold;
}

Result<Breakers> Breakers::open_file(const std::string& path, std::chrono::milliseconds patience) {
  TRY_ASSIGN(auto database, db::Database::open(path, patience));
  Breakers breakers(std::move(database));
  TRY(breakers.load());
  return breakers;
}

Result<Breakers> Breakers::open(const std::string& path, std::chrono::milliseconds patience,
                                std::string& notice) {
  auto opened = open_file(path, patience);
  if (!opened && opened.error().code == Errc::corrupt) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code ignored;  // what cannot be removed cannot be opened either: memory it is
      std::filesystem::remove(path + suffix, ignored);
    }
    notice = "the memory of held destinations was damaged and begins anew";
    opened = open_file(path, patience);
  }
  if (opened) return opened;
  notice = opened.error().message + ": going on without it";
  return open_file(":memory:", patience);
}

Result<> Breakers::load() {
  TRY_ASSIGN(auto stamp, database_->prepare("PRAGMA user_version"));
  TRY(stamp.step());
  const auto version = stamp.integer(0);
  stamp.reset();
  if (version != 0 && version != k_schema_version) {
    return fail(Errc::corrupt, fmt::format("state.db: it has version {}", version));
  }
  TRY(database_->execute(
      "CREATE TABLE IF NOT EXISTS holds(destination TEXT PRIMARY KEY, failures INT, set_at INT,"
      " until INT, kind TEXT, reason TEXT) WITHOUT ROWID"));
  // Setting what is set already is a write too: who only looks shall not wait for the disk.
  if (version == 0) {
    TRY(database_->execute(("PRAGMA user_version=" + std::to_string(k_schema_version)).c_str()));
  }
  TRY_ASSIGN(auto rows, database_->prepare("SELECT destination, failures, set_at, until, kind,"
                                           " reason FROM holds"));
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    Hold hold;
    hold.destination = rows.text(0);
    hold.failures = static_cast<int>(rows.integer(1));
    hold.set_at = Time{Duration{rows.integer(2)}};
    hold.until = Time{Duration{rows.integer(3)}};
    hold.kind = value_of<Class>(rows.text(4)).value_or(Class::offline);
    hold.reason = rows.text(5);
    holds_[hold.destination] = hold;
  }
}

std::optional<Hold> Breakers::find(const std::string& destination) const {
  const auto found = holds_.find(destination);
  return found == holds_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Hold> Breakers::all() const {
  std::vector<Hold> all;
  for (const auto& [destination, hold] : holds_)
    all.push_back(hold);
  return all;
}

Result<> Breakers::set(const Hold& hold) {
  holds_[hold.destination] = hold;
  TRY_ASSIGN(auto row, database_->prepare("INSERT OR REPLACE INTO holds VALUES(?,?,?,?,?,?)"));
  row.bind(1, hold.destination).bind(2, std::int64_t{hold.failures}).bind(3, micros(hold.set_at));
  row.bind(4, micros(hold.until)).bind(5, std::string(name_of(hold.kind)));
  return row.bind(6, hold.reason).run();
}

Result<> Breakers::clear(const std::string& destination) {
  if (holds_.erase(destination) == 0) return {};
  TRY_ASSIGN(auto row, database_->prepare("DELETE FROM holds WHERE destination = ?"));
  return row.bind(1, destination).run();
}

}  // namespace core::delivery
