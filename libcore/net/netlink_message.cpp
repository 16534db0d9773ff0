// SPDX-License-Identifier: MIT
#include "libcore/net/netlink_message.hpp"

#include <linux/netlink.h>

namespace core::net {
namespace {

constexpr std::size_t padded(std::size_t length) {
  return (length + NLMSG_ALIGNTO - 1) & ~std::size_t{NLMSG_ALIGNTO - 1};
}

// Takes `length` bytes and their padding off the front, which has that many; the last one may lack
// its padding.
std::string_view take(std::string_view& rest, std::size_t length) {
  const auto taken = rest.substr(0, length);
  rest.remove_prefix(std::min(rest.size(), padded(length)));
  return taken;
}

}  // namespace

std::optional<NetlinkMessage> NetlinkMessages::next() {
  const auto header = read_front<nlmsghdr>(rest_);
  if (!header || header->nlmsg_len < sizeof *header || header->nlmsg_len > rest_.size()) {
    rest_ = {};
    return std::nullopt;
  }
  const auto whole = take(rest_, header->nlmsg_len);
  return NetlinkMessage{.type = header->nlmsg_type,
                        .flags = header->nlmsg_flags,
                        .sequence = header->nlmsg_seq,
                        .payload = whole.substr(sizeof *header)};
}

std::optional<NetlinkAttribute> NetlinkAttributes::next() {
  const auto header = read_front<nlattr>(rest_);
  if (!header || header->nla_len < sizeof *header || header->nla_len > rest_.size()) {
    rest_ = {};
    return std::nullopt;
  }
  const auto whole = take(rest_, header->nla_len);
  return NetlinkAttribute{
      .type = static_cast<std::uint16_t>(header->nla_type & NLA_TYPE_MASK),
      .value = whole.substr(sizeof *header),
  };
}

void append_attribute(std::string& payload, std::uint16_t type, std::string_view value) {
  nlattr header{};
  header.nla_type = type;
  header.nla_len = static_cast<std::uint16_t>(sizeof header + value.size());
  payload.resize(padded(payload.size()));
  payload += bytes_of(header);
  payload += value;
  payload.resize(padded(payload.size()));
}

std::string format_message(const NetlinkMessage& message) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + message.payload.size());
  header.nlmsg_type = message.type;
  header.nlmsg_flags = message.flags;
  header.nlmsg_seq = message.sequence;
  std::string bytes(bytes_of(header));
  bytes += message.payload;
  bytes.resize(padded(bytes.size()));
  return bytes;
}

}  // namespace core::net
