// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_check.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <poll.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/layout.hpp"
#include "libcore/cli/settings.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/config/load.hpp"
#include "libcore/netstate/document.hpp"
#include "libcore/netstate/hooks.hpp"
#include "libcore/netstate/ladder.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/ask_daemon.hpp"
#include "tools/netwatch/finding.hpp"
#include "tools/netwatch/hook_round.hpp"
#include "tools/netwatch/lookout.hpp"
#include "tools/netwatch/metering.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/probe_budget.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Document;

constexpr core::ByteCount k_monitor_limit{4096};
// For how long a look at all endpoints is remembered.
constexpr Duration k_known_for = std::chrono::hours{1};

// --- what is asked ---

Result<> narrow(Observation& observation, const CheckOptions& options) {
  if (options.scope == CheckScope::basic) observation.api.clear();
  if (options.scope == CheckScope::api) observation.basic.clear();
  if (options.passive == Passive::no) observation.is_passive = false;
  if (!options.endpoints.empty()) TRY(keep_only(observation, options.endpoints));
  if (options.scope != CheckScope::everything && observation.basic.empty() &&
      observation.api.empty()) {
    return core::fail(Errc::config,
                      fmt::format("network.{} names no endpoint",
                                  options.scope == CheckScope::api ? "check" : "basic"));
  }
  count_endpoints(observation);
  return {};
}

// --- looking ---

Result<> decide(const core::sys::Clock& clock, Observer& observer) {
  while (true) {
    observer.advance();
    if (!observer.monitor().is_deciding()) return {};
    const auto left = std::max(observer.next() - clock.since_boot(), Duration{0});
    TRY(core::sys::wait_for(observer.fd(), POLLIN, left));
  }
}

std::uint64_t load_rounds(const core::sys::Files& files) {
  const auto text = core::sys::read_file(files, path::k_netwatch_monitor, k_monitor_limit);
  if (!text || !*text) return 0;
  const auto members = core::codec::parse_flat_object(**text);
  return members ? core::codec::number_of(*members, "rounds") : 0;
}

// Whoever has the lock on checks.
Result<> store_rounds(core::sys::Files& files, std::uint64_t rounds) {
  core::codec::JsonObject object;
  object.add("rounds", rounds);
  TRY(files.remove(path::k_netwatch_new_monitor));
  TRY(files.append(path::k_netwatch_new_monitor, std::move(object).text() + "\n",
                   core::sys::Sync::no));
  return core::sys::put_in_place(files, path::k_netwatch_new_monitor, path::k_netwatch_monitor);
}

class Check {
 public:
  Check(Context& context, core::sys::Files& files, const core::config::Config& config,
        const CheckOptions& options)
      : context_(context),
        files_(files),
        config_(config),
        options_(options),
        begin_(context.clock.now()) {}

  Result<ExitCode> run() {
    if (options_.is_partial()) {
      TRY_ASSIGN(const auto document, look_apart());
      return show(document);
    }
    TRY_ASSIGN(const auto document, find());
    return show(document);
  }

  // What holds, whoever finds it.
  Result<Document> find() {
    if (auto recent = this->recent(begin_ - options_.max_age)) return *std::move(recent);
    TRY_ASSIGN(auto told, ask_daemon(context_, files_, begin_, begin_ - options_.max_age));
    if (told) return *std::move(told);
    TRY_ASSIGN(auto turn, files_.lock(path::k_netwatch_check, core::sys::Wait::yes));
    // Others may have looked while this one waited.
    if (auto recent = this->recent(begin_ - options_.max_age)) return *std::move(recent);
    TRY_ASSIGN(auto document, look());
    turn.reset();
    TRY(run_hooks(context_, files_, config_.network.hook_timeout));
    return document;
  }

 private:
  // What was found since then, while the ladder is the same.
  std::optional<Document> recent(Time since) {
    const auto reading = netstate::read_network(files_, context_.clock);
    if (!reading || !reading->state()) return std::nullopt;
    const auto document = load_document(files_);
    if (!document || document->line.generation != reading->line->generation) return std::nullopt;
    const Time looked_at = document->looked_at.value_or(document->at);
    if (looked_at < since || has_settings_since(looked_at)) return std::nullopt;
    const auto snapshot = SystemKernel().read();
    if (!snapshot) return document;
    const auto ladder = netstate::ladder_of(*snapshot, config_.network.ignore);
    return ladder == document->evidence.families ? document : std::nullopt;
  }

