// SPDX-License-Identifier: MIT
#include "libcore/config/block.hpp"

#include <doctest/doctest.h>

#include "libcore/codec/yaml.hpp"

using namespace core::config;  // NOLINT(google-build-using-namespace): the subject

namespace {

const Block k_ours = network_block({"tcp://[2001:db8::1]:443", "http://h/p#body=a"}, {});
const std::string k_block = k_ours.text();

std::string with(std::string_view text, const Block& block = k_ours) {
  return with_block(text, block, "f").value();
}

}  // namespace

TEST_CASE("a block reads back as the endpoints that it was made of") {
  const auto root = core::codec::parse_yaml(k_block, "f").value();
  REQUIRE(root.children.size() == 1);
  const auto& network = root.children[0];
  CHECK(network.key == "network");
  REQUIRE(network.children.size() == 2);
  CHECK(network.children[0].children[0].text == "tcp://[2001:db8::1]:443");
  CHECK(network.children[0].children[1].text == "http://h/p#body=a");
  CHECK(network.children[1].text == "none");
}

TEST_CASE("a block is put at the end, and then replaced where it is") {
  CHECK(with("") == k_block);
  CHECK(with("a: 1") == "a: 1\n\n" + k_block);
  CHECK(with("a: 1\n") == "a: 1\n\n" + k_block);
  CHECK(with(with("a: 1\n")) == with("a: 1\n"));

  const auto other = network_block({}, {"https://h/"});
  CHECK(with("a: 1\n" + k_block + "# mine\nb: 2\n", other) ==
        "a: 1\n" + other.text() + "# mine\nb: 2\n");
}

TEST_CASE("a section of the user's own is left alone") {
  for (const char* text :
       {"network: {basic: none}\n", "a: 1\nnetwork:\n  need: all\n", "\"network\": {}\n"}) {
    CAPTURE(text);
    const auto refused = with_block(text, k_ours, "f");
    REQUIRE(!refused);
    CHECK(refused.error().code == core::Errc::config);
    CHECK(refused.error().message.find(": network: this section is not netwatch's") !=
          std::string::npos);
  }
  CHECK(!with_block(k_block + "network: {}\n", k_ours, "f"));
}

TEST_CASE("what is no YAML, or would be none, is refused") {
  CHECK(!with_block("a: [", k_ours, "f"));
  CHECK(!with_block("{a: 1}", k_ours, "f"));
  CHECK(!with_block("a: 1\n...\n", k_ours, "f"));
}

TEST_CASE("a budget is written beside, and what it said before stays but for what is changed") {
  const auto first = budget_block("", {{"daily", "50MB"}, {"reserve", "1MB"}}, "f").value();
  const auto text = with("a: 1\n" + with_block("", first, "f").value());
  const auto second = budget_block(text, {{"daily", "none"}, {"cycle_day", "5"}}, "f").value();
  CHECK(second.names == std::vector<std::string>{"daily", "reserve", "cycle_day"});
  const auto changed = with_block(text, second, "f").value();
  CHECK(changed ==
        "a: 1\n# netwatch budget set: how many bytes may be spent; run it again to change this.\n"
        "budget:\n  daily: \"none\"\n  reserve: \"1MB\"\n  cycle_day: \"5\"\n"
        "# end of netwatch budget set\n\n" +
            k_block);
  CHECK(!with_block("budget: {daily: 1MB}\n", second, "f"));
}
