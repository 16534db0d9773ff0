// SPDX-License-Identifier: MIT
#pragma once

// Telling the service manager that started this process how it is doing (sd_notify(3)): a datagram
// to the socket that NOTIFY_SOCKET names. Nothing happens without one.

#include <string>
#include <string_view>

#include "libcore/sys/environment.hpp"

namespace core::sys {

class Supervisor {
 public:
  explicit Supervisor(const Environment& environment)
      : socket_(environment.value_or_nothing("NOTIFY_SOCKET").value_or("")) {}

  // "READY=1", "STOPPING=1", "STATUS=…", one on each line. Whether anybody listens does not matter.
  void tell(std::string_view state) const;

 private:
  std::string socket_;  // a path, or an abstract name after '@'; empty: nobody asked
};

}  // namespace core::sys
