// SPDX-License-Identifier: MIT
#pragma once

// How often and how patiently the monitor looks: the defaults. offkit-network(5) gives the reasons.

#include <array>
#include <chrono>

#include "libcore/base/time.hpp"

namespace core::netstate {

struct Timing {
  Duration interval = std::chrono::seconds{60};          // while all is well
  Duration interval_metered = std::chrono::minutes{15};  // the same, where bytes cost money
  Duration retry_first = std::chrono::seconds{1};        // while it is not: doubling
  Duration retry_cap = std::chrono::seconds{60};
  Duration portal_first = std::chrono::seconds{5};
  Duration portal_cap = std::chrono::minutes{2};
  // Begin of the second and the third round, after that of the first.
  std::array<Duration, 2> confirm{std::chrono::milliseconds{500}, std::chrono::milliseconds{1500}};
  Duration settle = std::chrono::seconds{1};     // until hooks are told of a loss
  Duration settle_up = std::chrono::seconds{2};  // of a connection
  int flap_changes = 4;
  Duration flap_window = std::chrono::seconds{60};
  Duration flap_hold = std::chrono::seconds{30};
  double jitter = 0.1;
  Duration patience = std::chrono::seconds{3};  // of a whole round
  // Of one that confirms: four times what an answer took lately, and not less than this.
  Duration confirm_patience = std::chrono::milliseconds{550};
  Duration survey = std::chrono::hours{1};         // until all endpoints are asked again
  Duration survey_gap = std::chrono::minutes{10};  // the least, when there is a reason to
  Duration traffic = std::chrono::seconds{1};      // between looks at traffic that is under way
  Duration report_gap = std::chrono::seconds{10};  // between rounds that siblings' failures ask for
  Duration retry_after_cap = std::chrono::minutes{15};
};

}  // namespace core::netstate
