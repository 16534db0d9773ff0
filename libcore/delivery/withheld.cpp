// SPDX-License-Identifier: MIT
#include "libcore/delivery/withheld.hpp"

#include <cstddef>

#include <fmt/core.h>

#include "libcore/delivery/secrets.hpp"

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

void Withheld::add(const std::string& destination, const std::string& secrets,
                   const Verdict& verdict) {
  auto& hold = held_[key_of(destination, secrets)].hold;
  hold.destination = destination;
  hold.kind = verdict.kind;
  hold.reason = verdict.message;
}

bool Withheld::take(const std::string& destination, const std::string& secrets,
                    std::uint64_t count) {
  const auto found = held_.find(key_of(destination, secrets));
  if (found == held_.end()) return false;
  found->second.waiting += count;
  return true;
}

std::vector<HeldDestination> Withheld::all() const {
  std::vector<HeldDestination> all;
  for (const auto& [key, held] : held_)
    all.push_back(held);
  return all;
}

}  // namespace core::delivery
