// SPDX-License-Identifier: MIT
#include "libcore/config/block.hpp"

#include <doctest/doctest.h>

#include "libcore/codec/yaml.hpp"

using namespace core::config;  // NOLINT(google-build-using-namespace): the subject

namespace {

const std::string k_block = network_block({"tcp://[2001:db8::1]:443", "http://h/p#body=a"}, {});

std::string with(std::string_view text, std::string_view block = k_block) {
  return with_network_block(text, block, "f").value();
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
  CHECK(with("a: 1\n" + k_block + "# mine\nb: 2\n", other) == "a: 1\n" + other + "# mine\nb: 2\n");
}

TEST_CASE("a section of the user's own is left alone") {
  for (const char* text :
       {"network: {basic: none}\n", "a: 1\nnetwork:\n  need: all\n", "\"network\": {}\n"}) {
    CAPTURE(text);
    const auto refused = with_network_block(text, k_block, "f");
    REQUIRE(!refused);
    CHECK(refused.error().code == core::Errc::config);
    CHECK(refused.error().message.find(": network: this section is not netwatch's") !=
          std::string::npos);
  }
  CHECK(!with_network_block(k_block + "network: {}\n", k_block, "f"));
}

TEST_CASE("what is no YAML, or would be none, is refused") {
  CHECK(!with_network_block("a: [", k_block, "f"));
  CHECK(!with_network_block("{a: 1}", k_block, "f"));
  CHECK(!with_network_block("a: 1\n...\n", k_block, "f"));
}
