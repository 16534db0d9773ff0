// SPDX-License-Identifier: MIT
#include "tools/offq/run_receive.hpp"

#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/config/load.hpp"
#include "libcore/net/receiver.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::net::HttpServer;

constexpr const char* k_default_directory = "offq-inbox";
constexpr core::ByteCount k_token_limit{4096};

Result<core::sys::RealFiles> open_inbox_directory(std::string directory) {
  while (directory.size() > 1 && directory.back() == '/')
    directory.pop_back();
  const std::string parent_path = core::sys::parent_path(directory);
  TRY_ASSIGN(core::sys::RealFiles parent, core::sys::RealFiles::at(parent_path));
  const auto slash = directory.rfind('/');
  const std::string name = slash == std::string::npos ? directory : directory.substr(slash + 1);
  if (!name.empty()) {
    TRY(parent.make_directory(name));
    TRY(parent.sync_directory("."));
  }
  TRY_ASSIGN(core::sys::RealFiles files, core::sys::RealFiles::at(directory));
  TRY(files.check_private());
  return files;
}

// A file that a person keeps, perhaps behind a symbolic link, as the configuration is.
Result<std::string> load_token(const std::string& path) {
  const auto text = core::config::read_config_file(path);
  if (!text) return core::wrap("token file", text.error());
  if (!*text) return fail(Errc::not_found, fmt::format("token file: {}: not there", path));
  const std::string_view token = core::trim(**text);
  if (token.empty()) return fail(Errc::config, fmt::format("token file: {}: empty", path));
  if (token.size() > k_token_limit.value) {
    return fail(Errc::config, fmt::format("token file: {}: larger than {}", path,
                                          core::format_size(k_token_limit)));
  }
  return std::string(token);
}

Result<core::net::Admission> admission_of(const ReceiveOptions& options) {
  core::net::Admission admission;
  TRY_ASSIGN(admission.address, core::net::parse_listen_address(options.listen));
  if (options.token_file) {
    TRY_ASSIGN(admission.token, load_token(*options.token_file));
  } else if (!admission.address.is_loopback()) {
    return fail(Errc::denied,
                fmt::format("listen: {}: others can reach this address: --token-file FILE "
                            "is needed",
                            options.listen));
  }
  return admission;
}

// One line per request, and the count that --quit-after asks for. Called on many threads.
class Journal {
 public:
  Journal(Context& context, HttpServer& server, std::optional<std::int64_t> quit_after)
      : context_(context), server_(server), quit_after_(quit_after) {}

  void note(const core::net::ServerRequest& request, const core::net::ServerAnswer& answer,
            std::uint64_t body_size) {
    const std::lock_guard lock(mutex_);
    ++answered_;
    if (context_.terminal.out_is_terminal) {
      context_.out.write(line(request, answer, body_size) + "\n");
      static_cast<void>(context_.out.flush());  // a terminal that went away stops no server
    } else if (context_.verbosity == core::cli::Verbosity::verbose) {
      context_.note(line(request, answer, body_size));
    }
    if (quit_after_ && answered_ >= *quit_after_) server_.stop();
  }

 private:
  [[nodiscard]] std::string line(const core::net::ServerRequest& request,
                                 const core::net::ServerAnswer& answer,
                                 std::uint64_t body_size) const {
    constexpr std::size_t k_clock_begin = 11;
    constexpr std::size_t k_clock_length = 8;
    const std::string time =
        core::format_time(context_.clock.now()).substr(k_clock_begin, k_clock_length);
    const bool dropped = answer.delivery == core::net::Delivery::drop;
    const std::string* key = request.header("Idempotency-Key");
    std::string text = fmt::format(
        "{} {} {:<6} {}  {}", time, dropped ? "---" : std::to_string(answer.status), request.method,
        core::printable(request.target, 60), core::format_size({body_size}));
    if (key != nullptr) text += "  " + core::printable(*key, 40);
    if (core::net::find_field(answer.headers, "Idempotency-Replayed") != nullptr) {
      text += "  replayed";
    }
    return text;
  }

  Context& context_;
  HttpServer& server_;
  const std::optional<std::int64_t> quit_after_;
  std::mutex mutex_;
  std::int64_t answered_ = 0;  // guarded by mutex_
};

void report_state(Context& context, const core::net::Inbox& inbox) {
  for (const auto& damage : inbox.damage())
    context.warn(damage + " (skipped)");
  if (inbox.torn() > 0) context.note(fmt::format("cut off {} bytes of a torn line", inbox.torn()));
  context.note(fmt::format("{} requests are in the inbox", inbox.lines()));
}

}  // namespace

Result<ExitCode> run_receive(Context& context, const ReceiveOptions& options) {
  TRY_ASSIGN(const core::net::Admission admission, admission_of(options));
  TRY_ASSIGN(core::sys::RealFiles files,
             open_inbox_directory(context.given_directory.value_or(k_default_directory)));
  TRY_ASSIGN(const auto inbox, core::net::Inbox::open(files, context.clock, context.random));
  report_state(context, *inbox);
  core::net::ServerLimits limits;
  limits.body = options.body_limit;
  TRY_ASSIGN(const auto server, HttpServer::listen(admission.address, limits));

  core::net::Receiver receiver(*inbox, context.random, admission,
                               {.fail_rate = options.fail_rate,
                                .fail_after_store_rate = options.fail_after_store,
                                .status = options.status,
                                .delay = options.delay});
  Journal journal(context, *server, options.quit_after);
  core::sys::catch_interruptions();
  context.out.print("listening on http://{}\n", server->address().text());
  TRY(context.out.flush());
  TRY(server->serve([&](const auto& request, auto& body) { return receiver.answer(request, body); },
                    [&](const auto& request, const auto& answer, auto size) {
                      journal.note(request, answer, size);
                    },
                    [] { return core::sys::interruption().has_value(); }));
  if (auto failure = receiver.failure()) return core::wrap("receive", *std::move(failure));
  TRY(core::sys::check_interruption());
  return ExitCode::ok;
}

}  // namespace offq
