// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_receive.hpp"

#include <string_view>

namespace offq {
namespace {

void bind(core::cli::Binder& b, ReceiveOptions& o) {
  b.option("--listen", "HOST:PORT", "Listen here; port 0 takes a free one, which is printed.",
           o.listen, {.default_text = o.listen});
  b.option("--token-file", "FILE",
           "Require the bearer token in FILE; needed unless HOST is a loopback address.",
           o.token_file, {.complete = core::cli::Complete::file});
  b.option("--body-limit", "SIZE", "Refuse larger bodies with 413.", o.body_limit,
           {.default_text = "64MiB"});
  b.option("--fail-rate", "RATE",
           "Answer this share of requests, from 0 to 1, with 503 and store nothing.", o.fail_rate,
           {.default_text = "0"});
  b.option("--fail-after-store", "RATE",
           "Store this share of requests and close the connection without an answer.",
           o.fail_after_store, {.default_text = "0"});
  b.option("--status", "CODE",
           "Answer every request with this status; nothing is stored unless it is 2xx.", o.status);
  b.option("--delay", "DURATION", "Wait before each answer.", o.delay, {.default_text = "none"});
  b.option("--quit-after", "N", "Stop after N requests.", o.quit_after);
}

core::Result<> check_rate(std::string_view option, double rate) {
  if (rate >= 0 && rate <= 1) return {};
  return core::fail(core::Errc::usage,
                    "invalid value: " + std::string(option) + ": must be from 0 to 1");
}

core::Result<> check(const ReceiveOptions& o) {
  TRY(check_rate("--fail-rate", o.fail_rate));
  TRY(check_rate("--fail-after-store", o.fail_after_store));
  if (o.status && (*o.status < 200 || *o.status > 599)) {
    return core::fail(core::Errc::usage, "invalid value: --status: must be from 200 to 599");
  }
  if (o.quit_after && *o.quit_after < 1) {
    return core::fail(core::Errc::usage, "invalid value: --quit-after: must be at least 1");
  }
  return {};
}

constexpr const char* k_description =
    "Keeps every request it is sent, whatever the method and path, and answers with 201 (GET and "
    "HEAD: 200) once it is safe on disk. Requests with an `Idempotency-Key` that came before get "
    "the first answer again and are stored once; the same key with another method, path or body "
    "is refused with 422. `GET /health` is answered and not stored.\n\n"
    "The inbox is the directory that `--dir` names, by default `offq-inbox` in the current one; it "
    "is not a queue, and settings that name the queue do not matter here. "
    "The first line of output says where it listens. Each request becomes one line of JSON in "
    "`inbox.jsonl`: id, at, method, target, headers (credentials left out), key, body and the "
    "status of the answer. JSON bodies are kept byte for byte in `body`, other text in `text`; "
    "bodies above 64 KiB and binary ones are files in `blobs`, named by their SHA-256.\n\n"
    "It listens on this machine only unless told otherwise, and then needs a token. Requests "
    "that come from web pages of other origins are refused. To try how a sender copes, it can be "
    "slow and fail on purpose.";

}  // namespace

core::cli::Declaration<ReceiveOptions> receive_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "receive",
              .summary = "Run a small HTTP server that keeps what it is sent",
              .description = k_description,
              .group = "Delivery",
              .examples = {{"offq receive --dir /tmp/inbox --listen 127.0.0.1:8787",
                            "A server to send to:"},
                           {"offq receive --dir /tmp/inbox --fail-rate 0.3 --delay 200ms",
                            "A bad one:"}},
              .exit_codes = {{ExitCode::ok, "Stopped after `--quit-after` requests."},
                             {ExitCode::not_found, "The token file does not exist."},
                             {ExitCode::full, {}},
                             {ExitCode::io, {}},
                             {ExitCode::later,
                              "Another program listens there, or receives into this directory."},
                             {ExitCode::denied,
                              "The address is not a loopback address and there is no token; or "
                              "the directory is not private."},
                             {ExitCode::interrupted, {}},
                             {ExitCode::terminated, {}}},
              .files = {{"DIR/inbox.jsonl", "The requests, one JSON object per line."},
                        {"DIR/blobs/", "Large and binary bodies, named by SHA-256."},
                        {"DIR/lock", "Held while `offq receive` runs on DIR."}}},
      .bind = bind,
      .program = "offq-receive",
      .check = check};
}

}  // namespace offq
