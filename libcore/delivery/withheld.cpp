// SPDX-License-Identifier: MIT
#include "libcore/delivery/withheld.hpp"

#include <cstddef>
#include <utility>

#include <fmt/core.h>

namespace core::delivery {
namespace {

std::string key_of(const std::string& destination, const std::string& secrets) {
  return destination + '\n' + secrets;
}

}  // namespace

std::string own_secrets(const Route& route) {
  std::string lines;
  for (std::size_t i = 0; i < route.own_headers; ++i) {
    const auto& [name, value] = route.request.headers[i];
    if (Secrets::has_secret(value)) lines += fmt::format("{}: {}\n", name, value);
  }
  return lines;
}

std::string bind_all(const std::string& own_secrets, const Secrets& secrets) {
  return secrets.bind(own_secrets).value_or("");
}

void Withheld::begin_round() {
  for (auto& [key, entry] : entries_) {
    entry.held.waiting = 0;
    entry.is_looked_at = false;
  }
}

void Withheld::add(const std::string& destination, const std::string& secrets, std::string bound,
                   const Verdict& verdict) {
  auto& entry = entries_[key_of(destination, secrets)];
  entry.bound = std::move(bound);
  entry.is_looked_at = true;
  auto& hold = entry.held.hold;
  hold.destination = destination;
  hold.kind = verdict.kind;
  hold.reason = verdict.message;
}

bool Withheld::take(const std::string& destination, const std::string& own, std::uint64_t count,
                    const Secrets& secrets) {
  const auto found = entries_.find(key_of(destination, own));
  if (found == entries_.end()) return false;
  auto& entry = found->second;
  if (!std::exchange(entry.is_looked_at, true) && bind_all(own, secrets) != entry.bound) {
    entries_.erase(found);
    return false;
  }
  entry.held.waiting += count;
  return true;
}

std::vector<HeldDestination> Withheld::all() const {
  std::vector<HeldDestination> all;
  for (const auto& [key, entry] : entries_) {
    if (entry.held.waiting > 0) all.push_back(entry.held);
  }
  return all;
}

}  // namespace core::delivery
