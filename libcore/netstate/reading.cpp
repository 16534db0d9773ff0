// SPDX-License-Identifier: MIT
#include "libcore/netstate/reading.hpp"

#include "libcore/queue/layout.hpp"

namespace core::netstate {
namespace {

namespace path = queue::path;

constexpr ByteCount k_line_limit{4096};
constexpr ByteCount k_override_limit{16'384};
// A line that claims to hold for longer was written before the clock was set back.
constexpr Duration k_longest_promise = std::chrono::hours{24 * 366};

Result<Freshness> freshness_of(const Published& line, const sys::Files& files, Time now) {
  if (now >= line.valid_until) return Freshness::expired;
  if (line.since > now + std::chrono::hours{1}) return Freshness::expired;
  if (line.valid_until - now > k_longest_promise) return Freshness::expired;
  if (line.by != Author::daemon) return Freshness::fresh;
  TRY_ASSIGN(const bool is_alive, files.is_being_written(path::k_netwatch_lock));
  return is_alive ? Freshness::fresh : Freshness::dead;
}

}  // namespace

std::optional<State> Reading::state() const {
  return freshness == Freshness::fresh && line ? line->state : std::nullopt;
}

std::optional<Mode> Reading::mode() const {
  if (override_) return override_->mode;
  if (!state()) return std::nullopt;
  // The mode of the line was set by somebody, and is over.
  if (line->mode_by_itself) return line->mode_by_itself;
  if (line->mode_until) return std::nullopt;
  return line->mode;
}

Result<Reading> read_network(const sys::Files& files, const sys::Clock& clock) {
  Reading reading;
  const Time now = clock.now();
  TRY_ASSIGN(const auto text, sys::read_file(files, path::k_network, k_line_limit));
  if (text) {
    auto line = parse_published(*text);
    if (!line) return wrap(files.root() + "/" + path::k_network, std::move(line).error());
    TRY_ASSIGN(reading.freshness, freshness_of(*line, files, now));
    reading.line = *std::move(line);
  }
  TRY_ASSIGN(reading.override_, read_override(files, clock));
  return reading;
}

Result<std::optional<Override>> read_override(const sys::Files& files, const sys::Clock& clock) {
  TRY_ASSIGN(const auto set, sys::read_file(files, path::k_netwatch_mode, k_override_limit));
  if (!set) return std::nullopt;
  TRY_ASSIGN(const auto status, files.status(path::k_netwatch_mode));
  auto override_ = parse_override(*set, status ? status->modified : clock.now());
  if (!override_) {
    auto error = std::move(override_).error();
    error.message += " (`netwatch mode auto` replaces it)";
    return wrap(files.root() + "/" + path::k_netwatch_mode, std::move(error));
  }
  const auto boot = override_->boot.empty() ? std::string{} : clock.boot_id();
  if (!override_->holds(clock.now(), boot)) return std::nullopt;
  return *std::move(override_);
}

}  // namespace core::netstate
