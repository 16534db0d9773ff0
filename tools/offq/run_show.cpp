// SPDX-License-Identifier: MIT
#include "tools/offq/run_show.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/layout.hpp"
#include "libcore/codec/command_line.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_pretty.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/operation.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/operation_record.hpp"

namespace offq {
namespace {

using core::Error;
using core::cli::Style;
using core::codec::Envelope;
using core::codec::Receipt;
using core::queue::Entry;
using core::queue::Store;

constexpr std::size_t k_label_width = 12;
constexpr std::size_t k_unreadable_shown = 4096;

// An operation with all that is known of it.
struct Operation {
  Entry entry;
  std::string text;  // as it is in its file, without the newline
  Result<Envelope> envelope = fail(Errc::corrupt, "");
  std::vector<std::string> receipt_lines;
  std::vector<Receipt> receipts;         // those that can be read
  std::optional<std::string> json_body;  // when it is kept as a blob and small enough to look at
};

// Whatever is wrong with the blob, the operation can be shown without it.
std::optional<std::string> load_json_body(Store& store, const core::codec::BlobRef& blob) {
  if (blob.media_type != "application/json" || blob.size > k_inline_limit.value) return {};
  const auto text =
      core::sys::read_file(store.files(), core::queue::blob_path(blob.sha256), {blob.size});
  if (!text || !*text || !core::codec::check_json(**text)) return {};
  return std::string(core::trim(**text));
}

Result<Operation> load(Store& store, const std::string& id) {
  Operation operation;
  TRY_ASSIGN(operation.entry, store.resolve(id));
  TRY_ASSIGN(operation.text, core::queue::read_operation(store.files(), operation.entry));
  if (operation.text.ends_with('\n')) operation.text.pop_back();
  auto parsed = core::codec::parse_envelope(operation.text);
  if (parsed) {
    if (parsed->envelope.blob) operation.json_body = load_json_body(store, *parsed->envelope.blob);
    operation.envelope = std::move(parsed->envelope);
  } else {
    operation.envelope = tl::unexpected<Error>(std::move(parsed).error());
  }
  TRY_ASSIGN(operation.receipt_lines,
             core::queue::receipt_lines_of(store.files(), operation.entry.id));
  for (const auto& line : operation.receipt_lines) {
    auto receipt = core::codec::parse_receipt(line);
    if (receipt) operation.receipts.push_back(*std::move(receipt));
  }
  return operation;
}

// --- text ---

class Page {
 public:
  explicit Page(Context& context) : context_(context), now_(context.clock.now()) {}

  void print(const Operation& operation) {
    print_fields(operation);
    if (operation.envelope) {
      if (operation.envelope->command) print_command(*operation.envelope);
      print_request(*operation.envelope);
      print_body(operation);
    } else {
      print_unreadable(operation);
    }
    print_receipts(operation);
  }

 private:
  void field(std::string_view label, std::string_view text, Style style = Style::plain) {
    context_.out.write(styled(fmt::format("{:<{}}", label, k_label_width), Style::dim) +
                       styled(text, style) + "\n");
  }
  void heading(std::string_view text) {
    context_.out.write("\n" + styled(text, Style::bold) + "\n");
  }
  [[nodiscard]] std::string styled(std::string_view text, Style style) const {
    return core::cli::styled(text, style, context_.out_color);
  }
  [[nodiscard]] std::string time_text(core::Time time) const {
    return fmt::format("{} ({})", core::format_second(time), core::cli::relative_time(time, now_));
  }

