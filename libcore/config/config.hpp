// SPDX-License-Identifier: MIT
#pragma once

// The settings as checked values. Every member's initializer is the default that keys.cpp names;
// a test holds the two together.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"

namespace core::config {

enum class WhenFull { reject };
enum class OnHeadFailure { proceed, stop };
enum class Backoff { exponential };
enum class Deliver { http };
enum class TlsCheck { strict, none };
enum class BatchFormat { json_array, ndjson };
enum class BatchWrap { payload, operation };
enum class BatchVerdict { all, each };
enum class LimitedIs { offline, online };
enum class MeteredSetting { automatic, yes, no };
enum class BudgetOn { all, metered };

struct QueueConfig {
  ByteCount max_size{100'000'000};
  std::uint64_t max_ops = 1'000'000;
  ByteCount max_payload{16U << 20U};  // the largest body kept inline
  WhenFull when_full = WhenFull::reject;
  Duration keep_synced = std::chrono::days{7};
};

struct SyncConfig {
  bool enabled = true;
  int concurrency = 16;
  int batch_size = 50;
  Duration interval = std::chrono::seconds{60};  // at least 1 s
  OnHeadFailure on_head_failure = OnHeadFailure::proceed;
};

struct RetryConfig {
  int max_attempts = 4;
  Backoff backoff = Backoff::exponential;
  Duration base = std::chrono::seconds{1};
  Duration cap = std::chrono::hours{1};
};

struct HooksConfig {
  Duration timeout = std::chrono::seconds{30};
};

// What netwatch does; offkit-network(5).
struct NetworkConfig {
  std::vector<std::string> basic;  // tcp://, dns:// and http:// endpoints of others: is it there?
  std::vector<std::string> check;  // URLs that must answer for the network to be of use
  std::string need = "any";        // of `check`: any, all, or a number from 1 to as many as it has
  Duration interval = std::chrono::seconds{60};
  Duration interval_metered = std::chrono::minutes{15};
  Duration timeout = std::chrono::seconds{3};  // of a whole probe
  LimitedIs limited_is = LimitedIs::offline;
  MeteredSetting metered = MeteredSetting::automatic;
  std::vector<std::string> ignore;  // patterns of interfaces; added to those built in
  Duration settle = std::chrono::seconds{1};
  bool passive = true;
  Duration hook_timeout = std::chrono::minutes{5};
};

// How many bytes may be spent; nothing is limited by default.
struct BudgetConfig {
  std::optional<ByteCount> daily{};
  std::optional<ByteCount> monthly{};
  std::optional<ByteCount> rate{};  // bytes a second; the key takes 50kbps as well
  ByteCount reserve{0};             // of each limit, kept for what is critical; never more than it
  int cycle_day = 1;                // of the month, when the monthly count begins again
  BudgetOn on = BudgetOn::all;
};

// Scores on top of an operation's priority.
struct OrderConfig {
  double critical = 0;
  double recency = 0;  // divided by the age in hours, at least 1
  ByteCount small_under{10'000};
  double small_score = 0;
  double fresh_share = 0;  // 0 to 1
};

struct Endpoint {
  std::string url;
  // As written: ${env:NAME} and ${file:PATH} are bound when sending.
  std::vector<std::pair<std::string, std::string>> headers;
  Duration timeout = std::chrono::seconds{30};
  Duration connect_timeout = std::chrono::seconds{10};
  int concurrency = 8;
  TlsCheck tls = TlsCheck::strict;  // the key is `insecure`
  std::string expect;               // a JSON object; empty: not given
  std::string http_version;         // "1.1" or "2"; empty: as the server likes
};

// How operations share requests.
struct Batch {
  int max_ops = 500;
  ByteCount max_size{1'000'000};
  BatchFormat format = BatchFormat::json_array;
  BatchWrap wrap = BatchWrap::payload;
  BatchVerdict verdict = BatchVerdict::all;
  std::string results;  // a JSON pointer; empty: the whole answer
};

struct TypeRoute {
  Deliver deliver = Deliver::http;
  std::string endpoint;
  std::string path;
  std::string method;
  std::map<std::string, std::string> methods;  // action -> method
  std::vector<std::pair<std::string, std::string>> headers;
  std::string expect;  // a JSON object; empty: not given
  std::optional<int> max_attempts;
  std::optional<Batch> batch;  // absent: each operation has a request of its own
};

// One value and where it came from, for `offq config show --origin`.
struct Setting {
  std::string key;     // "queue.max_size", "endpoints.api.url"
  std::string value;   // text as written; maps as JSON, lists with blanks between
  std::string origin;  // "default", "OFFQ_QUEUE_MAX_SIZE", "NETWATCH_NEED" or "FILE:LINE"
};

struct Config {
  QueueConfig queue{};
  SyncConfig sync{};
  RetryConfig retry{};
  HooksConfig hooks{};
  OrderConfig order{};
  NetworkConfig network{};
  BudgetConfig budget{};
  std::map<std::string, Endpoint> endpoints;
  std::map<std::string, TypeRoute> types;
  std::vector<Setting> settings;  // the table's order, then endpoints, then types
};

}  // namespace core::config

template <>
inline constexpr std::array<std::string_view, 1> core::enum_names<core::config::WhenFull>{"reject"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::config::OnHeadFailure>{
    "continue", "stop"};
template <>
inline constexpr std::array<std::string_view, 1> core::enum_names<core::config::Backoff>{
    "exponential"};
template <>
inline constexpr std::array<std::string_view, 1> core::enum_names<core::config::Deliver>{"http"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::config::BatchFormat>{
    "json-array", "ndjson"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::config::BatchWrap>{
    "payload", "operation"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::config::BatchVerdict>{
    "all", "each"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::config::LimitedIs>{
    "offline", "online"};
template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::config::MeteredSetting>{
    "auto", "yes", "no"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::config::BudgetOn>{
    "all", "metered"};
