// SPDX-License-Identifier: MIT
#include "libcore/netstate/scenario.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/yaml.hpp"
#include "libcore/net/url.hpp"

namespace core::netstate {
namespace {

using codec::YamlKind;
using codec::YamlNode;

constexpr Duration k_longest = std::chrono::hours{24 * 366};
constexpr std::size_t k_most_events = 100'000;

// --- scalars ---

tl::unexpected<Error> bad(const YamlNode& node, std::string_view wanted) {
  return fail(Errc::config,
              fmt::format("{}: '{}' is not {}", node.key, printable(node.text, 60), wanted));
}

template <typename Enum>
Result<> read(const YamlNode& node, Enum& value) {
  const auto known = value_of<Enum>(node.text);
  if (node.kind != YamlKind::scalar || !known) return bad(node, list_names<Enum>());
  value = *known;
  return {};
}

Result<> read(const YamlNode& node, Duration& value) {
  const auto span = parse_duration(node.text);
  if (node.kind != YamlKind::scalar || !span) return bad(node, "a span as 500ms, 30s, 5m, 2h");
  if (*span > k_longest) return bad(node, "a year at most");
  value = *span;
  return {};
}

Result<> read(const YamlNode& node, std::string& value) {
  if (node.kind != YamlKind::scalar || node.text.empty()) return bad(node, "a word");
  value = node.text;
  return {};
}

Result<> read_percent(const YamlNode& node, double& value) {
  const auto digits = node.text.ends_with('%')
                          ? std::string_view(node.text).substr(0, node.text.size() - 1)
                          : std::string_view{};
  const auto number = parse_unsigned(digits);
  if (!number || *number > 100) return bad(node, "a share as 20%");
  value = static_cast<double>(*number) / 100;
  return {};
}

// A list of words; "none" is the empty one, and one word may stand alone.
Result<> read_words(const YamlNode& node, std::vector<std::string>& words) {
  words.clear();
  if (node.kind == YamlKind::scalar) {
    if (node.text != "none") words.push_back(node.text);
    return {};
  }
  if (node.kind != YamlKind::sequence) return bad(node, "a list");
  for (const auto& item : node.children) {
    if (item.kind != YamlKind::scalar) return bad(node, "a list of words");
    words.push_back(item.text);
  }
  return {};
}

Result<> read_families(const YamlNode& node, std::array<bool, 2>& has) {
  std::vector<std::string> words;
  TRY(read_words(node, words));
  has = {};
  for (const auto& word : words) {
    const auto family = value_of<Family>(word);
    if (!family) return bad(node, "v4, v6 or none");
    has[static_cast<std::size_t>(*family)] = true;
  }
  return {};
}

// --- what happens ---

Result<> read_api(const YamlNode& node, World& world) {
  using net::ProbeOutcome;
  if (const auto status = parse_unsigned(node.text)) {
    if (*status < 100 || *status > 599) return bad(node, "a status of HTTP");
    world.api_status = static_cast<int>(*status);
    world.api = *status == 429   ? ProbeOutcome::throttled
                : *status == 511 ? ProbeOutcome::wrong_answer
                : *status >= 500 ? ProbeOutcome::server_error
                : *status >= 400 ? ProbeOutcome::turned_away
                                 : ProbeOutcome::answered;
    return {};
  }
  constexpr std::array k_failures{ProbeOutcome::timeout, ProbeOutcome::tls, ProbeOutcome::refused,
                                  ProbeOutcome::certificate_time, ProbeOutcome::dns_no_name};
  const auto failure = value_of<ProbeOutcome>(node.text);
  if (!failure || std::ranges::find(k_failures, *failure) == k_failures.end()) {
    return bad(node, "a status of HTTP, timeout, tls, refused, certificate-time or dns-no-name");
  }
  world.api = *failure;
  world.api_status = 0;
  return {};
}

Result<> read_traffic(const YamlNode& node, World& world) {
  world.traffic.reset();
  if (node.text == "none") return {};
  Duration every{};
  TRY(read(node, every));
  if (every < std::chrono::milliseconds{100}) return bad(node, "100ms or more");
  world.traffic = every;
  return {};
}

Result<> read_ask(const YamlNode& node, Event& event) {
  if (node.text != "now") return bad(node, "now");
  event.is_asked = true;
  return {};
}

struct Key {
  std::string_view name;
  Result<> (*read)(const YamlNode& node, Event& event);
};

template <auto Field>
Result<> world_key(const YamlNode& node, Event& event) {
  return read(node, event.world.*Field);
}

// In the order of the page.
constexpr Key k_keys[] = {
    {"link", world_key<&World::link>},
    {"address", [](const YamlNode& n, Event& e) { return read_families(n, e.world.has_address); }},
    {"route", [](const YamlNode& n, Event& e) { return read_families(n, e.world.has_route); }},
    {"interface", world_key<&World::interface>},
    {"gateway", world_key<&World::gateway>},
    {"upstream", world_key<&World::upstream>},
    {"black_hole",
     [](const YamlNode& n, Event& e) { return read_families(n, e.world.is_black_hole); }},
    {"loss", [](const YamlNode& n, Event& e) { return read_percent(n, e.world.loss); }},
    {"rtt", world_key<&World::rtt>},
    {"silent", [](const YamlNode& n, Event& e) { return read_words(n, e.world.silent); }},
    {"portal", world_key<&World::portal>},
    {"dns", world_key<&World::dns>},
    {"api", [](const YamlNode& n, Event& e) { return read_api(n, e.world); }},
    {"traffic", [](const YamlNode& n, Event& e) { return read_traffic(n, e.world); }},
    {"metered", world_key<&World::metered>},
    {"clock", world_key<&World::clock>},
    {"sleep", [](const YamlNode& n, Event& e) { return read(n, e.sleep); }},
    {"sibling", [](const YamlNode& n, Event& e) { return read(n, e.sibling); }},
    {"ask", read_ask},
};

// --- settings ---

Result<> read_endpoints(const YamlNode& node, Scenario& scenario) {
  std::vector<std::string> words;
  TRY(read_words(node, words));
  for (const auto& word : words) {
    TRY_ASSIGN(auto target, net::parse_probe_target(word));
    scenario.basic.push_back(std::move(target));
  }
  return {};
}

Result<> read_urls(const YamlNode& node, Scenario& scenario) {
  TRY(read_words(node, scenario.check));
  for (const auto& url : scenario.check)
    TRY(net::parse_url(url));
  return {};
}

Result<> read_need(const YamlNode& node, Quorum& quorum) {
  if (node.text == "any" || node.text == "all") {
    quorum.kind = node.text == "any" ? Quorum::Kind::any : Quorum::Kind::all;
    return {};
  }
  const auto count = parse_unsigned(node.text);
  if (!count || *count == 0 || *count > 100) return bad(node, "any, all or a number");
  quorum = {.kind = Quorum::Kind::count, .count = static_cast<int>(*count)};
  return {};
}

struct Setting {
  std::string_view name;
  Result<> (*read)(const YamlNode& node, Scenario& scenario);
};

template <auto Field>
Result<> timing_setting(const YamlNode& node, Scenario& scenario) {
  TRY(read(node, scenario.timing.*Field));
  if (scenario.timing.*Field < std::chrono::milliseconds{100}) return bad(node, "100ms or more");
  return {};
}

// Those of network.* that the verdict depends on.
constexpr Setting k_settings[] = {
    {"basic", read_endpoints},
    {"check", read_urls},
    {"need", [](const YamlNode& n, Scenario& s) { return read_need(n, s.policy.quorum); }},
    {"interval", timing_setting<&Timing::interval>},
    {"interval_metered", timing_setting<&Timing::interval_metered>},
    {"timeout", timing_setting<&Timing::patience>},
    {"limited_is", [](const YamlNode& n, Scenario& s) { return read(n, s.policy.limited_is); }},
    {"settle", timing_setting<&Timing::settle>},
};

// --- the whole ---

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Result<Scenario> scenario(const YamlNode& root) {
    Scenario scenario;
    Event begin;
    if (root.kind != YamlKind::map) return at(root, "not a map");
    for (const auto& node : root.children) {
      TRY(member(node, scenario, begin));
    }
    scenario.policy.basic_endpoints = static_cast<int>(scenario.basic.size());
    scenario.policy.api_endpoints = static_cast<int>(scenario.check.size());
    scenario.events.insert(scenario.events.begin(), begin);
    TRY(events(root, scenario));
    return scenario;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> at(const YamlNode& node, std::string_view message) const {
    return fail(Errc::config, fmt::format("{}:{}: {}", file_, std::max(node.line, 1), message));
  }
  tl::unexpected<Error> unknown(const YamlNode& node, std::span<const std::string_view> names,
                                std::string_view what) const {
    const auto near = nearest(node.key, names);
    return at(node, fmt::format("unknown {}: '{}'{}", what, printable(node.key, 60),
                                near ? fmt::format(": did you mean {}?", *near) : ""));
  }

  template <typename Table, typename Target>
  Result<> by_table(const YamlNode& node, const Table& table, Target& target,
                    std::string_view what) const {
    std::vector<std::string_view> names;
    for (const auto& entry : table) {
      names.push_back(entry.name);
      if (entry.name != node.key) continue;
      const auto outcome = entry.read(node, target);
      if (!outcome) return at(node, outcome.error().message);
      return {};
    }
    return unknown(node, names, what);
  }

  Result<> member(const YamlNode& node, Scenario& scenario, Event& begin) {
    if (node.key == "for") {
      const auto outcome = read(node, scenario.length);
      if (!outcome) return at(node, outcome.error().message);
      return {};
    }
    if (node.key == "events") return {};
    if (node.key != "network" && node.key != "start") {
      constexpr std::string_view k_members[] = {"for", "network", "start", "events"};
      return unknown(node, k_members, "member");
    }
    if (node.kind == YamlKind::null) return {};
    if (node.kind != YamlKind::map) {
      return at(node, node.key + ": not a map");
    }
    for (const auto& child : node.children) {
      if (node.key == "network") TRY(by_table(child, k_settings, scenario, "setting"));
      if (node.key == "start") TRY(by_table(child, k_keys, begin, "change"));
    }
    return {};
  }

  Result<> events(const YamlNode& root, Scenario& scenario) const {
    const auto found = std::ranges::find(root.children, "events", &YamlNode::key);
    if (found == root.children.end() || found->kind == YamlKind::null) return {};
    if (found->kind != YamlKind::sequence || found->children.size() > k_most_events) {
      return at(*found, "events: not a list");
    }
    for (const auto& node : found->children) {
      TRY(event(node, scenario));
    }
    return {};
  }

  Result<> event(const YamlNode& node, Scenario& scenario) const {
    Event event{.at = {}, .world = scenario.events.back().world};
    bool has_time = false;
    if (node.kind != YamlKind::map) {
      return at(node, "an event is a map with at");
    }
    for (const auto& child : node.children) {
      if (child.key != "at") {
        TRY(by_table(child, k_keys, event, "change"));
        continue;
      }
      const auto outcome = read(child, event.at);
      if (!outcome) return at(child, outcome.error().message);
      has_time = true;
    }
    if (!has_time) return at(node, "an event without at");
    if (event.at < scenario.events.back().at) {
      return at(node, "events are not in the order of time");
    }
    scenario.events.push_back(std::move(event));
    return {};
  }

  std::string_view file_;
};

}  // namespace

Ladder World::ladder() const {
  Ladder ladder;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    auto& rungs = ladder[i];
    const auto seen = [](bool yes) { return yes ? Seen::yes : Seen::no; };
    rungs.link = seen(link == Link::up);
    rungs.addr = seen(link == Link::up && has_address[i]);
    rungs.route = seen(rungs.addr == Seen::yes && has_route[i]);
    if (rungs.route == Seen::no) continue;
    rungs.interface = interface;
    rungs.gateway = gateway;
  }
  return ladder;
}

Result<Scenario> parse_scenario(std::string_view text, std::string_view file) {
  TRY_ASSIGN(const auto root, codec::parse_yaml(text, file));
  return Reader(file).scenario(root);
}

}  // namespace core::netstate
