// SPDX-License-Identifier: MIT
#include "libcore/config/keys.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace core::config;  // NOLINT(google-build-using-namespace): the subject

namespace {

Config from_table() {
  Config config;
  for (const auto& key : keys()) {
    CAPTURE(key.name);
    CHECK(key.apply(config, key.default_text).has_value());
  }
  return config;
}

template <typename Entry>
void check_names(std::span<const EntryKey<Entry>> table) {
  std::set<std::string_view> names;
  for (const auto& key : table) {
    CAPTURE(key.name);
    CHECK(names.insert(key.name).second);
    CHECK_FALSE(key.kind.empty());
    CHECK_FALSE(key.summary.empty());
  }
}

// The default text, read as a file would say it, gives the struct's own initializer.
template <typename Entry, typename Get>
void check_entry_default(std::span<const EntryKey<Entry>> table, std::string_view name, Get get) {
  CAPTURE(name);
  for (const auto& key : table) {
    if (key.name != name) continue;
    Entry entry;
    core::codec::YamlNode node;
    node.kind = core::codec::YamlKind::scalar;
    node.text = key.default_text;
    REQUIRE(key.apply(entry, node).has_value());
    CHECK(get(entry) == get(Entry{}));
    return;
  }
  FAIL("no such key");
}

}  // namespace

TEST_CASE("every key has its own name, variable and documentation") {
  std::set<std::string> names;
  for (const auto& key : keys()) {
    CAPTURE(key.name);
    CHECK(names.insert(environment_name(key.name)).second);
    CHECK(key.summary.size() <= 60);
    CHECK_FALSE(key.summary.ends_with('.'));
    CHECK_FALSE(key.kind.empty());
  }
  CHECK(environment_name("queue.max_size") == "OFFQ_QUEUE_MAX_SIZE");
  CHECK(environment_name("order.small.under") == "OFFQ_ORDER_SMALL_UNDER");
  CHECK(environment_name("network.interval") == "NETWATCH_INTERVAL");
  CHECK(environment_name("budget.cycle_day") == "NETWATCH_BUDGET_CYCLE_DAY");
  check_names(endpoint_keys());
  check_names(type_keys());
  check_names(batch_keys());
}

TEST_CASE("the defaults of the table are the defaults of the values") {
  const Config table = from_table();
  const Config values;
  CHECK(table.queue.max_size == values.queue.max_size);
  CHECK(table.queue.max_ops == values.queue.max_ops);
  CHECK(table.queue.max_payload == values.queue.max_payload);
  CHECK(table.queue.when_full == values.queue.when_full);
  CHECK(table.queue.keep_synced == values.queue.keep_synced);
  CHECK(table.sync.enabled == values.sync.enabled);
  CHECK(table.sync.concurrency == values.sync.concurrency);
  CHECK(table.sync.batch_size == values.sync.batch_size);
  CHECK(table.sync.on_head_failure == values.sync.on_head_failure);
  CHECK(table.retry.max_attempts == values.retry.max_attempts);
  CHECK(table.retry.backoff == values.retry.backoff);
  CHECK(table.retry.base == values.retry.base);
  CHECK(table.retry.cap == values.retry.cap);
  CHECK(table.order.critical == values.order.critical);
  CHECK(table.order.recency == values.order.recency);
  CHECK(table.order.small_under == values.order.small_under);
  CHECK(table.order.small_score == values.order.small_score);
  CHECK(table.order.fresh_share == values.order.fresh_share);
}

TEST_CASE("the defaults of netwatch in the table are those of the values") {
  const Config table = from_table();
  const Config values;
  CHECK(table.network.basic == values.network.basic);
  CHECK(table.network.check == values.network.check);
  CHECK(table.network.need == values.network.need);
  CHECK(table.network.interval == values.network.interval);
  CHECK(table.network.interval_metered == values.network.interval_metered);
  CHECK(table.network.timeout == values.network.timeout);
  CHECK(table.network.limited_is == values.network.limited_is);
  CHECK(table.network.metered == values.network.metered);
  CHECK(table.network.ignore == values.network.ignore);
  CHECK(table.network.settle == values.network.settle);
  CHECK(table.network.passive == values.network.passive);
  CHECK(table.network.hook_timeout == values.network.hook_timeout);
  CHECK(table.budget.daily == values.budget.daily);
  CHECK(table.budget.monthly == values.budget.monthly);
  CHECK(table.budget.rate == values.budget.rate);
  CHECK(table.budget.reserve == values.budget.reserve);
  CHECK(table.budget.cycle_day == values.budget.cycle_day);
  CHECK(table.budget.on == values.budget.on);
}

TEST_CASE("the defaults of an endpoint are those of the table") {
  check_entry_default(endpoint_keys(), "timeout", [](const Endpoint& e) { return e.timeout; });
  check_entry_default(endpoint_keys(), "connect_timeout",
                      [](const Endpoint& e) { return e.connect_timeout; });
  check_entry_default(endpoint_keys(), "concurrency",
                      [](const Endpoint& e) { return e.concurrency; });
  check_entry_default(endpoint_keys(), "insecure", [](const Endpoint& e) { return e.tls; });
  check_entry_default(type_keys(), "deliver", [](const TypeRoute& t) { return t.deliver; });
  check_entry_default(batch_keys(), "max_ops", [](const Batch& b) { return b.max_ops; });
  check_entry_default(batch_keys(), "max_size", [](const Batch& b) { return b.max_size; });
  check_entry_default(batch_keys(), "format", [](const Batch& b) { return b.format; });
  check_entry_default(batch_keys(), "wrap", [](const Batch& b) { return b.wrap; });
  check_entry_default(batch_keys(), "verdict", [](const Batch& b) { return b.verdict; });
  check_entry_default(batch_keys(), "results", [](const Batch& b) { return b.results; });
}
