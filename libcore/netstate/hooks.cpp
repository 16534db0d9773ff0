// SPDX-License-Identifier: MIT
#include "libcore/netstate/hooks.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/codec/json_flat.hpp"
#include "libcore/netstate/mode_texts.hpp"
#include "libcore/netstate/publish.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/foreground.hpp"
#include "libcore/sys/paths.hpp"

namespace core::netstate {
namespace {

namespace path = queue::path;

constexpr ByteCount k_journal_limit{4096};
constexpr ByteCount k_document_limit{1U << 20U};
constexpr Duration k_step{std::chrono::milliseconds{20}};

std::uint64_t generation_of(const std::string& document) {
  const auto members = codec::parse_flat_object(document);
  return members ? codec::number_of(*members, "generation") : 0;
}

// The document of this generation. One that somebody has published meanwhile is not it.
std::string document_of(const sys::Files& files, const Published& line, Time now) {
  const auto text = sys::read_file(files, path::k_network_document, k_document_limit);
  const std::string document = text && *text ? **text : "";
  if (generation_of(document) == line.generation) return document;
  return mode_texts("", line, std::nullopt, now).document;
}

std::vector<std::pair<std::string, std::string>> variables_of(const std::string& directory,
                                                              HookEvent event,
                                                              const Published& line) {
  return {{"OFFQ_DIR", directory},
          {"NETWORK_EVENT", std::string(name_of(event))},
          {"NETWORK_STATE", std::string(line.state ? name_of(*line.state) : "unknown")},
          {"NETWORK_MODE", std::string(name_of(line.mode))},
          {"NETWORK_REASON", std::string(name_of(line.reason))},
          {"NETWORK_GENERATION", std::to_string(line.generation)},
          {"NETWORK_INTERFACE", line.interface},
          {"NETWORK_METERED", std::string(name_of(line.metered))}};
}

std::string hook_path(const std::string& directory, HookEvent event) {
  return sys::join_path(directory, fmt::format("{}/{}", path::k_hooks, name_of(event)));
}

}  // namespace

Result<std::optional<std::string>> find_hook(const std::string& queue_directory, HookEvent event) {
  auto program = hook_path(queue_directory, event);
  TRY_ASSIGN(const bool is_there, sys::check_own_program(program));
  return is_there ? std::optional(std::move(program)) : std::nullopt;
}

Result<HookProcess> HookProcess::start(const sys::Files& files, sys::Children& children,
                                       sys::PollSet& wakes, const sys::Clock& clock,
                                       HookEvent event, const Published& line, Duration limit) {
  // It runs in the queue directory, where a path from here leads nowhere.
  TRY_ASSIGN(const auto here, sys::current_directory());
  const auto root = sys::join_path(here, files.root());
  TRY_ASSIGN(auto child,
             sys::LimitedChild::start({.children = children, .wakes = wakes, .clock = clock},
                                      {.program = hook_path(root, event),
                                       .variables = variables_of(root, event, line),
                                       .directory = root,
                                       .input = document_of(files, line, clock.now())},
                                      {.time = limit}));
  return HookProcess(std::move(child), clock, event, line);
}

std::optional<HookRun> HookProcess::tend() {
  const auto ended = child_.tend();
  if (!ended) return std::nullopt;
  return HookRun{.at = clock_.now(),
                 .event = event_,
                 .generation = line_.generation,
                 .mode = line_.mode,
                 .ended = *ended,
                 .elapsed = child_.elapsed(),
                 .is_late = child_.is_late(),
                 .message = {}};
}

void Hooks::tell(const Published& line, Duration limit) {
  // Nobody wants the files looked at for each line that only says the same for longer.
  if (is_loaded_ && is_idle() && !journal_.due(line)) return;
  newest_ = line;
  limit_ = limit;
  tend();
}

void Hooks::tend() {
  if (running_) tend_running();
  if (stray_ && stray_->tend()) stray_.reset();
  while (newest_ && !running_ && !stray_ && !is_ending_) {
    if (!turn_.is_open() && !take_turn()) return;
    const auto event = journal_.due(*newest_);
    if (event && !stray_) start(*event);
    if (!event) newest_.reset();
  }
  if (!running_ && !stray_) turn_.reset();
}

bool Hooks::take_turn() {
  // To close the lock's file, as after an attempt in vain, would wake ourselves.
  if (waits_for_others_) {
    const auto is_taken = parts_.files.is_being_written(path::k_netwatch_hook_lock);
    if (is_taken && *is_taken) return false;
  }
  auto turn = parts_.files.lock(path::k_netwatch_hook_lock, sys::Wait::no);
  if (!turn) {
    warn_once("hooks: " + turn.error().message);
    newest_.reset();
    return false;
  }
  waits_for_others_ = !turn->is_open();
  if (waits_for_others_) return false;
  turn_ = *std::move(turn);
  load();
  return true;
}

// What cannot be read has not been told.
void Hooks::load() {
  journal_ = {};
  is_loaded_ = true;
  const auto text = sys::read_file(parts_.files, path::k_netwatch_hooks, k_journal_limit);
  if (text && *text) {
    if (auto journal = parse_hook_journal(**text)) journal_ = *std::move(journal);
  }
  const auto boot = parts_.clock.boot_id();
  if (journal_.boot != boot) journal_ = {.boot = boot, .mode = {}, .generation = {}, .running = {}};
  if (!journal_.running) return;
  if (auto stray = sys::Stray::find(journal_.running->process)) {
    stray_.emplace(*std::move(stray), parts_.wakes, parts_.clock);
  }
  journal_.running.reset();
}

void Hooks::store() {
  auto& files = parts_.files;
  const auto write = [&]() -> Result<> {
    TRY(files.remove(path::k_netwatch_new_hooks));
    TRY(files.append(path::k_netwatch_new_hooks, format_hook_journal(journal_), sys::Sync::no));
    return sys::put_in_place(files, path::k_netwatch_new_hooks, path::k_netwatch_hooks);
  };
  if (const auto stored = write(); !stored) warn_once("hooks: " + stored.error().message);
}

void Hooks::start(HookEvent event) {
  const auto program = find_hook(parts_.files.root(), event);
  if (!program || !*program) {
    if (!program) refuse(event, program.error().message);
    journal_.end(event, *newest_);
    return store();
  }
  // Before it starts, or a crash would leave one that ran and nobody knows of.
  journal_.begin(event);
  store();
  auto process = HookProcess::start(parts_.files, parts_.children, parts_.wakes, parts_.clock,
                                    event, *newest_, limit_);
  if (!process) {
    refuse(event, process.error().message);
    journal_.end(event, *newest_);
    return store();
  }
  running_.emplace(*std::move(process));
  if (const auto name = sys::name_of_process(running_->process())) {
    journal_.running->process = *name;
    store();
  }
}

void Hooks::tend_running() {
  const auto run = running_->tend();
  if (!run) return;
  if (!is_ending_) {
    journal_.end(running_->event(), running_->line());
    store();
  }
  log(*run);
  if (const auto text = running_->output(); !text.empty()) parts_.pass_on(text);
  running_.reset();
  if (run->is_late || !run->ended.is_success()) {
    parts_.warn(fmt::format("hook {}: {}", name_of(run->event), outcome_of(*run)));
  }
}

void Hooks::refuse(HookEvent event, const std::string& why) {
  warn_once(why);
  log({.at = parts_.clock.now(),
       .event = event,
       .generation = newest_->generation,
       .mode = newest_->mode,
       .ended = {},
       .message = why});
}

void Hooks::log(const HookRun& run) {
  const auto logged = append_bounded(parts_.files, path::k_netwatch_hook_log,
                                     path::k_netwatch_hook_log_old, format_hook_run(run));
  if (!logged) warn_once("hooks: " + logged.error().message);
}

void Hooks::warn_once(const std::string& message) {
  if (told_warnings_.insert(message).second) parts_.warn(message);
}

std::optional<Duration> Hooks::deadline() const {
  if (running_) return running_->deadline();
  if (stray_) return stray_->deadline();
  return std::nullopt;
}

void Hooks::give_up() {
  is_ending_ = true;
  newest_.reset();
  if (running_) running_->hurry();
}

// What it prints wakes as well, and so may others in the set.
void Hooks::end(Duration grace) {
  give_up();
  const auto end = parts_.clock.since_boot() + grace;
  while (!is_idle() && parts_.clock.since_boot() < end) {
    static_cast<void>(parts_.wakes.is_ready(k_step));
    tend();
  }
}

}  // namespace core::netstate
