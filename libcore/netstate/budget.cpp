// SPDX-License-Identifier: MIT
#include "libcore/netstate/budget.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/ids.hpp"
#include "libcore/base/text.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"

namespace core::netstate {
namespace {

namespace path = queue::path;

constexpr ByteCount k_limit{4U << 20U};
constexpr Duration k_copy_age = std::chrono::hours{1};

Result<std::size_t> find(const Account& account, std::string_view id) {
  TRY_ASSIGN(const auto fragment, parse_id_fragment(id));
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < account.reservations.size(); ++i) {
    const auto& candidate = account.reservations[i].id;
    if (!candidate.starts_with(fragment) && !candidate.ends_with(fragment)) continue;
    if (found) return fail(Errc::usage, "several reservations have this id: " + fragment);
    found = i;
  }
  if (!found) return fail(Errc::not_found, "no such reservation: " + printable(id, 60));
  return *found;
}

Result<Reservation> take(Account& account, std::string_view id) {
  TRY_ASSIGN(const auto index, find(account, id));
  const auto place = account.reservations.begin() + static_cast<std::ptrdiff_t>(index);
  auto reservation = std::move(*place);
  account.reservations.erase(place);
  return reservation;
}

}  // namespace

Result<std::optional<Account>> Budget::read(const std::string& path) const {
  TRY_ASSIGN(const auto text, sys::read_file(files_, path, k_limit));
  if (!text) return std::nullopt;
  auto account = parse_account(*text);
  if (!account) return wrap(path, account.error());
  return std::optional(*std::move(account));
}

Result<Budget::Loaded> Budget::load() const {
  auto now = read(path::k_netwatch_budget);
  if (now && *now) return Loaded{.account = **std::move(now)};
  if (!now && now.error().code != Errc::corrupt) return tl::unexpected(now.error());
  auto before = read(path::k_netwatch_budget_copy);
  if (!before && before.error().code != Errc::corrupt) return tl::unexpected(before.error());
  const std::string what =
      now ? fmt::format("{}: it is gone", path::k_netwatch_budget) : now.error().message;
  Loaded loaded{.account = {}, .is_damaged = !now};
  if (before && *before) {
    loaded.account = **std::move(before);
    TRY_ASSIGN(const auto status, files_.status(path::k_netwatch_budget_copy));
    loaded.remarks.push_back(fmt::format("budget: {}: counts go on from those of {}", what,
                                         format_second(status ? status->modified : clock_.now())));
  } else if (!now || !before) {
    loaded.remarks.push_back(fmt::format("budget: {}: counts begin anew", what));
  }
  return loaded;
}

template <typename Change>
Result<> Budget::update(Change change) {
  TRY(files_.make_directory(path::k_netwatch));
  TRY_ASSIGN(const sys::Fd lock, files_.lock(path::k_netwatch_budget_lock, sys::Wait::yes));
  TRY_ASSIGN(auto loaded, load());
  if (loaded.is_damaged) {
    TRY(files_.rename(path::k_netwatch_budget, path::k_netwatch_budget_damaged, sys::Replace::yes));
  }
  settle(loaded.account, today(), clock_.now());
  TRY(change(loaded.account));
  TRY(store(loaded.account));
  remember(loaded.remarks);
  is_damaged_ = false;
  return {};
}

void Budget::remember(const std::vector<std::string>& remarks) {
  for (const auto& remark : remarks) {
    if (std::ranges::find(told_, remark) != told_.end()) continue;
    told_.push_back(remark);
    remarks_.push_back(remark);
  }
}

Result<> Budget::store(const Account& account) {
  const auto text = format_account(account);
  TRY(copy(text));
  TRY(files_.remove(path::k_netwatch_new_budget));
  TRY(files_.append(path::k_netwatch_new_budget, text, sys::Sync::no));
  return sys::put_in_place(files_, path::k_netwatch_new_budget, path::k_netwatch_budget);
}

// What is left after a power cut, and what a damaged file is mended with.
Result<> Budget::copy(const std::string& text) {
  TRY_ASSIGN(const auto status, files_.status(path::k_netwatch_budget_copy));
  const Time now = clock_.now();
  if (status && status->modified <= now && now - status->modified < k_copy_age) return {};
  TRY(files_.remove(path::k_netwatch_new_budget_copy));
  {
    TRY_ASSIGN(const auto fd, files_.create(path::k_netwatch_new_budget_copy, text));
    TRY(files_.set_modified(path::k_netwatch_new_budget_copy, now));
  }
  return sys::put_in_place(files_, path::k_netwatch_new_budget_copy, path::k_netwatch_budget_copy);
}

Result<> Budget::spend(const Network& network, ByteCount bytes, Purpose purpose) {
  if (bytes.value == 0) return {};
  return update([&](Account& account) -> Result<> {
    account.networks[network.name][today()].add(purpose, bytes.value);
    return {};
  });
}

Result<Permission> Budget::can_send(const Network& network, ByteCount size, Priority priority,
                                    std::optional<ByteCount> summary) {
  if (!network.is_limited || (!limits_.daily && !limits_.monthly)) return Permission{};
  TRY_ASSIGN(const auto now, account());
  return permission(windows(now, network.name, limits_, today(), clock_.now()), size, priority,
                    summary);
}

Result<Budget::Reserved> Budget::reserve(const Network& network, ByteCount size, Priority priority,
                                         Duration time_to_live) {
  Reserved reserved;
  TRY(update([&](Account& account) -> Result<> {
    const Time now = clock_.now();
    const auto limits = network.is_limited ? windows(account, network.name, limits_, today(), now)
                                           : std::vector<Window>{};
    reserved.permission = permission(limits, size, priority, {});
    if (reserved.permission.answer != Answer::yes) return {};
    reserved.reservation = Reservation{.id = queue::make_ulid(clock_, random_).text(),
                                       .network = network.name,
                                       .bytes = size.value,
                                       .priority = priority,
                                       .since = now,
                                       .until = now + time_to_live};
    account.reservations.push_back(*reserved.reservation);
    return {};
  }));
  return reserved;
}

Result<Reservation> Budget::commit(std::string_view id, ByteCount bytes, Purpose purpose) {
  Reservation reservation;
  TRY(update([&](Account& account) -> Result<> {
    TRY_ASSIGN(reservation, take(account, id));
    if (bytes.value > 0) account.networks[reservation.network][today()].add(purpose, bytes.value);
    return {};
  }));
  return reservation;
}

Result<Reservation> Budget::release(std::string_view id) {
  return commit(id, ByteCount{0}, Purpose::other);
}

Result<std::optional<Duration>> Budget::pace(const Network& network, ByteCount size,
                                             std::optional<Duration> longest) {
  std::optional<Duration> wait = Duration{0};
  if (!network.is_limited || !limits_.rate) return wait;
  TRY(update([&](Account& account) -> Result<> {
    wait = take_turn(account.pace, size, *limits_.rate, clock_.boot_id(), clock_.since_boot(),
                     longest);
    return {};
  }));
  return wait;
}

Result<Account> Budget::account() {
  TRY_ASSIGN(auto loaded, load());
  remember(loaded.remarks);
  is_damaged_ = loaded.is_damaged;
  settle(loaded.account, today(), clock_.now());
  return std::move(loaded.account);
}

Result<> Budget::reset() {
  TRY(files_.make_directory(path::k_netwatch));
  TRY_ASSIGN(const sys::Fd lock, files_.lock(path::k_netwatch_budget_lock, sys::Wait::yes));
  TRY(files_.remove(path::k_netwatch_budget_copy));
  return store(Account{});
}

}  // namespace core::netstate
