// SPDX-License-Identifier: MIT
#include "libcore/config/load.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

using core::Errc;
using namespace core::config;          // NOLINT(google-build-using-namespace): the subject
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using Texts = std::map<std::string, std::string>;

namespace {

constexpr auto k_queue_file = "/q/config.yaml";
constexpr auto k_user_file = "/home/u/.config/offkit/config.yaml";
constexpr auto k_system_file = "/etc/offkit/config.yaml";

Sources sources(Texts files, Texts environment = {}) {
  environment.emplace("HOME", "/home/u");
  Sources made;
  made.environment = [environment](std::string_view name) -> std::optional<std::string> {
    const auto found = environment.find(std::string(name));
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  made.read_file = [files](const std::string& path) -> core::Result<std::optional<std::string>> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  made.queue_directory = "/q";
  return made;
}

Config load(const std::string& text, const Texts& environment = {}) {
  auto config = load_config(sources({{k_queue_file, text}}, environment));
  CAPTURE(text);
  if (!config) FAIL(config.error().message);
  return *std::move(config);
}

std::vector<std::string> problems(const std::string& text, const Texts& environment = {}) {
  std::vector<std::string> messages;
  for (const auto& problem :
       examine_config(sources({{k_queue_file, text}}, environment)).problems) {
    CHECK(problem.code == Errc::config);
    messages.push_back(problem.message);
  }
  return messages;
}

Setting setting(const Config& config, std::string_view key) {
  const auto found = std::ranges::find(config.settings, key, &Setting::key);
  return found == config.settings.end() ? Setting{} : *found;
}

}  // namespace

TEST_CASE("without any file everything has its default") {
  const auto config = load_config(sources({}));
  REQUIRE(config.has_value());
  CHECK(config->queue.max_size.value == 100'000'000);
  CHECK(config->retry.cap == 1h);
  CHECK(config->endpoints.empty());
  CHECK(setting(*config, "sync.batch_size").value == "50");
  CHECK(setting(*config, "sync.batch_size").origin == "default");
  CHECK(config->settings.front().key == "queue.max_size");
}

TEST_CASE("a file sets every kind of value") {
  const Config config = load(R"(
queue:   {max_size: 2GB, max_ops: 10, max_payload: 1KiB, when_full: reject, keep_synced: 12h}
sync:    {enabled: false, concurrency: 2, batch_size: 3, on_head_failure: stop}
retry:   {max_attempts: 9, backoff: exponential, base: 500ms, cap: 5m}
order:   {critical: 100, recency: 50.5, small: {under: 2KB, score: -1}, fresh_share: 20%}
llm:     {primary: {provider: openai}}
)");
  CHECK(config.queue.max_size.value == 2'000'000'000);
  CHECK(config.queue.max_ops == 10);
  CHECK(config.queue.max_payload.value == 1024);
  CHECK(config.queue.keep_synced == 12h);
  CHECK_FALSE(config.sync.enabled);
  CHECK(config.sync.concurrency == 2);
  CHECK(config.sync.batch_size == 3);
  CHECK(config.sync.on_head_failure == OnHeadFailure::stop);
  CHECK(config.retry.max_attempts == 9);
  CHECK(config.retry.base == 500ms);
  CHECK(config.retry.cap == 5min);
  CHECK(config.order.critical == 100);
  CHECK(config.order.recency == 50.5);
  CHECK(config.order.small_under.value == 2000);
  CHECK(config.order.small_score == -1);
  CHECK(config.order.fresh_share == doctest::Approx(0.2));
}

TEST_CASE("a file sets the network and the budget") {
  const Config config = load(R"(
network:
  basic: [tcp://192.0.2.1:443, "dns://[2001:db8::53]?name=example.org", http://h/204#status=204]
  check: https://api.example.com/health
  need: 1
  interval: 30s
  interval_metered: 1h
  timeout: 500ms
  limited_is: online
  metered: yes
  ignore: usb*, wg?
  settle: 0
  passive: false
  hook_timeout: 1m
budget: {daily: 100MB, monthly: 1GB, rate: 50kbps, reserve: 20MB, cycle_day: 31, on: metered}
)");
  using Texts = std::vector<std::string>;
  CHECK(config.network.basic == Texts{"tcp://192.0.2.1:443",
                                      "dns://[2001:db8::53]?name=example.org",
                                      "http://h/204#status=204"});
  CHECK(config.network.check == Texts{"https://api.example.com/health"});
  CHECK(config.network.need == "1");
  CHECK(config.network.interval == 30s);
  CHECK(config.network.interval_metered == 1h);
  CHECK(config.network.timeout == 500ms);
  CHECK(config.network.limited_is == LimitedIs::online);
  CHECK(config.network.metered == MeteredSetting::yes);
  CHECK(config.network.ignore == Texts{"usb*", "wg?"});
  CHECK(config.network.settle == 0s);
  CHECK_FALSE(config.network.passive);
  CHECK(config.network.hook_timeout == 1min);
  CHECK(config.budget.daily->value == 100'000'000);
  CHECK(config.budget.monthly->value == 1'000'000'000);
  CHECK(config.budget.rate->value == 6250);
  CHECK(config.budget.reserve.value == 20'000'000);
  CHECK(config.budget.cycle_day == 31);
  CHECK(config.budget.on == BudgetOn::metered);
  CHECK(setting(config, "network.ignore").value == "usb*, wg?");
  CHECK(setting(config, "network.basic").origin == "/q/config.yaml:3");
}

TEST_CASE("a list is a sequence, one text, or none") {
  const Texts variables{{"NETWATCH_BASIC", "tcp://a:1 tcp://b:2,tcp://c:3"},
                        {"NETWATCH_BUDGET_DAILY", "5MB"}};
  CHECK(load("network: {basic: [tcp://x:9]}", variables).network.basic ==
        std::vector<std::string>{"tcp://a:1", "tcp://b:2", "tcp://c:3"});
  CHECK(load("", variables).budget.daily->value == 5'000'000);
  for (const auto* empty : {"network: {basic: []}", "network: {basic: none}"}) {
    const auto none = load_config(
        sources({{k_user_file, "network: {basic: [tcp://x:9]}"}, {k_queue_file, empty}}));
    REQUIRE(none.has_value());
    CHECK(none->network.basic.empty());
    CHECK(setting(*none, "network.basic").value == "none");
    CHECK(setting(*none, "network.basic").origin == "/q/config.yaml:1");
  }
}

TEST_CASE("a wrong item of a list is named with its own line, and none of it counts") {
  const std::string text = "network:\n  basic:\n    - tcp://a:1\n    - ftp://b\n    - [c]\n";
  CHECK(problems(text) ==
        std::vector<std::string>{
            "/q/config.yaml:4: network.basic: not an endpoint: 'ftp://b': it is tcp://HOST:PORT, "
            "dns://ADDRESS or http://HOST[:PORT]/PATH",
            "/q/config.yaml:5: network.basic: one value is expected here"});
  CHECK(examine_config(sources({{k_queue_file, text}})).config.network.basic.empty());
}

TEST_CASE("what contradicts another setting is taken back") {
  const auto loaded = examine_config(
      sources({{k_queue_file, "network: {need: 2}\nbudget: {reserve: 2MB, monthly: 1MB}"},
               {k_user_file, "network: {check: [http://a/]}"}}));
  REQUIRE(loaded.problems.size() == 2);
  CHECK(loaded.problems[0].message == "/q/config.yaml:1: network.need: 2, and network.check has 1");
  CHECK(loaded.problems[1].message ==
        "/q/config.yaml:2: budget.reserve: more than the limit that it is part of");
  CHECK(loaded.config.network.need == "any");
  CHECK(loaded.config.budget.reserve.value == 0);
}

TEST_CASE("endpoints and types are read with their maps") {
  const Config config = load(R"(
endpoints:
  api:
    url: https://api.example.com
    headers: {Authorization: "Bearer ${env:API_TOKEN}", X-B: 2}
    timeout: 5s
    connect_timeout: 1s
    concurrency: 3
    insecure: true
    expect: {status: 200, json: {/ok: true}}
    http_version: 2
types:
  skill:
    deliver: http
    endpoint: api
    path: "/skills/{{payload.id}}"
    method: POST
    methods: {add: POST, update: PUT}
    headers: {X-T: t}
    expect: {status: [200, 201]}
    max_attempts: 2
  bare:
)");
  const auto& api = config.endpoints.at("api");
  CHECK(api.url == "https://api.example.com");
  CHECK(api.headers == std::vector<std::pair<std::string, std::string>>{
                           {"Authorization", "Bearer ${env:API_TOKEN}"}, {"X-B", "2"}});
  CHECK(api.timeout == 5s);
  CHECK(api.connect_timeout == 1s);
  CHECK(api.concurrency == 3);
  CHECK(api.tls == TlsCheck::none);
  CHECK(api.expect == R"({"status":200,"json":{"/ok":true}})");
  CHECK(api.http_version == "2");
  const auto& skill = config.types.at("skill");
  CHECK(skill.endpoint == "api");
  CHECK(skill.path == "/skills/{{payload.id}}");
  CHECK(skill.method == "POST");
  CHECK(skill.methods == std::map<std::string, std::string>{{"add", "POST"}, {"update", "PUT"}});
  CHECK(skill.headers.size() == 1);
  CHECK(skill.expect == R"({"status":[200,201]})");
  CHECK(skill.max_attempts == 2);
  CHECK_FALSE(config.types.at("bare").max_attempts.has_value());
  CHECK(setting(config, "endpoints.api.concurrency").origin == "/q/config.yaml:8");
  CHECK(setting(config, "types.skill.methods").value == R"({"add":"POST","update":"PUT"})");
}

TEST_CASE("the nearest source wins, key by key") {
  const auto config = load_config(sources(
      {{k_system_file,
        "sync: {concurrency: 1, batch_size: 1}\nretry: {max_attempts: 1}\n"
        "endpoints: {api: {url: http://system, timeout: 1s, concurrency: 2}}\n"},
       {k_user_file,
        "sync: {concurrency: 2, batch_size: 2}\nendpoints: {api: {timeout: 2s}, b: {url: "
        "http://b}}"},
       {k_queue_file, "sync: {concurrency: 3}\nendpoints: {api: {url: http://queue}}"}},
      {{"OFFQ_SYNC_ENABLED", "false"}, {"OFFQ_SYNC_CONCURRENCY", "4"}, {"OFFQ_RETRY_CAP", ""}}));
  REQUIRE(config.has_value());
  CHECK(config->sync.concurrency == 4);
  CHECK(setting(*config, "sync.concurrency").origin == "OFFQ_SYNC_CONCURRENCY");
  CHECK_FALSE(config->sync.enabled);
  CHECK(config->sync.batch_size == 2);
  CHECK(setting(*config, "sync.batch_size").origin == std::string(k_user_file) + ":1");
  CHECK(config->retry.max_attempts == 1);
  CHECK(config->retry.cap == 1h);
  CHECK(config->endpoints.at("api").url == "http://queue");
  CHECK(config->endpoints.at("api").timeout == 2s);
  CHECK(config->endpoints.at("api").concurrency == 2);
  CHECK(config->endpoints.contains("b"));
}

TEST_CASE("settings are listed in the table's order, then endpoints, then types") {
  const Config config = load(
      "types: {t: {endpoint: b}}\nendpoints: {b: {url: http://b}, a: {url: http://a}}\n"
      "queue: {max_ops: 5}\n");
  std::vector<std::string> tail;
  for (auto at = config.settings.end() - 3; at != config.settings.end(); ++at)
    tail.push_back(at->key);
  CHECK(config.settings[1].key == "queue.max_ops");
  CHECK(tail == std::vector<std::string>{"endpoints.a.url", "endpoints.b.url", "types.t.endpoint"});
}

TEST_CASE("a long name is cut in messages only") {
  const std::string type(64, 't');
  const std::string endpoint(100, 'e');
  const std::string known = "endpoints: {" + endpoint + ": {url: http://e}}\n";

  const Config config = load(known + "types: {" + type + ": {endpoint: " + endpoint + "}}\n");
  CHECK(setting(config, "types." + type + ".endpoint").value == endpoint);
  CHECK(setting(config, "endpoints." + endpoint + ".url").value == "http://e");

  const auto found = problems(known + "types: {" + type + ": {endpoint: f}}\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0] ==
        std::string(k_queue_file) + ":2: types." + type + ".endpoint: no such endpoint: 'f'");
  CHECK(problems("endpoints: {" + endpoint + ": {url: 1, tls: 2}}").front().size() < 200);
}

TEST_CASE("the size limit of the predecessor is a fallback below files") {
  const Texts old{{"CEMAF_OFFLINE_MAX_QUEUE_MB", "7"}};
  CHECK(load("", old).queue.max_size.value == 7'000'000);
  CHECK(setting(load("", old), "queue.max_size").origin == "CEMAF_OFFLINE_MAX_QUEUE_MB");
  CHECK(load("queue: {max_size: 1MB}", old).queue.max_size.value == 1'000'000);
  CHECK(problems("", {{"CEMAF_OFFLINE_MAX_QUEUE_MB", "lots"}}) ==
        std::vector<std::string>{"CEMAF_OFFLINE_MAX_QUEUE_MB: not a number: 'lots'"});
}

TEST_CASE("batch: without members has the defaults, and files add to each other's members") {
  const auto empty = load_config(sources({{k_queue_file, "types: {t: {batch: {}}, u: {}}"}}));
  REQUIRE(empty.has_value());
  REQUIRE(empty->types.at("t").batch.has_value());
  CHECK(empty->types.at("t").batch->max_ops == 500);
  CHECK_FALSE(empty->types.at("u").batch.has_value());
  CHECK(setting(*empty, "types.t.batch").value == "{}");

  const auto both = load_config(
      sources({{k_user_file, "types: {t: {batch: {max_ops: 7, format: ndjson, wrap: operation}}}"},
               {k_queue_file, "types: {t: {batch: {max_ops: 9, verdict: each, results: /a}}}"}}));
  REQUIRE(both.has_value());
  const auto& batch = *both->types.at("t").batch;
  CHECK(batch.max_ops == 9);
  CHECK(batch.format == BatchFormat::ndjson);
  CHECK(batch.wrap == BatchWrap::operation);
  CHECK(batch.verdict == BatchVerdict::each);
  CHECK(batch.results == "/a");
  CHECK(setting(*both, "types.t.batch.max_ops").origin == std::string(k_queue_file) + ":1");
}

TEST_CASE("what is wrong is named with file, line, key and a hint") {
  const std::pair<std::string, std::string> rows[] = {
      {"\nquue: {max_size: 1}", "2: unknown key 'quue': did you mean 'queue'?"},
      {"queue:\n  max_sise: 1", "2: unknown key 'queue.max_sise': did you mean 'queue.max_size'?"},
      {"order: {small: {undr: 1}}",
       "1: unknown key 'order.small.undr': did you mean 'order.small.under'?"},
      {"endpoint: {}", "1: unknown key 'endpoint': did you mean 'endpoints'?"},
      {"frobnicate: 1", "1: unknown key 'frobnicate'"},
      {"budgets: 1", "1: unknown key 'budgets': did you mean 'budget'?"},
      {"\n\nsync: {concurrency: x}", "3: sync.concurrency: not a number: 'x'"},
      {"sync: {concurrency: 0}", "1: sync.concurrency: not between 1 and 10000: '0'"},
      {"sync: {concurrency: -1}", "1: sync.concurrency: not a number: '-1'"},
      {"sync: {concurrency: }", "1: sync.concurrency: no value"},
      {"sync: {concurrency: [1]}", "1: sync.concurrency: one value is expected here"},
      {"sync: {enabled: maybe}", "1: sync.enabled: not true or false: 'maybe'"},
      {"sync: {on_head_failure: go}", "1: sync.on_head_failure: not continue or stop: 'go'"},
      {"sync: 5", "1: sync: a map is expected here"},
      {"network: {basic: https://a/}",
       "1: network.basic: https:// belongs to network.check: 'https://a/'"},
      {"network: {basic: tcp://a}",
       "1: network.basic: not an endpoint: 'tcp://a': it needs a port"},
      {"network: {basic: tcp://:1}",
       "1: network.basic: not an endpoint: 'tcp://:1': URL refused: "},
      {"network: {basic: dns://resolver.example}",
       "1: network.basic: not an endpoint: 'dns://resolver.example': a DNS server is named"},
      {"network: {basic: ['tcp://a:1 tcp://b:1']}",
       "1: network.basic: an item with a blank or comma"},
      {"network: {basic: [none]}", "1: network.basic: not an item of a list: 'none'"},
      {"network: {check: ftp://a/}", "1: network.check: URL refused: "},
      {"network: {need: most}", "1: network.need: not any, all or 1 to 32: 'most'"},
      {"network: {interval: 1ms}", "1: network.interval: must be 1s or more: '1ms'"},
      {"network: {ignore: [a/b]}", "1: network.ignore: not a pattern of interfaces"},
      {"network: {metered: perhaps}", "1: network.metered: not auto, yes or no: 'perhaps'"},
      {"network: {intervale: 1s}",
       "1: unknown key 'network.intervale': did you mean 'network.interval'?"},
      {"budget: {daily: lots}", "1: budget.daily: not a size: 'lots'"},
      {"budget: {rate: 0}", "1: budget.rate: must be 1 or more: '0'"},
      {"budget: {rate: 5kBps}", "1: budget.rate: not a rate: '5kBps'"},
      {"budget: {cycle_day: 32}", "1: budget.cycle_day: not between 1 and 31: '32'"},
      {"sync.concurrency: 5", "1: unknown key 'sync.concurrency'"},
      {"queue: {max_size: big}", "1: queue.max_size: not a size: 'big'"},
      {"retry: {base: 5}", "1: retry.base: not a duration: '5'"},
      {"order: {fresh_share: 120%}", "1: order.fresh_share: not between 0% and 100%: '120%'"},
      {"order: {critical: nan}", "1: order.critical: not a number: 'nan'"},
      {"[1]", "1: not a map of settings"},
      {"word", "1: not a map of settings"},
      {"endpoints: 5", "1: endpoints: a map is expected here"},
      {"endpoints: {a: 5}", "1: endpoints.a: a map is expected here"},
      {"endpoints: {a: {url: ftp://x}}", "1: endpoints.a.url: not an http or https URL: 'ftp://x'"},
      {"endpoints: {a: {url: \"http:///x\"}}", "1: endpoints.a.url: URL without a host"},
      {"endpoints: {a: {url: \"http://u@:80/\"}}", "1: endpoints.a.url: URL without a host"},
      {"endpoints: {a: {url: \"http://x/?k=1\"}}",
       "1: endpoints.a.url: URL with a query or fragment: paths are appended to it"},
      {"endpoints: {a: {url: \"http://x#f\"}}",
       "1: endpoints.a.url: URL with a query or fragment: paths are appended to it"},
      {"endpoints: {a: {url: http://x, timeout: 0}}",
       "1: endpoints.a.timeout: must be 1ms or more: '0'"},
      {"endpoints: {a: {url: http://x, connect_timeout: 0.5ms}}",
       "1: endpoints.a.connect_timeout: must be 1ms or more: '0.5ms'"},
      {"endpoints: {a: {url: http://x, timeot: 1}}",
       "1: unknown key 'endpoints.a.timeot': did you mean 'endpoints.a.timeout'?"},
      {"endpoints: {a: {url: http://x, headers: [1]}}",
       "1: endpoints.a.headers: a map is expected here"},
      {"endpoints: {a: {url: http://x, headers: {\"a b\": 1}}}",
       "1: endpoints.a.headers: not a header name: 'a b'"},
      {"endpoints: {a: {url: http://x, headers: {A: \"x\\ny\"}}}",
       "1: endpoints.a.headers: header A: control character in the value"},
      {"endpoints: {a: {url: http://x, http_version: 3}}",
       "1: endpoints.a.http_version: not 1.1 or 2: '3'"},
      {"types: {Bad: {}}", "1: types.Bad: only a-z, 0-9, _, . and - are allowed: 'Bad'"},
      {"types: {t: {batch: 5}}", "1: types.t.batch: a map is expected here"},
      {"types: {t: {batch: {max_ops: 0}}}",
       "1: types.t.batch.max_ops: not between 1 and 10000: '0'"},
      {"types: {t: {batch: {max_size: 0}}}", "1: types.t.batch.max_size: must be 1 or more"},
      {"types: {t: {batch: {format: xml}}}",
       "1: types.t.batch.format: not json-array or ndjson: 'xml'"},
      {"types:\n  t:\n    batch:\n      max_op: 5",
       "4: unknown key 'types.t.batch.max_op': did you mean 'types.t.batch.max_ops'?"},
      {"types: {t: {batch: {verdict: each, results: items}}}",
       "1: types.t.batch.results: not a JSON pointer, as in /items: 'items'"},
      {"types:\n  t:\n    batch: {results: /a}",
       "3: types.t.batch.results: nothing is read there without verdict: each"},
      {"types:\n  t:\n    method: GET\n    batch: {}",
       "3: types.t.batch: operations cannot share a GET, which has no body"},
      {"types: {t: {mapping: m.json}}", "1: types.t.mapping: not supported by this version"},
      {"types: {t: {deliver: exec}}",
       "1: types.t.deliver: 'exec' is not supported by this version"},
      {"types: {t: {deliver: pigeon}}", "1: types.t.deliver: unknown deliverer 'pigeon'"},
      {"types: {t: {method: \"GE T\"}}", "1: types.t.method: not an HTTP method: 'GE T'"},
      {"types: {t: {methods: {add: \"\"}}}", "1: types.t.methods: add: not an HTTP method: ''"},
      {"endpoints: {api: {url: http://x}}\ntypes: {t: {endpoint: apu}}",
       "2: types.t.endpoint: no such endpoint: 'apu': did you mean 'api'?"},
      {"a: 1\nb: [", "2: "},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    const auto found = problems(text);
    REQUIRE(found.size() == 1);
    CAPTURE(found.front());
    CHECK(found.front().starts_with("/q/config.yaml:" + message));
  }
  CHECK(problems("endpoints: {a: {timeout: 1s}}") ==
        std::vector<std::string>{"endpoints.a: url: missing"});
  CHECK(problems("", {{"OFFQ_SYNC_CONCURRENCY", "x"}}) ==
        std::vector<std::string>{"OFFQ_SYNC_CONCURRENCY: not a number: 'x'"});
}

TEST_CASE("a placeholder of a path that has no end is a mistake in the file") {
  CHECK(problems("types:\n  a:\n    path: /x/{{payload.id}\n") ==
        std::vector<std::string>{
            "/q/config.yaml:3: types.a.path: '{{' without '}}': '/x/{{payload.id}'"});
  CHECK(problems("types: {a: {path: '/{{id}}/{{type'}}").size() == 1);
  CHECK(problems("types: {a: {path: '/{{id}}/{{type}}/}}{'}}").empty());
}

TEST_CASE("every problem is reported, and the rest is still read") {
  const auto loaded =
      examine_config(sources({{k_queue_file, "sync: {concurrency: x, batch_size: 5}\nfoo: 1\n"},
                              {k_user_file, "retry: {cap: never}\n"},
                              {k_system_file, "\x01\xff"}},
                             {{"OFFQ_RETRY_BASE", "soon"}}));
  CHECK(loaded.problems.size() == 5);
  CHECK(loaded.config.sync.batch_size == 5);
  CHECK(loaded.config.sync.concurrency == 16);
  const auto refused = load_config(sources({{k_queue_file, "a: 1\nb: 1\n"}}));
  CHECK(refused.error().code == Errc::config);
  CHECK(refused.error().message ==
        "/q/config.yaml:1: unknown key 'a' (and 1 more: see config check)");
}

TEST_CASE("files are looked for where the XDG specification says") {
  using Files = std::vector<std::string>;
  CHECK(config_files(sources({})) == Files{k_queue_file, k_user_file, k_system_file});
  CHECK(config_files(sources({}, {{"XDG_CONFIG_HOME", "/x"}})) ==
        Files{k_queue_file, "/x/offkit/config.yaml", k_system_file});
  CHECK(config_files(sources({}, {{"XDG_CONFIG_HOME", "relative"}})) ==
        Files{k_queue_file, k_user_file, k_system_file});
  auto bare = sources({}, {{"HOME", ""}});
  bare.environment = [](std::string_view) { return std::nullopt; };
  bare.queue_directory.clear();
  CHECK(config_files(bare) == Files{k_system_file});
}

TEST_CASE("a real file is read, a missing one is fine, anything else is a mistake") {
  std::string directory = (std::filesystem::temp_directory_path() / "config-XXXXXX").string();
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  const std::string file = directory + "/config.yaml";
  std::ofstream(file) << "sync: {}\n";
  std::filesystem::create_symlink(file, directory + "/link");
  std::filesystem::create_symlink(directory + "/nowhere", directory + "/dangling");
  REQUIRE(::mkfifo((directory + "/fifo").c_str(), 0600) == 0);
  std::ofstream(directory + "/large") << std::string((1U << 20U) + 1, '#');

  CHECK(read_config_file(file)->value() == "sync: {}\n");
  CHECK(read_config_file(directory + "/link")->value() == "sync: {}\n");
  CHECK_FALSE(read_config_file(directory + "/missing")->has_value());
  CHECK_FALSE(read_config_file(directory + "/dangling")->has_value());
  CHECK_FALSE(read_config_file(file + "/below")->has_value());
  CHECK(read_config_file(directory).error().message == directory + ": not a regular file");
  CHECK(read_config_file(directory + "/fifo").error().code == Errc::config);
  CHECK(read_config_file(directory + "/large").error().message.ends_with("larger than 1 MiB"));

  std::filesystem::remove_all(directory);
}

TEST_CASE("a variable that looks like a setting and names none is an error") {
  auto from = sources({}, {{"OFFQ_ID", "1"}});
  from.names = [] {
    return std::vector<std::string>{"OFFQ_QUEUE_MAX", "NETWATCH_NEDE", "OFFQ_ID", "PATH"};
  };
  CHECK(examine_config(from).problems.empty());  // what is empty is unset

  from.environment = [](std::string_view) { return std::optional<std::string>("1"); };
  std::vector<std::string> messages;
  for (const auto& problem : examine_config(from).problems) {
    if (problem.message.find("no setting") != std::string::npos) {
      messages.push_back(problem.message);
    }
  }
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == "NETWATCH_NEDE: no setting is called so: did you mean 'NETWATCH_NEED'?");
  CHECK(messages[1].starts_with("OFFQ_QUEUE_MAX: no setting is called so"));
}
