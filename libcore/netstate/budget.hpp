// SPDX-License-Identifier: MIT
#pragma once

// The budget of bytes that all programs of a queue directory share: netwatch/budget.json
// (offkit-network(5)), changed under the lock netwatch/budget and replaced by rename, so that two
// at once lose nothing and a reader never sees half of it. Nothing is synced but a copy, once an
// hour: a file that is torn or gone is taken from it, and remarks() says so.
//
//   netstate::Budget budget(files, clock, calendar, random, config.budget);
//   const auto network = netstate::network_of(files, clock, config.budget);
//   TRY_ASSIGN(const auto may, budget.can_send(network, size, Priority::normal));
//   …
//   TRY(budget.spend(network, bytes, Purpose::delivery));   // what was on the wire, both ways

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/config/config.hpp"
#include "libcore/netstate/account.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/calendar.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::netstate {

// On whose account bytes go.
struct Network {
  std::string name = "unknown";
  bool is_limited = true;  // false: budget.on is metered, and this one is not

  bool operator==(const Network&) const = default;
};

// "wlan0/Home" of a wireless network; else "eth0/192.168.1.1"; "eth0" without a gateway, and
// also for those of mobile telephony, whose gateway changes with each connection; "unknown" without
// an interface. Control characters of an SSID are escaped.
std::string network_name(std::string_view interface, std::string_view gateway,
                         std::string_view ssid = {});

// The network that is in use: what is published, else what the kernel has as its default route.
// Where neither says whether it is metered, it is guessed.
Network network_of(const sys::Files& files, const sys::Clock& clock,
                   const config::BudgetConfig& limits);

class Budget {
 public:
  // `files` is the queue directory. All but `limits` must outlive this. The errors of its members:
  // denied, full, io; config, when a later version has written the file.
  Budget(sys::Files& files, const sys::Clock& clock, const sys::Calendar& calendar,
         sys::Random& random, config::BudgetConfig limits)
      : files_(files), clock_(clock), calendar_(calendar), random_(random), limits_(limits) {}

  // Counts what was on the wire; never refused, for it cannot be undone.
  Result<> spend(const Network& network, ByteCount bytes, Purpose purpose);
  // Nothing is counted. An answer of `summary` only where one is offered.
  [[nodiscard]] Result<Permission> can_send(const Network& network, ByteCount size,
                                            Priority priority,
                                            std::optional<ByteCount> summary = {});

  // can_send, and what it allows is nobody else's until it is committed, released or over.
  struct Reserved {
    Permission permission;                   // yes, later or never
    std::optional<Reservation> reservation;  // of a yes
  };
  Result<Reserved> reserve(const Network& network, ByteCount size, Priority priority,
                           Duration time_to_live);
  // The reservation is over, and so much was spent on its network, whether that is more or less.
  // Also after its time, for a day. Errors: not_found; usage for a fragment that fits several ids.
  Result<Reservation> commit(std::string_view id, ByteCount bytes, Purpose purpose);
  Result<Reservation> release(std::string_view id);

  // How long to wait until so many bytes may go at budget.rate; the turn is taken, so whoever asks
  // next waits longer. nullopt: that is longer than `longest`, and no turn was taken. Waiting is
  // the caller's business.
  Result<std::optional<Duration>> pace(const Network& network, ByteCount size,
                                       std::optional<Duration> longest);

  // Everything, as it is now.
  [[nodiscard]] Result<Account> account();
  // Whether the file could not be read when it was looked at last: what is known is older.
  [[nodiscard]] bool is_damaged() const { return is_damaged_; }
  // Forgets what was spent and reserved.
  Result<> reset();

  [[nodiscard]] const config::BudgetConfig& limits() const { return limits_; }
  [[nodiscard]] Day today() const { return calendar_.day_of(clock_.now()); }
  // What a user should know of the file, each told once.
  std::vector<std::string> remarks() { return std::exchange(remarks_, {}); }

 private:
  struct Loaded {
    Account account;
    std::vector<std::string> remarks{};
    bool is_damaged = false;  // what stood there cannot be read
  };
  [[nodiscard]] Result<Loaded> load() const;
  // Those that were told already are not told again.
  void remember(const std::vector<std::string>& remarks);
  [[nodiscard]] Result<std::optional<Account>> read(const std::string& path) const;
  template <typename Change>
  Result<> update(Change change);
  Result<> store(const Account& account);
  Result<> copy(const std::string& text);

  sys::Files& files_;
  const sys::Clock& clock_;
  const sys::Calendar& calendar_;
  sys::Random& random_;
  config::BudgetConfig limits_;
  std::vector<std::string> remarks_;
  std::vector<std::string> told_;
  bool is_damaged_ = false;
};

}  // namespace core::netstate
