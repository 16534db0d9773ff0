// SPDX-License-Identifier: MIT
// The way back: from text to values.
#include <charconv>
#include <map>
#include <utility>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/netstate/document.hpp"

namespace core::netstate {
namespace {

// The members of one object, each asked for as what it should be. What is missing stays as it is;
// of what is not as it should be the first is remembered.
class Members {
 public:
  static Result<Members> of(std::string_view text) {
    TRY_ASSIGN(auto members, codec::parse_flat_object(text));
    return Members(std::move(members));
  }

  [[nodiscard]] const std::string* find(std::string_view name) const {
    const auto found = members_.find(std::string(name));
    return found == members_.end() ? nullptr : &found->second;
  }
  void read(std::string_view name, std::string& value) const {
    if (const auto* text = find(name)) value = *text;
  }
  void read(std::string_view name, bool& value) const {
    if (const auto* text = find(name)) value = *text == "true";
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void read(std::string_view name, Enum& value) {
    if (const auto* text = find(name)) take(name, value_of<Enum>(*text), value);
  }
  void read(std::string_view name, Time& value) {
    if (const auto* text = find(name)) take(name, parse_time(*text), value);
  }
  void read(std::string_view name, std::uint64_t& value) {
    if (const auto* text = find(name)) take(name, parse_unsigned(*text), value);
  }
  void read_milliseconds(std::string_view name, Duration& value) {
    const auto* text = find(name);
    if (text == nullptr) return;
    constexpr double k_longest = 1e12;
    double number = -1;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || !(number >= 0) || number > k_longest) {
      refuse(name);
      return;
    }
    value = std::chrono::round<Duration>(std::chrono::duration<double, std::milli>(number));
  }
  template <typename T>
  void read(std::string_view name, std::optional<T>& value) {
    if (find(name) == nullptr) return;
    T present{};
    read(name, present);
    value = std::move(present);
  }
  [[nodiscard]] Result<> outcome() const { return outcome_; }

 private:
  explicit Members(std::map<std::string, std::string> members) : members_(std::move(members)) {}
  template <typename Read, typename T>
  void take(std::string_view name, const Read& read, T& value) {
    if (read) value = static_cast<T>(*read);
    if (!read) refuse(name);
  }
  void refuse(std::string_view name) {
    if (!outcome_) return;
    outcome_ = fail(Errc::corrupt, std::string(name) + ": '" + printable(*find(name), 60) + "'");
  }

