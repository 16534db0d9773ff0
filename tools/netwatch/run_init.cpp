// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_init.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/help.hpp"
#include "libcore/config/block.hpp"
#include "libcore/config/value_text.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/netstate/contacts.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/netwatch/config_file.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

struct Suggestion {
  std::string_view endpoint;
  std::string_view whose;
};
// Of different operators; one that sees login pages is among them.
constexpr std::array k_suggestions{
    Suggestion{"tcp://1.1.1.1:443", "Cloudflare"}, Suggestion{"tcp://9.9.9.9:443", "Quad9"},
    Suggestion{"http://connectivitycheck.gstatic.com/generate_204", "Google: login pages"}};

struct Choice {
  std::vector<std::string> basic;
  std::vector<std::string> check;
};

Choice suggested() {
  Choice choice;
  for (const auto& suggestion : k_suggestions)
    choice.basic.emplace_back(suggestion.endpoint);
  return choice;
}

Result<Choice> sorted(const std::vector<std::string>& endpoints) {
  Choice choice;
  for (const auto& endpoint : endpoints) {
    const bool is_api = endpoint.starts_with("https://");
    TRY(is_api ? core::net::parse_api_target(endpoint) : core::net::parse_probe_target(endpoint));
    (is_api ? choice.check : choice.basic).push_back(endpoint);
  }
  return choice;
}

void list_suggestions(Context& context, const core::config::NetworkConfig& settings) {
  auto network = settings;
  network.basic = suggested().basic;
  network.check.clear();
  const auto contacts = core::netstate::contacts_of(network);
  const auto page = core::cli::page_of(context);
  std::string text = core::cli::paragraphs(
      "Nobody is contacted until you say so. These could be asked whether there is a network; the "
      "bytes are those of a month in which this one alone is asked:\n\n",
      0, page);
  text += "\n";
  for (std::size_t i = 0; i < k_suggestions.size(); ++i) {
    text += fmt::format("  {:<49} {:>6}  {}\n", k_suggestions[i].endpoint,
                        core::format_size({contacts.who[i].bytes}), k_suggestions[i].whose);
  }
  text += "\n" + core::cli::paragraphs(
                     fmt::format("They are asked in turns: {} a month at most, {} where bytes cost "
                                 "money. Each learns the address of this machine, and that it is "
                                 "on. Nobody is asked while the machine's own traffic shows that "
                                 "the network works.",
                                 core::format_size({contacts.bytes}),
                                 core::format_size({contacts.bytes_metered})),
                     0, page);
  if (!settings.basic.empty() || !settings.check.empty()) {
    std::string now = "Now contacted:";
    for (const auto* list : {&settings.basic, &settings.check}) {
      for (const auto& endpoint : *list)
        now += " " + endpoint;
    }
    text += "\n" + core::cli::paragraphs(now, 0, page);
  }
  context.err.write(text);
}

Result<Choice> ask(Context& context, const core::config::NetworkConfig& settings) {
  if (!context.terminal.in_is_terminal) {
    return core::fail(Errc::usage,
                      "init: standard input is no terminal: say --yes, --none or --endpoints");
  }
  list_suggestions(context, settings);
  while (true) {
    context.err.write("\nContact them? [y]es, [n]obody, or endpoints of your own: ");
    TRY(context.err.flush());
    TRY_ASSIGN(const auto line, context.in.line(ByteCount{4096}));
    if (!line) {
      context.err.write("\n");
      return core::fail(Errc::usage, "init: no answer: nothing is changed");
    }
    const auto answer = core::to_lower(core::trim(*line));
    if (answer == "y" || answer == "yes") return suggested();
    if (answer == "n" || answer == "no" || answer == "nobody") return Choice{};
    if (answer.find("://") != std::string::npos) {
      std::vector<std::string> endpoints;
      for (const auto item : core::config::list_items(core::trim(*line)))
        endpoints.emplace_back(item);
      auto choice = sorted(endpoints);
      if (choice) return choice;
      context.err.write(choice.error().message + "\n");
      continue;
    }
    context.err.write(fmt::format("not an answer: '{}'; Ctrl-C changes nothing\n",
                                  core::printable(core::trim(*line))));
  }
}

Result<ConfigPlace> target_of(Context& context, const InitOptions& options) {
  if (options.target == InitFor::queue) {
    return queue_config(context);
  }
  TRY_ASSIGN(const auto directory, core::sys::config_directory(context.environment));
  return ConfigPlace{.path = core::sys::join_path(directory, "offkit/config.yaml")};
}

}  // namespace

Result<ExitCode> run_init(Context& context, const InitOptions& options) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto place, target_of(context, options));
  Choice choice;
  if (!options.endpoints.empty()) {
    TRY_ASSIGN(choice, sorted(options.endpoints));
  } else if (options.suggested == TakeSuggested::yes) {
    choice = suggested();
  } else if (options.nobody == ContactNobody::no) {
    TRY_ASSIGN(const auto settings, load_settings(context));
    TRY_ASSIGN(choice, ask(context, settings.network));
  }
  TRY(write_block(context, place.path, core::config::network_block(choice.basic, choice.check)));
  return ExitCode::ok;
}

}  // namespace netwatch
