// SPDX-License-Identifier: MIT
// Messages as of rtnetlink and sock_diag: the kernel is trusted, but what stands in for it in a
// sandbox may not be, and a length taken wrongly would read beyond the bytes.

#include "libcore/net/link_messages.hpp"
#include "libcore/net/tcp_messages.hpp"
#include "tests/fuzz/property.hpp"

using fuzz::must_hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  core::net::NetlinkMessages messages(bytes);
  std::vector<core::net::RouteLeg> legs;
  core::net::TcpSurvey survey;
  while (const auto message = messages.next()) {
    must_hold(message->payload.data() >= bytes.data() &&
                  message->payload.data() + message->payload.size() <= bytes.data() + bytes.size(),
              "a payload lies within the bytes");
    const auto again = core::net::format_message(*message);
    const auto same = core::net::NetlinkMessages(again).next();
    must_hold(same && same->payload == message->payload && same->type == message->type,
              "a message that is written is read again");
    static_cast<void>(core::net::parse_link(*message));
    if (const auto address = core::net::parse_address(*message)) {
      must_hold(core::net::parse_ip(address->text).has_value(), "an address is one", address->text);
    }
    for (auto& leg : core::net::parse_default_route(*message))
      legs.push_back(std::move(leg));
    if (const auto connection = core::net::parse_connection(*message)) {
      survey.add(connection->facts);
    }
  }
  const auto all = legs.size();
  const auto best = core::net::best_routes(std::move(legs));
  must_hold(best.size() <= all, "no route comes from nowhere");
  const auto evidence = survey.evidence();
  must_hold(!evidence || evidence->sockets > 0, "evidence comes from a connection");
  return 0;
}
