// SPDX-License-Identifier: MIT
#include "libcore/codec/yaml.hpp"

#include <doctest/doctest.h>

using core::codec::parse_yaml;
using core::codec::yaml_to_json;
using core::codec::YamlKind;
using core::codec::YamlQuoting;

namespace {

std::string refusal(const std::string& text) {
  const auto parsed = parse_yaml(text, "c.yaml");
  if (parsed) return "(accepted)";
  CHECK(parsed.error().code == core::Errc::config);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("a tree keeps order, lines and quoting") {
  const auto root = parse_yaml("b:\n  - x\n  - 'y'\n\na: {k: 1}\nn:\n", "c.yaml");
  REQUIRE(root.has_value());
  REQUIRE(root->kind == YamlKind::map);
  REQUIRE(root->children.size() == 3);
  const auto& list = root->children[0];
  CHECK(list.key == "b");
  CHECK(list.line == 1);
  CHECK(list.kind == YamlKind::sequence);
  CHECK(list.children[0].text == "x");
  CHECK(list.children[0].quoting == YamlQuoting::plain);
  CHECK(list.children[1].line == 3);
  CHECK(list.children[1].quoting == YamlQuoting::quoted);
  CHECK(root->children[1].line == 5);
  CHECK(root->children[1].children[0].text == "1");
  CHECK(root->children[2].kind == YamlKind::null);
  CHECK(root->children[2].line == 6);
}

TEST_CASE("an empty file is null") {
  for (const auto* text : {"", "\n", "# nothing\n", "---\n"}) {
    CAPTURE(text);
    const auto root = parse_yaml(text, "c.yaml");
    REQUIRE(root.has_value());
    CHECK(root->kind == YamlKind::null);
  }
}

TEST_CASE("what is not YAML is refused with file and line") {
  CHECK(refusal("a: 1\nb: [1\n").starts_with("c.yaml:3: "));
  CHECK(refusal("a: b: c\n").starts_with("c.yaml:1: "));
  CHECK(refusal("a: 1\n\tb: 2\n").starts_with("c.yaml:2: "));
  CHECK(refusal("a: *nowhere\n").starts_with("c.yaml:1: "));
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "c.yaml:3: key 'a' was given before, in line 1");
  CHECK(refusal("a: 1\n---\nb: 2\n") ==
        "c.yaml:2: not expected here, after the end of the document");
  CHECK(refusal("a: 1\n...\nb: 2\n") != "(accepted)");
  CHECK(refusal(",a: 1\n") == "c.yaml:1: not expected here, after the end of the document");
  CHECK(refusal("\n]\n") != "(accepted)");
  CHECK(refusal("? [a]\n: 1\n") == "c.yaml:1: a key must be a word");
  CHECK(refusal(std::string("a\0b", 3)) == "c.yaml: not a text file");
  CHECK(refusal("\x7f"
                "ELF\xff\xfe") == "c.yaml: not a text file");
}

TEST_CASE("anchors work, alias bombs do not") {
  CHECK(yaml_to_json(*parse_yaml("a: &x {k: 1}\nb: *x\n", "c.yaml")) ==
        R"({"a":{"k":1},"b":{"k":1}})");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + last;
    for (int k = 0; k < 9; ++k)
      bomb += ", " + last;
    bomb += "]\n";
  }
  CHECK(refusal(bomb).ends_with("too many values, or nested too deeply"));
  CHECK(refusal("a: &a [*a]\n") != "(accepted)");
  CHECK(refusal(std::string(100'000, '[')) != "(accepted)");
  CHECK(refusal(std::string(100'000, '{')) != "(accepted)");
}

TEST_CASE("a tree becomes JSON with the kinds of its plain scalars") {
  const auto root = parse_yaml(
      "{i: 42, f: 1.10, t: true, n: null, tilde: ~, s: word, q: '42', e: '', oct: 010, y: yes, "
      "l: [1, \"a\\nb\", {}], m: {}}",
      "c.yaml");
  REQUIRE(root.has_value());
  CHECK(yaml_to_json(*root) ==
        R"({"i":42,"f":1.10,"t":true,"n":null,"tilde":null,"s":"word","q":"42","e":"",)"
        R"("oct":"010","y":"yes","l":[1,"a\nb",{}],"m":{}})");
}
