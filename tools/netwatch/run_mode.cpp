// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_mode.hpp"

#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/netstate/mode_texts.hpp"
#include "libcore/netstate/publish.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/machine.hpp"
#include "libcore/sys/process.hpp"
#include "tools/netwatch/author.hpp"
#include "tools/netwatch/place.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
namespace path = core::queue::path;
using core::Errc;
using core::Result;
using core::Time;
using core::cli::Context;
using core::cli::ExitCode;
using core::cli::Record;
using netstate::Mode;
using netstate::Override;

constexpr core::ByteCount k_document_limit{1U << 20U};
// It stands in every document and message; readers take no more than 16 kB of a mode.
constexpr std::size_t k_longest_reason = 500;

std::string text_of(std::optional<netstate::State> state) {
  return std::string(state ? core::name_of(*state) : "unknown");
}

// "set by anna 5m ago, until 2026-11-21T14:00:00Z (in 2h): plane"
std::string origin_of(const Override& set, Time now) {
  auto text = fmt::format("set by {} {}", core::cli::display_text(set.by, now),
                          core::cli::relative_time(set.since, now));
  if (set.until) {
    text += fmt::format(", until {} ({})", core::format_second(*set.until),
                        core::cli::relative_time(*set.until, now));
  }
  if (!set.reason.empty()) text += ": " + core::cli::display_text(set.reason, now);
  return text;
}

// `replaced` was in force before.
Record record_of(const netstate::Reading& reading, const std::optional<Override>& replaced) {
  Record record;
  const auto mode = reading.mode();
  record.add("mode", mode ? core::name_of(*mode) : "unknown");
  record.add("set", core::cli::Value{reading.override_.has_value()});
  record.add("state", text_of(reading.state()));
  if (reading.override_) {
    const auto& set = *reading.override_;
    record.add("since", core::cli::Value{set.since});
    if (set.until) record.add("until", core::cli::Value{*set.until});
    record.add("by", set.by);
    if (!set.reason.empty()) record.add("reason", set.reason);
    record.add("persist", core::cli::Value{set.boot.empty()});
  }
  if (!replaced) return record;
  record.add("replaced_mode", core::name_of(replaced->mode));
  record.add("replaced_since", core::cli::Value{replaced->since});
  if (replaced->until) record.add("replaced_until", core::cli::Value{*replaced->until});
  record.add("replaced_by", replaced->by);
  if (!replaced->reason.empty()) record.add("replaced_reason", replaced->reason);
  return record;
}

// "offline until 2026-11-21T14:00:00Z (in 2h): plane; set by anna 5m ago; the network is connected"
std::string sentence(const netstate::Reading& reading, Time now) {
  const auto mode = reading.mode();
  const std::string word(mode ? core::name_of(*mode) : "unknown");
  if (!reading.override_) {
    return fmt::format("{} (auto: the network is {})\n", word, text_of(reading.state()));
  }
  const auto& set = *reading.override_;
  std::string text = word;
  if (set.until) {
    text += fmt::format(" until {} ({})", core::format_second(*set.until),
                        core::cli::relative_time(*set.until, now));
  }
  if (!set.reason.empty()) text += ": " + core::cli::display_text(set.reason, now);
  return fmt::format("{}; set by {} {}; the network is {}\n", text,
                     core::cli::display_text(set.by, now), core::cli::relative_time(set.since, now),
                     text_of(reading.state()));
}

Result<ExitCode> show(Context& context, const ModeOptions& options,
                      const std::optional<Override>& replaced = {}) {
  const auto files = core::sys::RealFiles::at(context.directory);
  netstate::Reading reading;
  if (files) {
    TRY_ASSIGN(reading, netstate::read_network(*files, context.clock));
  } else if (files.error().code != Errc::not_found) {
    return tl::unexpected(files.error());
  }
  if (options.format == core::cli::Format::json) {
    context.out.write(record_of(reading, replaced).json() + "\n");
  } else {
    context.out.write(sentence(reading, context.clock.now()));
  }
  return ExitCode::ok;
}

Result<Override> override_of(Context& context, const ModeOptions& options) {
  const Time now = context.clock.now();
  if (options.reason.size() > k_longest_reason) {
    return core::fail(Errc::usage, fmt::format("invalid value: --reason: longer than {} bytes",
                                               k_longest_reason));
  }
  Override set{.mode = options.wanted == ModeWanted::online ? Mode::online : Mode::offline,
               .since = now,
               .until = {},
               .by = author(context.environment, core::sys::RealMachine()),
               .reason = options.reason,
               .boot = {}};
  if (options.duration) set.until = now + *options.duration;
  if (!options.until.empty()) {
    const auto until = core::parse_when(options.until, now);
    if (!until) return core::wrap("invalid value: --until", until.error());
    if (*until <= now) return core::fail(Errc::usage, "invalid value: --until: it has passed");
    set.until = *until;
  }
  if (options.persist == Persist::no) set.boot = context.clock.boot_id();
  return set;
}

