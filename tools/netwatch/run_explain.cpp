// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_explain.hpp"

#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/layout.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/netstate/document.hpp"
#include "libcore/netstate/explanation.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/files.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Document;
using netstate::Freshness;
using netstate::Reading;
using netstate::Step;

constexpr core::ByteCount k_document_limit{1U << 20U};

struct Told {
  Reading reading;
  std::string text;   // of network.json; empty: there is none for this line
  Document document;  // at least the line
  bool has_evidence = false;
};

// A script may publish a line alone; a document of another generation says nothing about it.
Result<std::optional<Told>> read_told(Context& context) {
  const auto files = core::sys::RealFiles::at(context.directory);
  if (!files) {
    if (files.error().code == Errc::not_found) return std::nullopt;
    return tl::unexpected(files.error());
  }
  Told told;
  TRY_ASSIGN(told.reading, netstate::read_network(*files, context.clock));
  if (!told.reading.line) return std::nullopt;
  TRY_ASSIGN(auto text, core::sys::read_file(*files, path::k_network_document, k_document_limit));
  if (text) {
    auto document = netstate::parse_document(*text);
    if (!document) return core::wrap(path::k_network_document, document.error());
    if (document->line.generation == told.reading.line->generation) {
      told.document = *std::move(document);
      told.text = core::trim(*text);
      told.has_evidence = true;
    }
  }
  told.document.line = *told.reading.line;
  if (!told.has_evidence) told.document.override_ = told.reading.override_;
  return told;
}

std::string_view why_not(Freshness freshness) {
  switch (freshness) {
    case Freshness::fresh:
    case Freshness::absent:
      break;
    case Freshness::expired:
      return "nobody has looked since";
    case Freshness::dead:
      return "the daemon that found it has gone";
  }
  return {};
}

// "limited, offline: something answers in the place of others; since 3m ago"
std::string sentence(const Told& told, Time now) {
  const auto& line = told.document.line;
  const bool is_fresh = told.reading.freshness == Freshness::fresh;
  const std::string state(line.state ? core::name_of(*line.state) : "unknown");
  std::string text;
  if (!is_fresh) text = fmt::format("unknown: {}; it was ", why_not(told.reading.freshness));
  text += state;
  if (line.state) {
    text +=
        fmt::format(" ({}): {}; since {}", core::name_of(line.reason),
                    netstate::sentence_of(line.reason), core::cli::relative_time(line.since, now));
  }
  return text;
}

// The facts below the sentence, each beside its name.
class Facts {
 public:
  explicit Facts(const Context& context)
      : now_(context.clock.now()), page_(core::cli::result_page(context)) {}

  void add(std::string_view name, const std::string& fact) {
    if (fact.empty()) return;
    text_ += fmt::format("  {:<10}{}\n", name,
                         core::cli::hanging(core::cli::display_text(fact, now_), 12, page_));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Time now_;
  core::cli::Page page_;
  std::string text_;
};

std::string mode_fact(const Told& told, Time now) {
  const auto mode = told.reading.mode();
  std::string fact(mode ? core::name_of(*mode) : "unknown");
  if (!told.reading.override_) return fact;
  const auto& set = *told.reading.override_;
  fact += fmt::format(", set by {} {}", set.by, core::cli::relative_time(set.since, now));
  if (set.until) fact += fmt::format(", until {}", core::format_second(*set.until));
  if (!set.reason.empty()) fact += ": " + set.reason;
  return fact;
}

std::string found_fact(const Told& told, Time now) {
  const auto& line = told.document.line;
  std::string fact = fmt::format("by {}", core::name_of(line.by));
  if (told.document.looked_at) {
    fact += ", which asked " + core::cli::relative_time(*told.document.looked_at, now);
  }
  if (told.reading.freshness == Freshness::fresh) {
    fact += ", holds for " + core::format_duration(line.valid_until - now);
  }
  return fact;
}

std::string facts(const Context& context, const Told& told) {
  const auto& document = told.document;
  const auto& line = document.line;
  const Time now = context.clock.now();
  Facts facts(context);
  facts.add("mode", mode_fact(told, now));
  facts.add("found", found_fact(told, now));
  facts.add("network", document.network.empty() ? line.interface : document.network);
  facts.add("metered", std::string(core::name_of(line.metered)));
  facts.add("login", document.verdict.login_url);
  facts.add("note", document.verdict.note);
  if (document.verdict.is_degraded) facts.add("degraded", "an endpoint reports errors");
  if (document.is_flapping) facts.add("flapping", "hooks wait until it is quiet");
  if (document.budget_left) {
    facts.add("budget", core::format_size(*document.budget_left) + " left");
  }
  return facts.text();
}

core::cli::Style style_of(const Record& row) {
  const auto* speaks = std::get_if<std::string>(&row.value("speaks"));
  if (speaks == nullptr) return core::cli::Style::plain;
  if (*speaks == core::name_of(Step::Speaks::for_it)) return core::cli::Style::green;
  if (*speaks == core::name_of(Step::Speaks::against_it)) return core::cli::Style::red;
  return core::cli::Style::dim;
}

void print_steps(Context& context, const Document& document) {
  using core::cli::Value;
  core::cli::Table table(
      context,
      {{.field = "rung", .header = "RUNG"},
       {.field = "speaks", .header = "SPEAKS", .yields = 2, .style = style_of},
       {.field = "at", .header = "WHERE", .max_width = 48, .min_width = 24},
       {.field = "took", .header = "TOOK", .align = core::cli::Align::right, .yields = 3},
       {.field = "bytes", .header = "BYTES", .align = core::cli::Align::right, .yields = 1},
       {.field = "saw", .header = "SAW", .min_width = 26, .overflow = core::cli::Overflow::wrap}},
      {});
  for (const auto& step : netstate::steps_of(document, context.clock.now())) {
    Record record;
    record.add("rung", step.rung).add("at", step.at);
    record.add("speaks", step.speaks == Step::Speaks::neither ? "" : core::name_of(step.speaks));
    record.add("took", step.took ? core::format_duration(*step.took) : "");
    record.add("bytes", step.bytes ? std::to_string(step.bytes->value) : "");
    record.add("saw", step.saw);
    table.add(record);
  }
  table.finish();
}

void print_json(Context& context, const Told& told) {
  std::string text =
      told.has_evidence ? told.text
                        : std::string(core::trim(netstate::format_document(told.document).history));
  text.pop_back();
  context.out.print("{},\"freshness\":{}}}\n", text,
                    core::codec::quote_json(core::name_of(told.reading.freshness)));
}

}  // namespace

Result<ExitCode> run_explain(Context& context, const ExplainOptions& options) {
  TRY_ASSIGN(const auto told, read_told(context));
  if (!told) return core::fail(Errc::later, "nobody has looked at the network yet");
  if (options.format == core::cli::Format::json) {
    print_json(context, *told);
  } else {
    context.out.write(core::cli::hanging(sentence(*told, context.clock.now()), 0,
                                         core::cli::result_page(context)) +
                      "\n");
    context.out.write(facts(context, *told) + "\n");
    if (told->has_evidence) {
      print_steps(context, told->document);
    } else {
      context.out.write("No evidence was published with it.\n");
    }
  }
  return told->reading.freshness == Freshness::fresh ? ExitCode::ok : ExitCode::later;
}

}  // namespace netwatch