  // What is found depends on them: the endpoints, and whether bytes cost money.
  [[nodiscard]] bool has_settings_since(Time time) const {
    const auto files = core::config::config_files(core::cli::settings_sources(context_));
    return std::ranges::any_of(files, [time](const std::string& path) {
      const auto file = core::sys::open_input(path);
      if (!file || !file->is_open()) return false;
      const auto status = core::sys::status_of(*file, path);
      return status && status->modified >= time;
    });
  }

  Result<Document> look() {
    TRY_ASSIGN(auto observation, observation_of(config_.network));
    core::sys::SystemChildren children;
    TRY_ASSIGN(const auto lookout, Lookout::create(context_, children, std::move(observation)));
    auto& observer = lookout->observer();
    resume(observer.monitor(), files_, context_.clock, load_rounds(files_));
    // One answer is enough for a network that is known; of another, who else answers, and in whose
    // place, is to be found out too.
    if (!recent(begin_ - k_known_for)) observer.monitor().ask_all();
    TRY(decide(context_.clock, observer));
    const auto override_ = netstate::read_override(files_, context_.clock);
    if (!override_) context_.warn(override_.error().message);
    const auto metered =
        Metering(context_, children, nullptr).find(config_.network, observer.monitor());
    const Finding finding{.by = netstate::Author::check,
                          .metered = metered,
                          .override_ = override_ ? *override_ : std::nullopt};
    TRY(store_rounds(files_, observer.monitor().rounds()));
    auto document =
        document_of(observer.monitor(), observer.observation().policy, finding, context_.clock);
    count(document, observer.take_cost());
    return publish(files_, context_.clock, std::move(document));
  }

  void count(Document& document, core::ByteCount cost) {
    ProbeBudget budget(files_, context_.clock, context_.random, config_.budget);
    const auto spent = budget.spend(cost);
    if (!spent) context_.warn(spent.error().message);
    document.budget_left = budget.left();
    for (const auto& remark : budget.remarks())
      context_.warn(remark);
  }

  Result<Document> look_apart() {
    TRY_ASSIGN(auto observation, observation_of(config_.network));
    TRY(narrow(observation, options_));
    core::sys::SystemChildren children;
    TRY_ASSIGN(const auto lookout, Lookout::create(context_, children, std::move(observation)));
    auto& observer = lookout->observer();
    TRY(decide(context_.clock, observer));
    const auto metered =
        Metering(context_, children, nullptr).find(config_.network, observer.monitor());
    const Finding finding{.by = netstate::Author::check, .metered = metered, .override_ = {}};
    auto document =
        document_of(observer.monitor(), observer.observation().policy, finding, context_.clock);
    count(document, observer.take_cost());
    return document;
  }

  Result<ExitCode> show(const Document& document) {
    if (options_.format == core::cli::Format::json) {
      context_.out.write(netstate::format_document(document).document);
    } else if (context_.verbosity != core::cli::Verbosity::quiet) {
      context_.out.write(
          core::cli::hanging(sentence(document), 0, core::cli::result_page(context_)) + "\n");
    }
    const auto state = document.line.state.value_or(netstate::State::disconnected);
    if (state == netstate::State::connected) return ExitCode::ok;
    if (options_.exit_state == ExitState::no) return ExitCode::no;
    return state == netstate::State::limited ? ExitCode::limited : ExitCode::disconnected;
  }

  // "limited (portal) over wlan0, offline: http://10.0.0.1/login"
  static std::string sentence(const Document& document) {
    const auto& line = document.line;
    std::string text = fmt::format("{} ({})", line.state ? core::name_of(*line.state) : "unknown",
                                   core::name_of(line.reason));
    if (!line.interface.empty()) text += " over " + line.interface;
    text += fmt::format(", {}", core::name_of(line.mode));
    const auto& verdict = document.verdict;
    if (!verdict.login_url.empty()) text += ": " + verdict.login_url;
    if (!verdict.note.empty()) text += ": " + verdict.note;
    return core::printable(text, 400);
  }

  Context& context_;
  core::sys::Files& files_;
  const core::config::Config& config_;
  const CheckOptions& options_;
  Time begin_;
};

}  // namespace

Result<ExitCode> run_check(Context& context, const CheckOptions& options) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto files, open_place(context));
  TRY_ASSIGN(const auto config, load_settings(context));
  return Check(context, *files, config, options).run();
}

Result<> look(Context& context, core::sys::Files& files, const core::config::Config& config) {
  const CheckOptions options;
  TRY(Check(context, files, config, options).find());
  return {};
}

}  // namespace netwatch
