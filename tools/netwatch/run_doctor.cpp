// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_doctor.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/cli/checks.hpp"
#include "libcore/cli/layout.hpp"
#include "libcore/netstate/contacts.hpp"
#include "tools/netwatch/doctor_checks.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using core::Check;
using core::Level;

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
                const core::config::NetworkConfig& network, Asked asked) {
  const auto contacts = core::netstate::contacts_of(network);
  Record record;
  record.add("directory", context.directory).add("level", core::name_of(core::worst_of(checks)));
  record.add("contacts", Value{RawJson{contacts_json(network)}});
  record.add("bytes_per_month", Value{core::ByteCount{contacts.bytes}});
  record.add("bytes_per_month_metered", Value{core::ByteCount{contacts.bytes_metered}});
  record.add("sentence", sentence_of(network, asked));
  record.add("checks", Value{RawJson{core::cli::checks_json(checks)}});
  context.out.write(record.json() + "\n");
}

Asked asked_in(const core::config::Loaded& loaded) {
  if (!loaded.problems.empty()) return Asked::unknown;
  const bool is_answered =
      std::ranges::any_of(loaded.config.settings, [](const core::config::Setting& setting) {
        return (setting.key == "network.basic" || setting.key == "network.check") &&
               setting.origin != "default";
      });
  return is_answered ? Asked::yes : Asked::no;
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
  const Asked asked = asked_in(loaded);
  for (auto& check : examine(context, loaded.config, asked))
    checks.push_back(std::move(check));
  if (options.format == core::cli::Format::json) {
    print_json(context, checks, loaded.config.network, asked);
  } else {
    core::cli::print_checks(context, checks);
    context.out.write(core::cli::hanging(sentence_of(loaded.config.network, asked), 0,
                                         core::cli::result_page(context)) +
                      "\n");
  }
  return core::cli::code_of(checks);
}

}  // namespace netwatch
