// SPDX-License-Identifier: MIT
#pragma once

// What the network of this thread has sent and received, from the kernel's counters: for tests that
// compare it with what probes say they cost.

#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace fakes {

// The sum of some members of a table of /proc that has lines of names above lines of numbers.
inline std::uint64_t sum_of(const std::string& path, const std::string& prefix,
                            const std::set<std::string>& wanted) {
  std::ifstream table(path);
  std::string names;
  std::string numbers;
  std::uint64_t sum = 0;
  while (std::getline(table, names) && std::getline(table, numbers)) {
    if (!names.starts_with(prefix + ":")) continue;
    std::istringstream name_words(names);
    std::istringstream number_words(numbers);
    for (std::string name, number; name_words >> name && number_words >> number;)
      if (wanted.contains(name)) sum += std::stoull(number);
  }
  return sum;
}

inline constexpr std::uint64_t k_ethernet = 14;

// What IPv4 packets this network has sent and received, in bytes with all headers.
inline std::uint64_t bytes_on_the_wire() {
  const std::string tables = "/proc/thread-self/net/";
  return sum_of(tables + "netstat", "IpExt", {"InOctets", "OutOctets"}) +
         k_ethernet * sum_of(tables + "snmp", "Ip", {"InReceives", "OutRequests"});
}

// The same for IPv6 over v0. Reports of multicast listeners go over it as well, now and then.
inline std::uint64_t v6_bytes_on_the_wire() {
  std::ifstream table("/proc/thread-self/net/dev_snmp6/v0");
  std::uint64_t sum = 0;
  for (std::string name, number; table >> name >> number;) {
    if (name == "Ip6InOctets" || name == "Ip6OutOctets") sum += std::stoull(number);
    if (name == "Ip6InReceives" || name == "Ip6OutRequests")
      sum += k_ethernet * std::stoull(number);
  }
  return sum;
}

}  // namespace fakes