  void print_fields(const Operation& operation) {
    const auto record = operation_record(operation.entry, context_.clock);
    for (const auto& [name, value] : record.fields()) {
      if (name == "method" || name == "url" || name == "bytes") continue;
      if (name == "critical" && !operation.entry.critical) continue;
      if (name == "priority" && operation.entry.priority == 0) continue;
      Style style = Style::plain;
      if (name == "state") style = style_of(operation.entry.state());
      if (name == "reason") style = Style::red;
      const auto* time = std::get_if<core::Time>(&value);
      std::string label = name.ends_with("_at") ? name.substr(0, name.size() - 3) : name;
      std::ranges::replace(label, '_', ' ');
      field(label, time != nullptr ? time_text(*time) : core::cli::display_text(value, now_),
            style);
    }
    if (!operation.envelope) return;
    for (const auto& id : operation.envelope->after)
      field("after", id.text());
    if (operation.envelope->meta) field("meta", core::printable(*operation.envelope->meta, 1000));
  }

  void print_command(const Envelope& envelope) {
    const auto command = core::codec::parse_command(envelope.command.value_or(""));
    if (!command) return;
    heading("command");
    std::string line = command->program;
    for (const auto& argument : command->arguments)
      line += " " + argument;
    context_.out.write(core::printable(line, 4096) + "\n");
    field("in", core::printable(command->directory, 1000), Style::dim);
  }

  void print_request(const Envelope& envelope) {
    if (!envelope.request) return;
    const auto& request = *envelope.request;
    heading("request");
    constexpr std::size_t k_long = 4096;
    context_.out.write(fmt::format("{}{}{}\n", request.method, request.method.empty() ? "" : " ",
                                   core::printable(request.url, k_long)));
    for (const auto& [name, value] : request.headers) {
      context_.out.write(styled(name + ":", Style::dim) + " " + core::printable(value, k_long) +
                         "\n");
    }
  }

  void print_body(const Operation& operation) {
    const Envelope& envelope = *operation.envelope;
    const auto& json = envelope.payload ? envelope.payload : operation.json_body;
    if (json) {
      heading("body");
      const bool for_eyes = context_.terminal.out_is_terminal;
      context_.out.write((for_eyes ? core::codec::pretty_json(*json) : *json) + "\n");
    } else if (envelope.blob) {
      const auto& blob = *envelope.blob;
      heading("body");
      context_.out.write(fmt::format("{}{}{}{}{}\n", core::format_size({blob.size}),
                                     blob.media_type.empty() ? "" : ", ",
                                     core::printable(blob.media_type),
                                     blob.name.empty() ? "" : ", ", core::printable(blob.name)));
      context_.out.write(styled(core::queue::blob_path(blob.sha256), Style::dim) + "\n");
    }
  }

  void print_unreadable(const Operation& operation) {
    heading("unreadable");
    context_.out.write(styled(operation.envelope.error().message, Style::red) + "\n");
    context_.out.write(core::printable(operation.text, k_unreadable_shown) + "\n");
  }

  void print_receipts(const Operation& operation) {
    if (operation.receipts.empty()) return;
    heading("history");
    for (const auto& receipt : operation.receipts)
      print_receipt(receipt);
  }

  void print_receipt(const Receipt& receipt) {
    using core::codec::Outcome;
    const Style style = receipt.outcome == Outcome::synced      ? Style::green
                        : receipt.outcome == Outcome::failed    ? Style::red
                        : receipt.outcome == Outcome::attempted ? Style::yellow
                                                                : Style::plain;
    std::string line = styled(time_text(receipt.at), Style::dim) + "  " +
                       styled(core::name_of(receipt.outcome), style);
    if (receipt.reason != Reason::none) line += fmt::format(" {}", core::name_of(receipt.reason));
    if (receipt.http && receipt.http->status != 0) {
      line += fmt::format("  HTTP {}", receipt.http->status);
    }
    if (receipt.ms > 0) line += fmt::format("  {} ms", receipt.ms);
    if (!receipt.destination.empty()) line += "  " + core::printable(receipt.destination);
    context_.out.write(line + "\n");
    if (!receipt.error_message.empty()) {
      context_.out.write("  " + core::printable(receipt.error_message, 1000) + "\n");
    }
    if (receipt.http && receipt.http->body && !receipt.http->body->empty()) {
      context_.out.write("  " + core::printable(core::trim(*receipt.http->body), 1000) + "\n");
    }
    if (receipt.http && receipt.http->blob) {
      const auto& blob = *receipt.http->blob;
      context_.out.write(fmt::format("  {} in {}\n", core::format_size({blob.size}),
                                     core::queue::blob_path(blob.sha256)));
    }
  }

