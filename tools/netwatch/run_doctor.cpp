// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_doctor.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/netstate/contacts.hpp"
#include "tools/netwatch/doctor_checks.hpp"
#include "tools/netwatch/place.hpp"

namespace netwatch {
namespace {

using core::Errc;
using core::Result;
using core::cli::Context;
using core::cli::ExitCode;
using core::cli::RawJson;
using core::cli::Record;
using core::cli::Style;
using core::cli::Value;

constexpr std::size_t k_longest_text = 1000;

Style style_of(Level level) {
  switch (level) {
    case Level::ok:
      return Style::green;
    case Level::warn:
      return Style::yellow;
    case Level::fail:
      return Style::red;
  }
  return Style::plain;
}

void print_text(Context& context, const std::vector<Check>& checks) {
  for (const auto& check : checks) {
    context.out.write(
        core::cli::styled(fmt::format("{:<5}", core::name_of(check.level)), style_of(check.level),
                          context.out_color) +
        fmt::format("{:<10} {}\n", check.name, core::printable(check.text, k_longest_text)));
    if (!check.hint.empty()) context.out.write(fmt::format("{:<16}-> {}\n", "", check.hint));
  }
}

std::string contacts_json(const core::config::NetworkConfig& network) {
  const auto contacts = core::netstate::contacts_of(network);
  std::string who;
  for (const auto& contact : contacts.who) {
    Record record;
    record.add("endpoint", contact.endpoint);
    record.add("bytes_per_month", Value{core::ByteCount{contact.bytes}});
    who += (who.empty() ? "" : ",") + record.json();
  }
  return "[" + who + "]";
}

void print_json(Context& context, const std::vector<Check>& checks,
                const core::config::NetworkConfig& network) {
  std::string list;
  Level worst = Level::ok;
  for (const auto& check : checks) {
    Record record;
    record.add("name", check.name).add("level", core::name_of(check.level));
    record.add("text", check.text);
    if (!check.hint.empty()) record.add("hint", check.hint);
    list += (list.empty() ? "" : ",") + record.json();
    worst = std::max(worst, check.level);
  }
  const auto contacts = core::netstate::contacts_of(network);
  Record record;
  record.add("directory", context.directory).add("level", core::name_of(worst));
  record.add("contacts", Value{RawJson{contacts_json(network)}});
  record.add("bytes_per_month", Value{core::ByteCount{contacts.bytes}});
  record.add("bytes_per_month_metered", Value{core::ByteCount{contacts.bytes_metered}});
  record.add("sentence", sentence_of(network));
  record.add("checks", Value{RawJson{"[" + list + "]"}});
  context.out.write(record.json() + "\n");
}

ExitCode code_of(const std::vector<Check>& checks) {
  for (const auto& check : checks) {
    if (check.level == Level::fail) return core::cli::exit_code(check.cause);
  }
  const bool is_fine =
      std::ranges::all_of(checks, [](const Check& check) { return check.level == Level::ok; });
  return is_fine ? ExitCode::ok : ExitCode::no;
}

bool is_answered(const core::config::Config& config) {
  return std::ranges::any_of(config.settings, [](const core::config::Setting& setting) {
    return (setting.key == "network.basic" || setting.key == "network.check") &&
           setting.origin != "default";
  });
}

Check config_check(const core::config::Loaded& loaded) {
  if (loaded.problems.empty()) return {.name = "config", .text = "valid"};
  const auto& first = loaded.problems.front();
  const auto more = loaded.problems.size() - 1;
  return {.name = "config",
          .level = Level::fail,
          .text = first.message + (more > 0 ? fmt::format(" (and {} more)", more) : ""),
          .hint = "`netwatch config check` shows all mistakes",
          .cause = first.code};
}

}  // namespace

Result<ExitCode> run_doctor(Context& context, const DoctorOptions& options) {
  if (context.directory.empty()) {
    return core::fail(Errc::config, "HOME is not set: name a directory with --dir");
  }
  const auto loaded = core::config::examine_config(settings_sources(context));
  std::vector<Check> checks{config_check(loaded)};
  for (auto& check :
       examine(context, loaded.config, is_answered(loaded.config) ? Asked::yes : Asked::no))
    checks.push_back(std::move(check));
  if (options.format == core::cli::Format::json) {
    print_json(context, checks, loaded.config.network);
  } else {
    print_text(context, checks);
    context.out.write(sentence_of(loaded.config.network) + "\n");
  }
  return code_of(checks);
}

}  // namespace netwatch
