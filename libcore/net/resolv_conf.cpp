// SPDX-License-Identifier: MIT
#include "libcore/net/resolv_conf.hpp"

#include <cerrno>

#include <fcntl.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_most = 3;
constexpr std::size_t k_longest_file = 64UL * 1024;
constexpr std::string_view k_nameserver = "nameserver";

Resolvers this_machine(std::string why) {
  return {.addresses = {*parse_ip("127.0.0.1")},
          .remark = std::move(why) + ": 127.0.0.1 is asked for names"};
}

}  // namespace

Resolvers parse_resolv_conf(std::string_view text) {
  Resolvers resolvers;
  for (auto line : split(text, '\n')) {
    line = trim(line.substr(0, line.find_first_of("#;")));
    if (!line.starts_with(k_nameserver)) continue;
    line.remove_prefix(k_nameserver.size());
    if (line.empty() || (line.front() != ' ' && line.front() != '\t')) continue;
    const auto address = parse_ip(trim(line));
    if (address && resolvers.addresses.size() < k_most) resolvers.addresses.push_back(*address);
  }
  if (resolvers.addresses.empty()) return this_machine("resolv.conf names no server");
  return resolvers;
}

Resolvers load_resolv_conf(const std::string& path) {
  const sys::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return this_machine(sys::io_error("read", path, errno).value().message);
  const auto text = sys::read_up_to(fd.get(), k_longest_file, path);
  if (!text) return this_machine(text.error().message);
  return parse_resolv_conf(*text);
}

}  // namespace core::net
