// SPDX-License-Identifier: MIT
// Operations that are commands: they take the place of requests, and are settled as these are.

#include <utility>
#include <variant>

#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"

namespace core::delivery {
namespace {

// Of standard input; `offq run` stores no more than queue.max_payload.
constexpr ByteCount k_input_limit{1UL << 30U};

}  // namespace

// Whose file may have come from another machine is not run, whatever its seal says.
Result<> SyncRun::launch_command(Flight flight) {
  const auto refuse = [&](std::string why, Class kind) {
    return apply(std::move(flight), {.kind = kind, .message = std::move(why), .retry_at = {}},
                 nullptr);
  };
  if (parts_.commands == nullptr) return refuse("commands are not run here", Class::misconfigured);
  TRY_ASSIGN(const auto own_id, queue::queue_id(parts_.store.files()));
  if (flight.route.command->queue != own_id) {
    return refuse("command: it was not queued here by offq run", Class::rejected);
  }
  TRY_ASSIGN(auto job, job_of(flight));
  if (!job) {
    auto& entry = flight.members.front().entry;
    busy_.erase(entry.id);
    return give_up(std::move(entry), codec::Reason::unreadable, "its standard input is missing");
  }
  job->tag = next_tag_++;
  if (const auto started = parts_.commands->start(*job); !started) {
    return refuse(started.error().message, Class::temporary);
  }
  if (!std::exchange(flight.is_counted, true)) ++sent_;
  targets_.sent(flight.target);
  flights_.emplace(job->tag, std::move(flight));
  return {};
}

// nullopt: what it is to be given has gone.
Result<std::optional<CommandJob>> SyncRun::job_of(const Flight& flight) {
  const auto& entry = flight.members.front().entry;
  CommandJob job{.command = *flight.route.command,
                 .input = {},
                 .id = entry.id.text(),
                 .attempt = entry.attempts + 1,
                 .queue_directory = parts_.store.files().root()};
  const auto* body = std::get_if<net::BodyFile>(&flight.route.request.body);
  if (body == nullptr) return job;
  TRY_ASSIGN(auto input,
             sys::read_file(parts_.store.files(), queue::blob_path(body->sha256), k_input_limit));
  if (!input || input->size() != body->size) return std::nullopt;
  job.input = *std::move(input);
  return job;
}

Result<> SyncRun::finish_commands() {
  if (parts_.commands == nullptr) return {};
  for (auto& end : parts_.commands->take())
    TRY(finish_command(std::move(end)));
  return {};
}

// What it has printed stands in the receipt as an answer would.
Result<> SyncRun::finish_command(CommandEnd end) {
  auto found = flights_.extract(end.tag);
  if (found.empty()) return {};
  Flight flight = std::move(found.mapped());
  targets_.answered(flight.target);
  const Verdict verdict = verdict_of(end);
  const net::HttpExchange exchange{.tag = end.tag,
                                   .result = net::HttpResponse{.status = 0,
                                                               .headers = {},
                                                               .body = std::move(end.output),
                                                               .truncated = end.is_truncated},
                                   .elapsed = end.elapsed};
  return apply(std::move(flight), verdict, &exchange);
}

}  // namespace core::delivery
