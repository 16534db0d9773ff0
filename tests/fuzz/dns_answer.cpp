// SPDX-License-Identifier: MIT
// What a DNS server, or somebody in its place, answers.

#include "libcore/net/dns_message.hpp"
#include "tests/fuzz/property.hpp"

using core::net::DnsCode;
using fuzz::must_hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto answer = core::net::parse_dns_answer(bytes);
  if (!answer) return 0;
  must_hold(answer->question.name.size() <= 253, "a name is no longer than names are");
  must_hold(answer->addresses.size() * 4 <= bytes.size(), "every address was in the answer");
  for (const auto& address : answer->addresses) {
    const auto again = core::net::parse_ip(address.text());
    must_hold(again && again->text() == address.text(), "an address is one", address.text());
  }
  // A name may hold dots and bytes in its labels that no text of a name can express.
  auto question = answer->question;
  if (question.name.ends_with('.')) return 0;  // taken for the end of the name
  const auto asked = core::net::format_dns_question(question);
  if (!asked) return 0;
  must_hold(core::net::answers(*answer, question), "an answer answers its own question");
  auto echo = *asked;
  echo[2] = static_cast<char>(0x80);
  const auto repeated = core::net::parse_dns_answer(echo);
  must_hold(repeated && repeated->question.name == question.name && repeated->addresses.empty(),
            "a question that is repeated is the same one", question.name);
  return 0;
}
