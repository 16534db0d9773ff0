// SPDX-License-Identifier: MIT
#include "libcore/netstate/document.hpp"

#include <cmath>
#include <numeric>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::netstate {
namespace {

using codec::JsonObject;

// Tenths of milliseconds are as much as anybody wants to read.
double milliseconds_of(Duration span) {
  return std::round(static_cast<double>(span.count()) / 100) / 10;
}

std::string families_of(const Verdict& verdict) {
  JsonObject object;
  for (const auto family : k_families)
    object.add(name_of(family), name_of(verdict.of(family)));
  return std::move(object).text();
}

std::string ladder_of(const Evidence& evidence) {
  JsonObject object;
  for (const auto family : k_families) {
    const auto& rungs = evidence.of(family);
    JsonObject part;
    part.add("link", name_of(rungs.link)).add("addr", name_of(rungs.addr));
    part.add("route", name_of(rungs.route));
    if (!rungs.interface.empty()) part.add("interface", rungs.interface);
    if (!rungs.gateway.empty()) part.add("gateway", rungs.gateway);
    object.add_raw(name_of(family), std::move(part).text());
  }
  return std::move(object).text();
}

std::string passive_of(const net::TcpEvidence& passive) {
  JsonObject object;
  object.add("age_ms", milliseconds_of(passive.age)).add("stalled", passive.is_stalled);
  object.add("sockets", passive.sockets);
  return std::move(object).text();
}

std::string probe_of(const net::ProbeResult& probe, Time looked_at) {
  JsonObject object;
  object.add("kind", name_of(probe.kind)).add("endpoint", probe.endpoint);
  if (probe.family) object.add("family", name_of(*probe.family));
  if (probe.silent) object.add("silent", name_of(*probe.silent));
  object.add("outcome", name_of(probe.outcome)).add("ms", milliseconds_of(probe.elapsed));
  if (probe.status != 0) object.add("status", probe.status);
  if (probe.bytes != 0) object.add("bytes", probe.bytes);
  if (!probe.address.empty()) object.add("address", probe.address);
  if (!probe.location.empty()) object.add("location", probe.location);
  if (!probe.message.empty()) object.add("message", probe.message);
  if (probe.retry_after) {
    object.add("retry_after", format_time(looked_at + *probe.retry_after));
  }
  if (probe.date) object.add("date", format_time(*probe.date));
  return std::move(object).text();
}

template <typename Items, typename Format>
void append_elements(std::string& array, const Items& items, Format format) {
  for (const auto& item : items) {
    if (array.size() > 1) array += ',';
    array += format(item);
  }
}

std::string probes_of(const Evidence& evidence, Time looked_at) {
  const auto format = [&](const auto& probe) { return probe_of(probe, looked_at); };
  std::string array = "[";
  append_elements(array, evidence.basic, format);
  append_elements(array, evidence.api, format);
  return array + "]";
}

std::string siblings_of(const Evidence& evidence) {
  std::string array = "[";
  append_elements(array, evidence.siblings, [](const SiblingReport& report) {
    JsonObject object;
    object.add("at", format_time(report.at)).add("delivered", report.is_delivered);
    object.add("to", report.destination);
    return std::move(object).text();
  });
  return array + "]";
}

void add_line(JsonObject& object, const Document& document) {
  const Published& line = document.line;
  // A line that a script wrote has none.
  const auto add_time = [&object](std::string_view name, Time time) {
    if (time != Time{}) object.add(name, format_time(time));
  };
  object.add("v", 1);
  add_time("at", document.at);
  object.add("generation", line.generation);
  object.add("state", line.state ? name_of(*line.state) : "unknown");
  if (document.previous) object.add("previous", name_of(*document.previous));
  object.add("mode", name_of(line.mode)).add("reason", name_of(line.reason));
  add_time("since", line.since);
  add_time("valid_until", line.valid_until);
  object.add("by", name_of(line.by));
  if (!line.interface.empty()) object.add("interface", line.interface);
  object.add_raw("families", families_of(document.verdict));
  object.add("metered", name_of(line.metered));
}

void add_verdict(JsonObject& object, const Document& document, Time looked_at) {
  const Verdict& verdict = document.verdict;
  if (document.is_flapping) object.add("flapping", true);
  if (!verdict.login_url.empty()) object.add("login_url", verdict.login_url);
  if (verdict.retry_after) {
    object.add("retry_after", format_time(looked_at + *verdict.retry_after));
  }
  if (verdict.is_degraded) object.add("degraded", true);
  if (!verdict.note.empty()) object.add("note", verdict.note);
  if (!document.network.empty()) object.add("network", document.network);
  if (document.budget_left) {
    JsonObject budget;
    budget.add("left", document.budget_left->value);
    object.add_raw("budget", std::move(budget).text());
  }
  if (document.override_) {
    object.add_raw("override", trim(format_override(*document.override_)));
  }
}

}  // namespace

std::uint64_t Document::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto* results : {&evidence.basic, &evidence.api}) {
    for (const auto& result : *results)
      bytes += result.bytes;
  }
  return bytes;
}

Texts format_document(const Document& document) {
  const Time looked_at = document.looked_at.value_or(document.at);
  JsonObject object;
  add_line(object, document);
  add_verdict(object, document, looked_at);
  Texts texts{.document = {}, .history = object.text() + "\n"};
  object.add_raw("ladder", ladder_of(document.evidence));
  if (document.evidence.passive) {
    object.add_raw("passive", passive_of(*document.evidence.passive));
  }
  if (document.looked_at) object.add("looked_at", format_time(*document.looked_at));
  object.add_raw("probes", probes_of(document.evidence, looked_at));
  if (!document.evidence.siblings.empty()) {
    object.add_raw("siblings", siblings_of(document.evidence));
  }
  object.add("bytes", document.bytes());
  texts.document = std::move(object).text() + "\n";
  return texts;
}

}  // namespace core::netstate
