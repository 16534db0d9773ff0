// SPDX-License-Identifier: MIT
#include "libcore/delivery/flight.hpp"

#include <cstddef>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::delivery {

ByteCount expected_bytes(const Flight& flight) {
  // The first line, what TLS and the connection take, and an answer that says little.
  constexpr std::uint64_t k_around = 512;
  const auto& request = flight.request;
  std::uint64_t bytes = k_around + request.url.size();
  for (const auto& [name, value] : request.headers)
    bytes += name.size() + value.size() + 4;
  if (const auto* text = std::get_if<std::string>(&request.body)) bytes += text->size();
  if (const auto* file = std::get_if<net::BodyFile>(&request.body)) bytes += file->size;
  return ByteCount{bytes};
}

void pack(Flight& flight) {
  auto& request = flight.route.request;
  request.body = batch_body(flight.members, flight.route.batch->format);
  for (std::size_t i = flight.route.own_headers; i < request.headers.size(); ++i) {
    auto& [name, value] = request.headers[i];
    if (equals_ignoring_case(name, k_idempotency_key)) value = batch_key(flight.members);
  }
}

Result<> bind_secrets(Flight& flight, const Secrets& secrets) {
  flight.request = flight.route.request;
  flight.own_bound.clear();
  for (std::size_t i = 0; i < flight.request.headers.size(); ++i) {
    auto& [name, value] = flight.request.headers[i];
    if (value.find("${") == std::string::npos) continue;
    // "$${" alone is a plain "${" when it is sent, and no credential.
    flight.late_bound |= Secrets::has_secret(value);
    auto bound = secrets.bind(value);
    if (!bound) {
      if (i >= flight.route.own_headers) flight.own_secrets.clear();
      flight.own_bound.clear();
      return wrap(fmt::format("header {}", name), std::move(bound).error());
    }
    value = *std::move(bound);
    if (i < flight.route.own_headers) flight.own_bound += fmt::format("{}: {}\n", name, value);
  }
  return {};
}

bool has_new_credential(Flight& flight, const Secrets& secrets) {
  flight.refreshed = true;
  for (std::size_t i = 0; i < flight.route.request.headers.size(); ++i) {
    const auto& value = flight.route.request.headers[i].second;
    if (!Secrets::has_secret(value)) continue;
    const auto bound = secrets.bind(value);
    if (bound && i < flight.request.headers.size() && *bound != flight.request.headers[i].second) {
      return true;
    }
  }
  return false;
}

}  // namespace core::delivery
