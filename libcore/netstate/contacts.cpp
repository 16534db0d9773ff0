// SPDX-License-Identifier: MIT
#include "libcore/netstate/contacts.hpp"

#include <algorithm>
#include <chrono>

#include "libcore/net/ip_address.hpp"

namespace core::netstate {
namespace {

// Measured, with the headers of the link: a connection that is reset, a question to a name server,
// a GET that is answered by 204 and the name before it, and a handshake of TLS with a usual chain
// of certificates around it.
constexpr std::uint64_t k_tcp = 280;
constexpr std::uint64_t k_dns = 200;
constexpr std::uint64_t k_http = 1081;
constexpr std::uint64_t k_https = 6000;
constexpr Duration k_month = std::chrono::days{30};

std::uint64_t times_in_month(Duration interval) {
  return static_cast<std::uint64_t>(k_month / std::max(interval, Duration{1}));
}

}  // namespace

std::uint64_t price_of(const std::string& endpoint) {
  if (endpoint.starts_with("tcp://")) return k_tcp;
  if (endpoint.starts_with("dns://")) return k_dns;
  return endpoint.starts_with("http://") ? k_http : k_https;
}

Contacts contacts_of(const config::NetworkConfig& network) {
  Contacts contacts;
  const auto looks = times_in_month(network.interval);
  const auto turns = looks / std::max<std::uint64_t>(network.basic.size(), 1);
  const auto add = [&](const std::string& endpoint, std::uint64_t times) {
    if (net::is_on_this_machine(endpoint)) return;
    contacts.who.push_back({.endpoint = endpoint, .bytes = times * price_of(endpoint)});
  };
  for (const auto& endpoint : network.basic)
    add(endpoint, turns);
  for (const auto& url : network.check)
    add(url, looks);
  for (const auto& contact : contacts.who)
    contacts.bytes += contact.bytes;
  if (!contacts.who.empty()) {
    contacts.bytes_metered = times_in_month(network.interval_metered) * k_tcp;
  }
  return contacts;
}

}  // namespace core::netstate
