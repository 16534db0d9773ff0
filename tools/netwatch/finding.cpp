// SPDX-License-Identifier: MIT
#include "tools/netwatch/finding.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libcore/netstate/ladder.hpp"
#include "libcore/netstate/publish.hpp"
#include "libcore/queue/layout.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
namespace path = core::queue::path;
using core::Duration;
using core::Time;

constexpr core::ByteCount k_document_limit{1U << 20U};
constexpr Duration k_long_ago = std::chrono::hours{1};

}  // namespace

netstate::Document document_of(const netstate::Monitor& monitor, const netstate::Policy& policy,
                               const Finding& finding, const core::sys::Clock& clock) {
  const Time now = clock.now();
  const Duration since_boot = clock.since_boot();
  const auto wall = [&](Duration moment) { return now - (since_boot - moment); };
  const auto& verdict = *monitor.verdict();
  netstate::Document document;
  document.line = {.state = verdict.state,
                   .mode = netstate::mode_of(verdict.state, policy),
                   .since = wall(monitor.since()),
                   .valid_until = wall(monitor.confirmed()) + monitor.valid_for(),
                   .interface = verdict.interface,
                   .metered = finding.metered,
                   .reason = verdict.reason,
                   .by = finding.by};
  if (finding.override_) {
    document.line.mode_by_itself = document.line.mode;
    document.line.mode_until = finding.override_->until;
    document.line.mode = finding.override_->mode;
  }
  document.at = now;
  if (monitor.looked() != Duration{}) document.looked_at = wall(monitor.looked());
  document.verdict = verdict;
  document.is_flapping = monitor.is_flapping();
  document.override_ = finding.override_;
  document.network = netstate::network_of(monitor.evidence().families, verdict.interface);
  document.evidence = monitor.evidence();
  return document;
}

core::Result<netstate::Document> publish(core::sys::Files& files, const core::sys::Clock& clock,
                                         netstate::Document document) {
  netstate::Publisher publisher(files, clock);
  const auto found = document.line;
  TRY(publisher.publish(
      found, [&](const netstate::Published& line, std::optional<netstate::State> previous) {
        document.line = line;
        document.previous = previous;
        return netstate::format_document(document);
      }));
  return document;
}

std::optional<netstate::Document> load_document(const core::sys::Files& files) {
  const auto text = core::sys::read_file(files, path::k_network_document, k_document_limit);
  if (!text || !*text) return std::nullopt;
  auto document = netstate::parse_document(**text);
  if (!document) return std::nullopt;
  return *std::move(document);
}

void resume(netstate::Monitor& monitor, const core::sys::Files& files,
            const core::sys::Clock& clock, std::uint64_t rounds) {
  const auto document = load_document(files);
  const Time now = clock.now();
  if (!document || !document->line.state || document->line.since > now ||
      now - document->line.valid_until > k_long_ago) {
    return;
  }
  auto verdict = document->verdict;
  verdict.state = *document->line.state;
  verdict.reason = document->line.reason;
  monitor.resume(verdict, clock.since_boot() - (now - document->line.since), rounds);
}

}  // namespace netwatch