  std::map<std::string, std::string> members_;
  Result<> outcome_;
};

// Runs `read` on the members of the object that is called `name`, if there is one.
template <typename Read>
Result<> within(const Members& members, std::string_view name, Read read) {
  const auto* text = members.find(name);
  if (text == nullptr) return {};
  auto inner = Members::of(*text);
  if (!inner) return wrap(std::string(name), inner.error());
  Result<> outcome = read(*inner);
  if (outcome) outcome = inner->outcome();
  if (!outcome) return wrap(std::string(name), outcome.error());
  return {};
}

template <typename Read>
Result<> each(const Members& members, std::string_view name, Read read) {
  const auto* text = members.find(name);
  if (text == nullptr) return {};
  TRY_ASSIGN(const auto elements, codec::json_elements(*text));
  for (const auto& element : elements) {
    auto inner = Members::of(element);
    if (!inner) return wrap(std::string(name), inner.error());
    read(*inner);
    if (const auto outcome = inner->outcome(); !outcome)
      return wrap(std::string(name), outcome.error());
  }
  return {};
}

Result<> read_ladder(const Members& members, Evidence& evidence) {
  return within(members, "ladder", [&](const Members& ladder) -> Result<> {
    for (const auto family : k_families) {
      auto& rungs = evidence.of(family);
      TRY(within(ladder, name_of(family), [&](Members& part) -> Result<> {
        part.read("link", rungs.link);
        part.read("addr", rungs.addr);
        part.read("route", rungs.route);
        part.read("interface", rungs.interface);
        part.read("gateway", rungs.gateway);
        return {};
      }));
    }
    return {};
  });
}

Result<> read_passive(const Members& members, Evidence& evidence) {
  return within(members, "passive", [&](Members& part) -> Result<> {
    net::TcpEvidence passive;
    std::uint64_t sockets = 0;
    part.read_milliseconds("age_ms", passive.age);
    part.read("stalled", passive.is_stalled);
    part.read("sockets", sockets);
    passive.sockets = static_cast<std::uint32_t>(sockets);
    evidence.passive = passive;
    return {};
  });
}

Result<> read_probes(const Members& members, Evidence& evidence, Time looked_at) {
  return each(members, "probes", [&](Members& part) {
    net::ProbeResult probe;
    std::uint64_t status = 0;
    std::optional<Time> retry_after;
    part.read("kind", probe.kind);
    part.read("endpoint", probe.endpoint);
    part.read("family", probe.family);
    part.read("silent", probe.silent);
    part.read("outcome", probe.outcome);
    part.read_milliseconds("ms", probe.elapsed);
    part.read("status", status);
    part.read("bytes", probe.bytes);
    part.read("address", probe.address);
    part.read("location", probe.location);
    part.read("message", probe.message);
    part.read("retry_after", retry_after);
    part.read("date", probe.date);
    constexpr std::uint64_t k_highest = 999;
    probe.status = status > k_highest ? 0 : static_cast<int>(status);
    if (retry_after) probe.retry_after = *retry_after - looked_at;
    (probe.kind == net::ProbeKind::api ? evidence.api : evidence.basic).push_back(std::move(probe));
  });
}

Result<> read_siblings(const Members& members, Evidence& evidence) {
  return each(members, "siblings", [&](Members& part) {
    SiblingReport report;
    part.read("at", report.at);
    part.read("delivered", report.is_delivered);
    part.read("to", report.destination);
    evidence.siblings.push_back(std::move(report));
  });
}

void read_line(Members& members, Published& line) {
  if (const auto* state = members.find("state"); state != nullptr && *state != "unknown") {
    members.read("state", line.state);
  }
  members.read("mode", line.mode);
  members.read("generation", line.generation);
  members.read("since", line.since);
  members.read("valid_until", line.valid_until);
  members.read("interface", line.interface);
  members.read("metered", line.metered);
  members.read("reason", line.reason);
  members.read("by", line.by);
}

Weight weight_of(Reason reason) {
  switch (reason) {
    case Reason::no_link:
    case Reason::no_addr:
    case Reason::no_route:
    case Reason::not_probed:
      return Weight::hard;
    case Reason::ok:
    case Reason::ok_v4_only:
    case Reason::ok_v6_only:
    case Reason::slow:
    case Reason::basic_blocked:
    case Reason::no_api_configured:
    case Reason::portal:
    case Reason::dns_hijack:
      return Weight::proof;
    case Reason::dns_failure:
    case Reason::api_timeout:
    case Reason::api_tls:
    case Reason::api_5xx:
    case Reason::api_dns:
    case Reason::api_refused:
    case Reason::clock_skew:
    case Reason::probe_timeout:
    case Reason::dns_timeout:
    case Reason::unreachable:
    case Reason::refused_all:
      break;
  }
  return Weight::soft;
}

Result<> read_verdict(Members& members, Document& document) {
  Verdict& verdict = document.verdict;
  verdict.state = document.line.state.value_or(State::disconnected);
  verdict.reason = document.line.reason;
  verdict.weight = weight_of(verdict.reason);
  verdict.interface = document.line.interface;
  std::optional<Time> retry_after;
  members.read("login_url", verdict.login_url);
  members.read("retry_after", retry_after);
  members.read("degraded", verdict.is_degraded);
  members.read("note", verdict.note);
  if (retry_after) {
    verdict.retry_after = *retry_after - document.looked_at.value_or(document.at);
  }
  return within(members, "families", [&](Members& families) -> Result<> {
    for (const auto family : k_families) {
      families.read(name_of(family), verdict.families[static_cast<std::size_t>(family)]);
    }
    return {};
  });
}

}  // namespace

Result<Document> parse_document(std::string_view text) {
  TRY_ASSIGN(auto members, Members::of(text));
  Document document;
  read_line(members, document.line);
  members.read("previous", document.previous);
  members.read("at", document.at);
  members.read("looked_at", document.looked_at);
  members.read("flapping", document.is_flapping);
  members.read("network", document.network);
  TRY(read_verdict(members, document));
  TRY(within(members, "budget", [&](Members& budget) -> Result<> {
    std::optional<std::uint64_t> left;
    budget.read("left", left);
    if (left) document.budget_left = ByteCount{*left};
    return {};
  }));
  if (const auto* set = members.find("override")) {
    TRY_ASSIGN(document.override_, parse_override(*set, document.at));
  }
  TRY(read_ladder(members, document.evidence));
  TRY(read_passive(members, document.evidence));
  TRY(read_probes(members, document.evidence, document.looked_at.value_or(document.at)));
  TRY(read_siblings(members, document.evidence));
  TRY(members.outcome());
  return document;
}

}  // namespace core::netstate
