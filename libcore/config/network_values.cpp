// SPDX-License-Identifier: MIT
#include "libcore/config/network_values.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "libcore/net/prober.hpp"
#include "libcore/net/url.hpp"

namespace core::config {
namespace {

constexpr std::size_t k_max_endpoints = 32;
constexpr std::size_t k_max_pattern = 64;  // interfaces have names of 15 bytes

tl::unexpected<Error> refuse_text(std::string_view why, std::string_view text) {
  return refuse(fmt::format("{}: '{}'", why, printable(text, 60)));
}

Result<> read_items(std::string_view text, Result<> (*check)(std::string_view item),
                    std::vector<std::string>& value) {
  std::vector<std::string> items;
  for (const auto item : list_items(text)) {
    TRY(check(item));
    items.emplace_back(item);
  }
  if (items.size() > k_max_endpoints) {
    return refuse(fmt::format("more than {} items", k_max_endpoints));
  }
  value = std::move(items);
  return {};
}

Result<> check_basic(std::string_view endpoint) {
  if (endpoint.starts_with("https://")) {
    return refuse_text("https:// belongs to network.check", endpoint);
  }
  const auto target = net::parse_probe_target(endpoint);
  if (!target) return refuse(target.error().message);
  return {};
}

Result<> check_url(std::string_view text) {
  const auto url = net::parse_url(text);
  if (!url) return refuse(url.error().message);
  return {};
}

Result<> check_pattern(std::string_view pattern) {
  const bool is_printable =
      std::ranges::all_of(pattern, [](char c) { return c > ' ' && c < '\x7F' && c != '/'; });
  if (is_printable && pattern.size() <= k_max_pattern) return {};
  return refuse_text("not a pattern of interfaces, as in usb*", pattern);
}

}  // namespace

Result<> set_basic(Config& config, std::string_view text) {
  return read_items(text, check_basic, config.network.basic);
}

Result<> set_check(Config& config, std::string_view text) {
  return read_items(text, check_url, config.network.check);
}

Result<> set_ignore(Config& config, std::string_view text) {
  return read_items(text, check_pattern, config.network.ignore);
}

Result<> set_need(Config& config, std::string_view text) {
  if (text != "any" && text != "all") {
    const auto count = parse_unsigned(text);
    if (!count || *count < 1 || *count > k_max_endpoints) {
      return refuse(
          fmt::format("not any, all or 1 to {}: '{}'", k_max_endpoints, printable(text, 60)));
    }
  }
  config.network.need = text;
  return {};
}

Result<> set_rate(Config& config, std::string_view text) {
  if (text == k_none) {
    config.budget.rate.reset();
    return {};
  }
  const auto rate = parse_rate(text);
  if (!rate) return refuse(rate.error().message);
  if (rate->value == 0) return refuse_text("must be 1 or more", text);
  config.budget.rate = *rate;
  return {};
}

Result<> set_cycle_day(Config& config, std::string_view text) {
  constexpr std::uint64_t k_last = 31;  // in a shorter month its last day stands for it
  const auto day = parse_unsigned(text);
  if (!day || *day < 1 || *day > k_last) {
    return refuse(fmt::format("not between 1 and {}: '{}'", k_last, printable(text, 60)));
  }
  config.budget.cycle_day = static_cast<int>(*day);
  return {};
}

Result<> read_at_least(std::string_view text, Duration least, Duration& value) {
  Duration span{};
  TRY(read(text, span));
  if (span < least) {
    return refuse_text(fmt::format("must be {} or more", format_duration(least)), text);
  }
  value = span;
  return {};
}

}  // namespace core::config
