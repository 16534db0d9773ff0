// SPDX-License-Identifier: MIT
#include "libcore/netstate/explanation.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace core::netstate {
namespace {

using Speaks = Step::Speaks;

Speaks speaks(bool is_for) {
  return is_for ? Speaks::for_it : Speaks::against_it;
}

Speaks speaks(Seen seen) {
  return seen == Seen::unknown ? Speaks::neither : speaks(seen == Seen::yes);
}

std::string what_of(const FamilyLadder& rungs, Seen seen, std::string_view yes,
                    std::string_view no) {
  if (seen == Seen::unknown) return "the kernel does not tell";
  if (seen == Seen::no) return std::string(no);
  std::string what(yes);
  if (!rungs.interface.empty()) what += " over " + rungs.interface;
  if (!rungs.gateway.empty()) what += " by " + rungs.gateway;
  return what;
}

void add_ladder(std::vector<Step>& steps, const Evidence& evidence) {
  const auto& first = evidence.families.front();
  steps.push_back({.rung = "link",
                   .at = {},
                   .speaks = speaks(first.link),
                   .saw = what_of({}, first.link, "an interface is up and has a carrier",
                                  "no interface that counts is up with a carrier")});
  for (const auto family : k_families) {
    const auto& rungs = evidence.of(family);
    steps.push_back({.rung = family == Family::v4 ? "addr" : "",
                     .at = std::string(name_of(family)),
                     .speaks = speaks(rungs.addr),
                     .saw = what_of({}, rungs.addr, "a global address", "no global address")});
  }
  for (const auto family : k_families) {
    const auto& rungs = evidence.of(family);
    steps.push_back({.rung = family == Family::v4 ? "route" : "",
                     .at = std::string(name_of(family)),
                     .speaks = speaks(rungs.route),
                     .saw = what_of(rungs, rungs.route, "a default route", "no default route")});
  }
}

Step passive_step(const std::optional<net::TcpEvidence>& passive, Duration since) {
  Step step{.rung = "passive", .at = {}, .saw = "no connections to the outside"};
  if (!passive) return step;
  step.speaks = speaks(!passive->is_stalled);
  if (!passive->is_stalled && passive->age > std::chrono::seconds{30})
    step.speaks = Speaks::neither;
  step.saw = fmt::format("{} connection{}, heard of {} ago{}", passive->sockets,
                         passive->sockets == 1 ? "" : "s", format_duration(passive->age + since),
                         passive->is_stalled ? ", stalled" : "");
  return step;
}

std::string what_of(const net::ProbeResult& probe) {
  if (probe.outcome == net::ProbeOutcome::not_sent) {
    return probe.message.empty() ? "not needed" : probe.message;
  }
  std::string what(name_of(probe.outcome));
  const auto status = fmt::format("HTTP {}", probe.status);
  if (probe.status != 0) what += ", " + status;
  if (!probe.message.empty() && probe.message != status) what += ": " + probe.message;
  if (!probe.location.empty()) what += " -> " + probe.location;
  return what;
}

Speaks speaks(net::ProbeOutcome outcome) {
  switch (outcome) {
    case net::ProbeOutcome::not_sent:
      return Speaks::neither;
    case net::ProbeOutcome::answered:
    case net::ProbeOutcome::throttled:
    case net::ProbeOutcome::turned_away:
      return Speaks::for_it;
    case net::ProbeOutcome::wrong_answer:
    case net::ProbeOutcome::hijacked:
    case net::ProbeOutcome::server_error:
    case net::ProbeOutcome::dns_timeout:
    case net::ProbeOutcome::dns_refused:
    case net::ProbeOutcome::dns_no_name:
    case net::ProbeOutcome::refused:
    case net::ProbeOutcome::unreachable:
    case net::ProbeOutcome::timeout:
    case net::ProbeOutcome::lost:
    case net::ProbeOutcome::tls:
    case net::ProbeOutcome::certificate_time:
      break;
  }
  return Speaks::against_it;
}

void add_probes(std::vector<Step>& steps, const char* rung,
                const std::vector<net::ProbeResult>& probes) {
  bool is_first = true;
  for (const auto& probe : probes) {
    const bool was_sent = probe.outcome != net::ProbeOutcome::not_sent;
    Step step{.rung = std::exchange(is_first, false) ? rung : "",
              .at = probe.endpoint,
              .speaks = speaks(probe.outcome),
              .saw = what_of(probe)};
    if (was_sent) step.took = probe.elapsed;
    if (probe.bytes > 0) step.bytes = ByteCount{probe.bytes};
    steps.push_back(std::move(step));
  }
  if (probes.empty()) steps.push_back({.rung = rung, .at = {}, .saw = "nobody was asked"});
}

}  // namespace

std::string_view sentence_of(Reason reason) {
  switch (reason) {
    case Reason::ok:
      return "what was asked for can be reached";
    case Reason::ok_v4_only:
      return "what was asked for can be reached, over IPv4 alone";
    case Reason::ok_v6_only:
      return "what was asked for can be reached, over IPv6 alone";
    case Reason::slow:
      return "what was asked for can be reached, and takes more than a second to answer";
    case Reason::basic_blocked:
      return "the API can be reached, and nothing else";
    case Reason::no_api_configured:
      return "something outside answers, and no more was asked for";
    case Reason::not_probed:
      return "there is a way out, and nobody outside was asked";
    case Reason::portal:
      return "something answers in the place of others, as a login page does";
    case Reason::dns_hijack:
      return "names lead into the own network";
    case Reason::dns_failure:
      return "addresses can be reached, and names cannot be resolved";
    case Reason::api_timeout:
      return "the network is there, and the API does not answer in time";
    case Reason::api_tls:
      return "the network is there, and the API's certificate or handshake is not good";
    case Reason::api_5xx:
      return "the network is there, and the API reports an error of its own";
    case Reason::api_dns:
      return "the network is there, and the API's name cannot be resolved";
    case Reason::api_refused:
      return "the network is there, and the API cannot be connected to";
    case Reason::clock_skew:
      return "certificates are out of their time, and the clock is likely to be wrong";
    case Reason::no_link:
      return "no interface is up and has a carrier";
    case Reason::no_addr:
      return "no interface has a global address";
    case Reason::no_route:
      return "there is no default route";
    case Reason::probe_timeout:
      return "nobody outside answers in time";
    case Reason::dns_timeout:
      return "no name server answers";
    case Reason::unreachable:
      return "those outside are unreachable";
    case Reason::refused_all:
      return "every connection is refused";
  }
  return {};
}

std::vector<Step> steps_of(const Document& document, Time now) {
  std::vector<Step> steps;
  const Evidence& evidence = document.evidence;
  add_ladder(steps, evidence);
  steps.push_back(passive_step(evidence.passive, std::max(now - document.at, Duration{})));
  add_probes(steps, "basic", evidence.basic);
  add_probes(steps, "api", evidence.api);
  bool is_first = true;
  for (const auto& report : evidence.siblings) {
    steps.push_back({.rung = std::exchange(is_first, false) ? "siblings" : "",
                     .at = report.destination,
                     .speaks = speaks(report.is_delivered),
                     .saw = report.is_delivered ? "took a delivery" : "could not be reached"});
  }
  return steps;
}

}  // namespace core::netstate