  Context& context_;
  core::Time now_;
};

// --- json ---

std::string json_of(const Operation& operation) {
  core::codec::JsonObject object;
  if (operation.envelope) {
    std::string raw = operation.text;
    std::ranges::replace(raw, '\n', ' ');  // a hand-written file may span lines
    object.add_raw("operation", raw);
  } else {
    object.add_raw("operation", "null");
    object.add("unreadable", core::printable(operation.text, k_unreadable_shown));
  }
  object.add("state", core::name_of(operation.entry.state()));
  object.add("attempts", attempts_of(operation.entry));
  if (operation.entry.reason != Reason::none) {
    object.add("reason", core::name_of(operation.entry.reason));
  }
  std::string receipts;
  for (const auto& line : operation.receipt_lines) {
    if (!core::codec::parse_receipt(line)) continue;
    receipts += (receipts.empty() ? "" : ",") + line;
  }
  object.add_raw("receipts", "[" + receipts + "]");
  return object.text();
}

// --- bytes ---

Result<> print_blob(Context& context, Store& store, const core::codec::BlobRef& blob) {
  constexpr std::size_t k_chunk = 1U << 16U;
  const std::string path = core::queue::blob_path(blob.sha256);
  TRY_ASSIGN(const core::sys::Fd fd, store.files().open(path));
  if (!fd.is_open()) return fail(Errc::not_found, "show: " + path + ": it is missing");
  while (!context.out.is_closed()) {
    TRY_ASSIGN(const std::string chunk, core::sys::read_up_to(fd.get(), k_chunk, path));
    if (chunk.empty()) break;
    context.out.write(chunk);
  }
  return {};
}

Result<> print_sent_body(Context& context, Store& store, const Operation& operation) {
  if (!operation.envelope) {
    return core::wrap("show: " + operation.entry.id.text(), operation.envelope.error());
  }
  if (operation.envelope->blob) return print_blob(context, store, *operation.envelope->blob);
  if (!operation.envelope->payload) {
    return fail(Errc::not_found, "show: " + operation.entry.id.text() + ": it has no body");
  }
  context.out.write(*operation.envelope->payload);
  return {};
}

Result<> print_response(Context& context, Store& store, const Operation& operation) {
  for (auto receipt = operation.receipts.rbegin(); receipt != operation.receipts.rend();
       ++receipt) {
    if (!receipt->http) continue;
    if (receipt->http->blob) return print_blob(context, store, *receipt->http->blob);
    if (!receipt->http->body) continue;
    context.out.write(*receipt->http->body);
    return {};
  }
  return fail(Errc::not_found, "show: " + operation.entry.id.text() + ": no answer was received");
}

}  // namespace

Result<ExitCode> run_show(Context& context, const ShowOptions& options) {
  TRY_ASSIGN(auto store, open_to_look(context));
  if (!store) return fail(Errc::not_found, "no such operation: " + options.id);
  TRY_ASSIGN(const Operation operation, load(*store, options.id));
  switch (options.part) {
    case ShowPart::body:
      TRY(print_sent_body(context, *store, operation));
      return ExitCode::ok;
    case ShowPart::response:
      TRY(print_response(context, *store, operation));
      return ExitCode::ok;
    case ShowPart::everything:
      break;
  }
  if (options.format == Format::json) {
    context.out.write(json_of(operation) + "\n");
  } else {
    Page(context).print(operation);
  }
  return operation.envelope ? ExitCode::ok : ExitCode::corrupt;
}

}  // namespace offq
