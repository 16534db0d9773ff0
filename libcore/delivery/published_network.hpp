// SPDX-License-Identifier: MIT
#pragma once

// The real Network: the files of offkit-network(5) in the queue directory. What was seen is
// reported to netwatch at most once a second, and not at all where nobody has ever run it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/delivery/network.hpp"
#include "libcore/netstate/reports.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::delivery {

class PublishedNetwork final : public Network {
 public:
  using Warn = std::function<void(const std::string&)>;

  // `files` is the queue directory; both must outlive this. `warn` is told of files that are not
  // what they should be, once for each reason.
  PublishedNetwork(sys::Files& files, const sys::Clock& clock, Warn warn)
      : files_(files), clock_(clock), warn_(std::move(warn)) {}
  PublishedNetwork(const PublishedNetwork&) = delete;
  PublishedNetwork& operator=(const PublishedNetwork&) = delete;
  // Reports what was not reported yet for want of time, if it says more.
  ~PublishedNetwork() override;

  NetworkView look() override;
  void delivered(const std::string& destination) override;
  void failed(const std::string& destination, std::string_view failure) override;

 private:
  // What was told within the last second.
  struct Told {
    bool delivery = false;
    bool failure = false;
  };
  void report_in_time();
  void report();
  void warn_once(const Error& error);

  sys::Files& files_;
  const sys::Clock& clock_;
  Warn warn_;
  std::string warned_;
  netstate::Reports seen_;  // and not told yet
  Told told_;
  Duration next_report_{};  // since boot
};

}  // namespace core::delivery
