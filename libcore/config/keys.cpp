// SPDX-License-Identifier: MIT
#include "libcore/config/keys.hpp"

#include <algorithm>
#include <array>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/json_pointer.hpp"
#include "libcore/config/network_values.hpp"
#include "libcore/config/value_text.hpp"

namespace core::config {
namespace {

using codec::YamlKind;
using codec::YamlNode;

template <auto Section, auto Field>
Result<> set(Config& config, std::string_view text) {
  return read(text, config.*Section.*Field);
}

// "20%" or "0.2".
Result<> set_fresh_share(Config& config, std::string_view text) {
  const bool percent = text.ends_with('%');
  double share = 0;
  TRY(read(percent ? text.substr(0, text.size() - 1) : text, share));
  if (percent) share /= 100;
  if (share < 0 || share > 1) return refuse("not between 0% and 100%: '" + std::string(text) + "'");
  config.order.fresh_share = share;
  return {};
}

// A watcher that looks at everything all the time would be busy with nothing else.
Result<> set_interval(Config& config, std::string_view text) {
  Duration interval{};
  TRY(read(text, interval));
  if (interval < std::chrono::seconds{1}) {
    return refuse("must be 1s or more: '" + printable(text, 60) + "'");
  }
  config.sync.interval = interval;
  return {};
}

// --- nodes -> members of entries ---

Result<std::string> scalar(const YamlNode& node) {
  if (node.kind == YamlKind::null) return refuse("no value");
  if (node.kind != YamlKind::scalar) return refuse("one value is expected here");
  return node.text;
}

// libcurl counts milliseconds and takes none for "no limit", which nobody should get by rounding.
template <auto Field>
Result<> set_limit(Endpoint& endpoint, const YamlNode& node) {
  TRY_ASSIGN(const auto text, scalar(node));
  Duration limit{};
  TRY(read(text, limit));
  if (limit < std::chrono::milliseconds{1}) {
    return refuse("must be 1ms or more: '" + printable(text, 60) + "'");
  }
  endpoint.*Field = limit;
  return {};
}

template <typename Entry, auto Field>
Result<> set_member(Entry& entry, const YamlNode& node) {
  TRY_ASSIGN(const auto text, scalar(node));
  return read(text, entry.*Field);
}

// What would otherwise be told of each operation, when it is to be sent.
Result<> set_path(TypeRoute& route, const YamlNode& node) {
  TRY_ASSIGN(auto text, scalar(node));
  for (auto open = text.find("{{"); open != std::string::npos; open = text.find("{{", open)) {
    open = text.find("}}", open);
    if (open == std::string::npos)
      return refuse("'{{' without '}}': '" + printable(text, 60) + "'");
  }
  route.path = std::move(text);
  return {};
}

Result<> expect_map(const YamlNode& node) {
  if (node.kind != YamlKind::map) return refuse("a map is expected here");
  return {};
}

template <typename Entry>
Result<> set_headers(Entry& entry, const YamlNode& node) {
  TRY(expect_map(node));
  std::vector<codec::Header> headers;
  for (const auto& child : node.children) {
    auto value = scalar(child);
    if (!value) return wrap(child.key, std::move(value).error());
    codec::Header header{child.key, *std::move(value)};
    if (auto checked = codec::check_header(header); !checked) {
      return refuse(std::move(checked).error().message);
    }
    headers.push_back(std::move(header));
  }
  entry.headers = std::move(headers);
  return {};
}

template <typename Entry>
Result<> set_expect(Entry& entry, const YamlNode& node) {
  TRY(expect_map(node));
  entry.expect = codec::yaml_to_json(node);
  return {};
}

Result<> set_url(Endpoint& endpoint, const YamlNode& node) {
  TRY_ASSIGN(auto url, scalar(node));
  const auto lower = to_lower(url);
  if (!lower.starts_with("http://") && !lower.starts_with("https://")) {
    return refuse("not an http or https URL: '" + printable(url) + "'");
  }
  const std::string_view place = std::string_view(url).substr(url.find("://") + 3);
  // Of "user@host:port".
  auto host = place.substr(0, place.find_first_of("/?#"));
  host.remove_prefix(host.rfind('@') + 1);  // npos + 1 is 0
  if (host.empty() || host.front() == ':') return refuse("URL without a host");
  if (place.find_first_of("?#") != std::string_view::npos) {
    return refuse("URL with a query or fragment: paths are appended to it");
  }
  endpoint.url = std::move(url);
  return {};
}

Result<> set_insecure(Endpoint& endpoint, const YamlNode& node) {
  TRY_ASSIGN(const auto text, scalar(node));
  bool insecure = false;
  TRY(read(text, insecure));
  endpoint.tls = insecure ? TlsCheck::none : TlsCheck::strict;
  return {};
}

Result<> set_http_version(Endpoint& endpoint, const YamlNode& node) {
  TRY_ASSIGN(auto version, scalar(node));
  if (version != "1.1" && version != "2") {
    return refuse("not 1.1 or 2: '" + printable(version, 60) + "'");
  }
  endpoint.http_version = std::move(version);
  return {};
}

Result<> set_deliver(TypeRoute& route, const YamlNode& node) {
  TRY_ASSIGN(const auto text, scalar(node));
  if (read(text, route.deliver)) return {};
  constexpr std::array<std::string_view, 4> k_planned{"upload", "exec", "filter", "relay"};
  if (std::ranges::find(k_planned, text) != k_planned.end()) {
    return refuse("'" + text + "' is not supported by this version");
  }
  return refuse("unknown deliverer '" + printable(text, 60) + "'");
}

Result<> set_method(TypeRoute& route, const YamlNode& node) {
  TRY_ASSIGN(auto method, scalar(node));
  if (auto checked = codec::check_method(method); !checked) {
    return refuse(std::move(checked).error().message);
  }
  route.method = std::move(method);
  return {};
}

Result<> set_methods(TypeRoute& route, const YamlNode& node) {
  TRY(expect_map(node));
  std::map<std::string, std::string> methods;
  for (const auto& child : node.children) {
    auto method = scalar(child);
    if (!method) return wrap(child.key, std::move(method).error());
    if (auto checked = codec::check_method(*method); !checked) {
      return refuse(child.key + ": " + checked.error().message);
    }
    methods[child.key] = *std::move(method);
  }
  route.methods = std::move(methods);
  return {};
}

Result<> set_size(Batch& batch, const YamlNode& node) {
  TRY_ASSIGN(const auto text, scalar(node));
  ByteCount size;
  TRY(read(text, size));
  if (size.value == 0) return refuse("must be 1 or more");
  batch.max_size = size;
  return {};
}

Result<> set_results(Batch& batch, const YamlNode& node) {
  TRY_ASSIGN(auto pointer, scalar(node));
  if (!codec::parse_json_pointer(pointer)) {
    return refuse("not a JSON pointer, as in /items: '" + printable(pointer, 60) + "'");
  }
  batch.results = std::move(pointer);
  return {};
}

// --- the tables ---

constexpr std::array<Key, 38> k_keys{{
    {"queue.max_size", "size", "100MB", "how many bytes of operations may be pending",
     set<&Config::queue, &QueueConfig::max_size>},
    {"queue.max_ops", "count", "1000000", "how many operations may be pending",
     set<&Config::queue, &QueueConfig::max_ops>},
    {"queue.max_payload", "size", "16MiB", "largest body of an operation",
     set<&Config::queue, &QueueConfig::max_payload>},
    {"queue.when_full", "reject", "reject", "what happens to an operation that finds no room",
     set<&Config::queue, &QueueConfig::when_full>},
    {"queue.keep_synced", "duration", "7d", "how long delivered operations are kept",
     set<&Config::queue, &QueueConfig::keep_synced>},
    {"sync.enabled", "true or false", "true", "false: sync refuses to send and says so",
     set<&Config::sync, &SyncConfig::enabled>},
    {"sync.concurrency", "count", "16", "requests in flight, all destinations together",
     set<&Config::sync, &SyncConfig::concurrency>},
    {"sync.batch_size", "count", "50", "operations per round and destination",
     set<&Config::sync, &SyncConfig::batch_size>},
    {"sync.interval", "duration", "60s", "how often sync --watch looks without being woken",
     set_interval},
    {"sync.on_head_failure", "continue or stop", "continue",
     "what a lane does when its head has failed", set<&Config::sync, &SyncConfig::on_head_failure>},
    {"retry.max_attempts", "count", "4", "the first try and its retries",
     set<&Config::retry, &RetryConfig::max_attempts>},
    {"retry.backoff", "exponential", "exponential", "how the wait between attempts grows",
     set<&Config::retry, &RetryConfig::backoff>},
    {"retry.base", "duration", "1s", "the first wait", set<&Config::retry, &RetryConfig::base>},
    {"retry.cap", "duration", "1h", "the longest wait", set<&Config::retry, &RetryConfig::cap>},
    {"hooks.timeout", "duration", "30s", "how long a hook may run before it is ended",
     set<&Config::hooks, &HooksConfig::timeout>},
    {"order.critical", "number", "0", "score of an operation that is critical",
     set<&Config::order, &OrderConfig::critical>},
    {"order.recency", "number", "0", "score of a fresh operation, divided by its age in hours",
     set<&Config::order, &OrderConfig::recency>},
    {"order.small.under", "size", "10KB", "what counts as small",
     set<&Config::order, &OrderConfig::small_under>},
    {"order.small.score", "number", "0", "score of a small operation",
     set<&Config::order, &OrderConfig::small_score>},
    {"order.fresh_share", "percentage", "0%",
     "share of each round that goes to the newest operations", set_fresh_share},
    {"network.basic", "list of endpoints", "none",
     "tcp://, dns:// and http:// endpoints that say: it is there", set_basic, Shape::list},
    {"network.check", "list of URLs", "none", "what must answer for the network to be of use",
     set_check, Shape::list},
    {"network.need", "any, all or count", "any", "how many of network.check must answer", set_need},
    {"network.interval", "duration", "60s", "how often to look while all is well",
     set_at_least<&NetworkConfig::interval, 1000>},
    {"network.interval_metered", "duration", "15m", "the same, where bytes cost money",
     set_at_least<&NetworkConfig::interval_metered, 1000>},
    {"network.timeout", "duration", "3s", "how long a question may take in all",
     set_at_least<&NetworkConfig::timeout, 100>},
    {"network.limited_is", "offline or online", "offline", "the mode while the state is limited",
     set<&Config::network, &NetworkConfig::limited_is>},
    {"network.metered", "auto, yes or no", "auto", "whether bytes cost money here",
     set<&Config::network, &NetworkConfig::metered>},
    {"network.ignore", "list of patterns", "none", "more interfaces that do not count", set_ignore,
     Shape::list},
    {"network.settle", "duration", "1s", "how long a state must hold until hooks are told",
     set<&Config::network, &NetworkConfig::settle>},
    {"network.passive", "true or false", "true", "whether the machine's own traffic is looked at",
     set<&Config::network, &NetworkConfig::passive>},
    {"network.hook_timeout", "duration", "5m", "how long a hook of netwatch may run",
     set_at_least<&NetworkConfig::hook_timeout, 1000>},
    {"budget.daily", "size or none", "none", "how many bytes may be spent in a day",
     set<&Config::budget, &BudgetConfig::daily>},
    {"budget.monthly", "size or none", "none", "how many bytes may be spent in a month",
     set<&Config::budget, &BudgetConfig::monthly>},
    {"budget.rate", "rate or none", "none", "how fast: 50kbps (bits) or 50KB/s", set_rate},
    {"budget.reserve", "size", "0", "how much of each limit is kept for what is critical",
     set<&Config::budget, &BudgetConfig::reserve>},
    {"budget.cycle_day", "day", "1", "of the month, when a month of the budget begins",
     set_cycle_day},
    {"budget.on", "all or metered", "all", "the networks that it is for",
     set<&Config::budget, &BudgetConfig::on>},
}};

constexpr std::array<EntryKey<Endpoint>, 8> k_endpoint_keys{{
    {"url", "URL", "", "where paths of operations and types begin", set_url},
    {"headers", "map", "", "sent with every request; may name ${env:NAME} and ${file:PATH}",
     set_headers<Endpoint>},
    {"timeout", "duration", "30s", "for one whole exchange", set_limit<&Endpoint::timeout>},
    {"connect_timeout", "duration", "10s", "for DNS, TCP and TLS",
     set_limit<&Endpoint::connect_timeout>},
    {"concurrency", "count", "8", "requests in flight to this endpoint",
     set_member<Endpoint, &Endpoint::concurrency>},
    {"insecure", "true or false", "false", "true: certificates are not verified", set_insecure},
    {"expect", "map", "", "what an answer must be to count as delivered", set_expect<Endpoint>},
    {"http_version", "1.1 or 2", "", "the only version to speak", set_http_version},
}};

constexpr std::array<EntryKey<TypeRoute>, 10> k_type_keys{{
    {"deliver", "http", "http", "how operations of this type are delivered", set_deliver},
    {"endpoint", "name", "", "an entry of endpoints", set_member<TypeRoute, &TypeRoute::endpoint>},
    {"path", "text", "", "appended to the endpoint's URL", set_path},
    {"method", "HTTP method", "", "where the operation names none", set_method},
    {"methods", "map", "", "from the operation's action to a method", set_methods},
    {"headers", "map", "", "sent with every operation of this type", set_headers<TypeRoute>},
    {"expect", "map", "", "what an answer must be to count as delivered", set_expect<TypeRoute>},
    {"max_attempts", "count", "", "instead of retry.max_attempts",
     set_member<TypeRoute, &TypeRoute::max_attempts>},
    {"batch", "map", "", "several operations share a request", nullptr, true},
    {"mapping", "file", "", "not supported by this version", nullptr},
}};

constexpr std::array<EntryKey<Batch>, 6> k_batch_keys{{
    {"max_ops", "count", "500", "operations in one request", set_member<Batch, &Batch::max_ops>},
    {"max_size", "size", "1MB", "largest body of a shared request", set_size},
    {"format", "json-array or ndjson", "json-array", "how the body holds the operations",
     set_member<Batch, &Batch::format>},
    {"wrap", "payload or operation", "payload", "what the body holds of each operation",
     set_member<Batch, &Batch::wrap>},
    {"verdict", "all or each", "all", "the answer's status is for all, or its body says each one's",
     set_member<Batch, &Batch::verdict>},
    {"results", "JSON pointer", "", "where the answer has the array of results", set_results},
}};

constexpr std::array<std::string_view, 1> k_foreign_sections{"llm"};

}  // namespace

std::span<const Key> keys() {
  return k_keys;
}
std::span<const EntryKey<Endpoint>> endpoint_keys() {
  return k_endpoint_keys;
}
std::span<const EntryKey<TypeRoute>> type_keys() {
  return k_type_keys;
}
std::span<const EntryKey<Batch>> batch_keys() {
  return k_batch_keys;
}
std::span<const std::string_view> foreign_sections() {
  return k_foreign_sections;
}

std::string environment_name(std::string_view key) {
  constexpr std::string_view k_network = "network.";
  const bool is_network = key.starts_with(k_network);
  if (is_network) key.remove_prefix(k_network.size());
  std::string name(is_network || key.starts_with("budget.") ? "NETWATCH_" : "OFFQ_");
  name += to_upper(key);
  std::ranges::replace(name, '.', '_');
  return name;
}

}  // namespace core::config
