// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_probe.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include <poll.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/tool.hpp"
#include "libcore/net/api_prober.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/probe_line.hpp"
#include "libcore/net/socket_prober.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

namespace net = core::net;

// What a person may type: what the configuration takes, and HOST:PORT.
Result<net::ProbeTarget> parse_endpoint(const std::string& text) {
  const auto is_of = [&](std::string_view scheme) {
    return core::equals_ignoring_case(std::string_view(text).substr(0, scheme.size()), scheme);
  };
  if (is_of("https://")) return net::parse_api_target(text);
  const bool has_scheme = text.find("://") != std::string::npos;
  TRY_ASSIGN(auto target, net::parse_probe_target(has_scheme ? text : "tcp://" + text));
  target.name = text;
  const bool says_what_is_right = text.find('#') != std::string::npos;
  if (target.kind == net::ProbeKind::http && !says_what_is_right) target.status = 0;
  return target;
}

std::optional<net::Family> family_of(Over over) {
  if (over == Over::any) return std::nullopt;
  return over == Over::v4 ? net::Family::v4 : net::Family::v6;
}

// Both kinds of probes at the same time, each told of in the order in which it was named.
class Probing {
 public:
  explicit Probing(Context& context) : context_(context) {}

  Result<> start(const ProbeOptions& options) {
    std::vector<net::ProbeTarget> sockets;
    std::vector<net::ProbeTarget> apis;
    for (const auto& text : options.endpoints) {
      TRY_ASSIGN(auto target, parse_endpoint(text));
      is_api_.push_back(target.kind == net::ProbeKind::api);
      (is_api_.back() ? apis : sockets).push_back(std::move(target));
    }
    net::ProbeLimits limits{.whole = options.timeout,
                            .family = family_of(options.over),
                            .interface = options.interface.value_or("")};
    limits.connect = std::max(limits.connect, options.timeout / 2);
    // Where the kernel does not tell the own addresses, only private ones look hijacked.
    if (const auto links = net::Links::open()) {
      if (auto snapshot = links->read()) limits.own = std::move(snapshot->addresses);
    }
    TRY_ASSIGN(sockets_, net::SocketProber::create(context_.random));
    TRY_ASSIGN(const auto helper, core::cli::helper_path("netwatch-probe", context_.environment));
    TRY_ASSIGN(apis_, net::ApiProber::create(children_, helper));
    const auto now = context_.clock.since_boot();
    TRY(sockets_->start(std::move(sockets), limits, net::StopAt::all, now));
    auto started = apis_->start(std::move(apis), limits, net::StopAt::all, now);
    if (started || started.error().code != Errc::not_found) return started;
    return core::fail(Errc::unavailable, fmt::format("cannot ask over https: {}: not installed "
                                                     "(OFFKIT_LIBEXEC names the directory where "
                                                     "helpers are)",
                                                     helper));
  }

  Result<> wait() {
    TRY_ASSIGN(auto set, core::sys::PollSet::create());
    TRY(set.add(sockets_->fd()));
    TRY(set.add(apis_->fd()));
    while (!sockets_->is_done() || !apis_->is_done()) {
      const auto now = context_.clock.since_boot();
      auto at = sockets_->next().value_or(Duration::max());
      at = std::min(at, apis_->next().value_or(Duration::max()));
      TRY(core::sys::wait_for(set.fd(), POLLIN, std::max(at - now, Duration{0})));
      sockets_->advance(context_.clock.since_boot());
      apis_->advance(context_.clock.since_boot());
    }
    return {};
  }

  [[nodiscard]] std::vector<net::ProbeResult> results() const {
    std::vector<net::ProbeResult> all;
    auto socket = sockets_->results().begin();
    auto api = apis_->results().begin();
    std::ranges::transform(is_api_, std::back_inserter(all),
                           [&](bool is_api) { return is_api ? *api++ : *socket++; });
    return all;
  }

 private:
  Context& context_;
  core::sys::SystemChildren children_;
  std::unique_ptr<net::SocketProber> sockets_;
  std::unique_ptr<net::ApiProber> apis_;
  std::vector<bool> is_api_;  // by operand
};

// --- for people ---

std::string milliseconds(const std::optional<Duration>& span) {
  if (!span) return "-";
  return fmt::format("{:.1f} ms", static_cast<double>(span->count()) / 1000);
}

// "answered", "HTTP 404", or what went wrong.
std::string result_text(const net::ProbeResult& result) {
  if (result.status != 0) return fmt::format("HTTP {}", result.status);
  return std::string(core::name_of(result.outcome));
}

std::string note_text(const net::ProbeResult& result) {
  if (!result.location.empty()) return "log in at " + result.location;
  return result.message == result_text(result) ? std::string{} : result.message;
}

Record row_of(const net::ProbeResult& result) {
  Record row;
  row.add("endpoint", result.endpoint)
      .add("ok", core::cli::Value{result.is_reached()})
      .add("result", result_text(result))
      .add("dns", milliseconds(result.times.dns))
      .add("connect", milliseconds(result.times.connect))
      .add("tls", milliseconds(result.times.tls))
      .add("first_byte", milliseconds(result.times.first_byte))
      .add("total", milliseconds(result.elapsed))
      .add("bytes", result.bytes)
      .add("address", result.address.empty() ? std::string("-") : result.address)
      .add("note", note_text(result));
  return row;
}

Style style_of(const Record& row) {
  return std::get<bool>(row.value("ok")) ? Style::green : Style::red;
}

void print(Context& context, const std::vector<net::ProbeResult>& results) {
  using core::cli::Align;
  core::cli::Table table(
      context,
      {{.field = "endpoint", .header = "ENDPOINT", .max_width = 60, .min_width = 32},
       {.field = "result", .header = "RESULT", .min_width = 16, .style = style_of},
       {.field = "dns", .header = "DNS", .align = Align::right, .yields = 3},
       {.field = "connect", .header = "CONNECT", .align = Align::right, .yields = 4},
       {.field = "tls", .header = "TLS", .align = Align::right, .yields = 3},
       {.field = "first_byte", .header = "FIRST BYTE", .align = Align::right, .yields = 3},
       {.field = "total", .header = "TOTAL", .align = Align::right},
       {.field = "bytes", .header = "BYTES", .align = Align::right, .yields = 2},
       {.field = "address", .header = "ADDRESS", .yields = 1},
       {.field = "note",
        .header = "NOTE",
        .min_width = 20,
        .yields = 5,
        .overflow = core::cli::Overflow::wrap}},
      {});
  for (const auto& result : results)
    table.add(row_of(result));
  table.finish();
}

}  // namespace

Result<ExitCode> run_probe(Context& context, const ProbeOptions& options) {
  core::sys::catch_interruptions();
  Probing probing(context);
  TRY(probing.start(options));
  TRY(probing.wait());
  const auto results = probing.results();
  if (options.format == core::cli::Format::json) {
    for (const auto& result : results)
      context.out.write(net::format_probe_line(result) + "\n");
  } else {
    print(context, results);
  }
  return std::ranges::all_of(results, &net::ProbeResult::is_reached) ? ExitCode::ok : ExitCode::no;
}

}  // namespace netwatch