// nullopt: it may be set.
Result<std::optional<ExitCode>> objection(Context& context, const netstate::Reading& reading,
                                          const ModeOptions& options, Mode wanted) {
  if (options.force == ForceMode::yes) return std::nullopt;
  const bool says_more = options.duration || !options.until.empty() || !options.reason.empty() ||
                         options.persist == Persist::yes;
  if (reading.override_ && reading.override_->mode == wanted && !says_more) {
    context.complain({.code = Errc::later,
                      .message = fmt::format("already in {} mode: {}", core::name_of(wanted),
                                             origin_of(*reading.override_, context.clock.now()))});
    return ExitCode::no;
  }
  if (wanted == Mode::online && reading.state() == netstate::State::disconnected) {
    return core::fail(Errc::later,
                      fmt::format("network is not available: disconnected ({}): --force sets the "
                                  "mode anyway",
                                  core::name_of(reading.line->reason)));
  }
  return std::nullopt;
}

Result<> store(core::sys::Files& files, const std::optional<Override>& set) {
  if (!set) {
    TRY(files.remove(path::k_netwatch_mode));
    return {};
  }
  const auto temporary = core::queue::temporary_path("netwatch-mode", core::sys::process_id());
  TRY_ASSIGN(const auto lock, files.create(temporary, netstate::format_override(*set)));
  TRY(core::sys::put_in_place(files, temporary, path::k_netwatch_mode));
  return files.sync_directory(path::k_netwatch);
}

// What the mode is when nobody sets it.
Result<Mode> mode_by_itself(const Context& context, const netstate::Reading& reading) {
  if (!reading.line || !reading.line->state) return Mode::offline;
  switch (*reading.line->state) {
    case netstate::State::connected:
      return Mode::online;
    case netstate::State::disconnected:
      return Mode::offline;
    case netstate::State::limited:
      break;
  }
  TRY_ASSIGN(const auto config, load_settings(context));
  return config.network.limited_is == core::config::LimitedIs::online ? Mode::online
                                                                      : Mode::offline;
}

// `by_itself` is absent where the settings that would tell what it is by itself cannot be read.
Result<> publish(Context& context, core::sys::Files& files, std::optional<Mode> by_itself,
                 const std::optional<Override>& set) {
  netstate::Publisher publisher(files, context.clock);
  const auto describe = [&](const netstate::Published& line, std::optional<netstate::State>) {
    const auto document = core::sys::read_file(files, path::k_network_document, k_document_limit);
    return netstate::mode_texts(document && *document ? **document : "", line, set,
                                context.clock.now());
  };
  netstate::SetMode mode{.mode = by_itself.value_or(Mode::offline)};
  if (set) mode = {.mode = set->mode, .by_itself = by_itself, .until = set->until};
  TRY(publisher.publish_mode(mode, describe));
  return {};
}

}  // namespace

Result<ExitCode> run_mode(Context& context, const ModeOptions& options) {
  if (!options.wanted) return show(context, options);
  TRY_ASSIGN(const auto files, open_place(context));
  auto read = netstate::read_network(*files, context.clock);
  if (!read && read.error().code != Errc::corrupt) return tl::unexpected(read.error());
  // Both files are about to be replaced.
  if (!read) context.warn(read.error().message + ": replaced");
  const auto reading = std::move(read).value_or(netstate::Reading{});
  std::optional<Override> set;
  std::optional<Mode> by_itself;
  if (auto found = mode_by_itself(context, reading)) {
    by_itself = *found;
  } else if (options.wanted == ModeWanted::automatic) {
    return tl::unexpected(found.error());
  }
  if (options.wanted != ModeWanted::automatic) {
    TRY_ASSIGN(set, override_of(context, options));
    TRY_ASSIGN(const auto code, objection(context, reading, options, set->mode));
    if (code) return *code;
  }
  TRY(store(*files, set));
  if (set || reading.line) TRY(publish(context, *files, by_itself, set));
  const auto& before = reading.override_;
  if (options.format == core::cli::Format::json) return show(context, options, before);
  if (before && set) {
    context.say(fmt::format("replaced: {}, {}", core::name_of(before->mode),
                            origin_of(*before, context.clock.now())));
  }
  return ExitCode::ok;
}

}  // namespace netwatch
