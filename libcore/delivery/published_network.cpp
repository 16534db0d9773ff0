// SPDX-License-Identifier: MIT
#include "libcore/delivery/published_network.hpp"

#include <chrono>
#include <utility>

#include "libcore/queue/layout.hpp"

namespace core::delivery {
namespace {

namespace path = queue::path;

constexpr Duration k_between_reports = std::chrono::seconds{1};

}  // namespace

PublishedNetwork::~PublishedNetwork() {
  const bool is_news = (seen_.delivered && !told_.delivery) || (seen_.failed && !told_.failure);
  if (is_news) report();
}

NetworkView PublishedNetwork::look() {
  const auto reading = netstate::read_network(files_, clock_);
  if (!reading) {
    warn_once(reading.error());
    return {};
  }
  std::optional<Time> looked_at;
  if (reading->state()) {
    const auto status = files_.status(path::k_network);
    if (status && *status) looked_at = (*status)->modified;
  }
  return view_of(*reading, looked_at);
}

void PublishedNetwork::delivered(const std::string& destination) {
  // Of the many within a second one is enough.
  if (seen_.delivered && clock_.since_boot() < next_report_) return;
  seen_.delivered = {.at = clock_.now(), .destination = destination, .failure = {}};
  report_in_time();
}

void PublishedNetwork::failed(const std::string& destination, std::string_view failure) {
  seen_.failed = {.at = clock_.now(), .destination = destination, .failure = std::string(failure)};
  report_in_time();
}

void PublishedNetwork::report_in_time() {
  const Duration now = clock_.since_boot();
  if (now < next_report_) return;
  next_report_ = now + k_between_reports;
  told_ = {};
  report();
}

void PublishedNetwork::report() {
  const auto seen = std::exchange(seen_, {});
  told_.delivery |= seen.delivered.has_value();
  told_.failure |= seen.failed.has_value();
  const auto folder = files_.status(path::k_netwatch);
  if (!folder || !*folder) return;  // nobody is there to read it
  if (const auto done = netstate::report(files_, seen); !done) warn_once(done.error());
}

void PublishedNetwork::warn_once(const Error& error) {
  if (std::exchange(warned_, error.message) != error.message) warn_(error.message);
}

}  // namespace core::delivery
