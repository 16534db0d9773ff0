// SPDX-License-Identifier: MIT
#include "libcore/net/tcp_evidence.hpp"

#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "libcore/net/netlink_socket.hpp"
#include "libcore/net/tcp_messages.hpp"

namespace core::net {

// A connection that is told twice, or not at all, because others came and went does no harm.
Result<std::optional<TcpEvidence>> read_tcp_evidence(std::span<const Address> own) {
  TRY_ASSIGN(auto socket, NetlinkSocket::open(NETLINK_SOCK_DIAG));
  TcpSurvey survey;
  for (const auto family : k_families) {
    TRY(socket.dump(SOCK_DIAG_BY_FAMILY, tcp_question(family), [&](const NetlinkMessage& message) {
      const auto connection = parse_connection(message);
      if (connection && is_outside(connection->peer, own)) survey.add(connection->facts);
    }));
  }
  return survey.evidence();
}

}  // namespace core::net
