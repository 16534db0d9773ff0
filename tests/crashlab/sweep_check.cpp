// SPDX-License-Identifier: MIT
#include "tests/crashlab/sweep_check.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "libcore/base/text.hpp"

namespace sweep {

using core::Result;

namespace {

constexpr int k_repaired = 1;

bool is_right_exit(const Fault& fault, const Ended& ended) {
  if (ended.exited_with(fault.expected_exit())) return true;
  // SQLite does not say why an fsync failed.
  constexpr int k_io = 74;
  if (ended.exited_with(k_io)) return ended.err.find("database: ") != std::string::npos;
  constexpr int k_configuration = 78;
  return ended.exited_with(k_configuration) && ended.err.find("config.yaml: ") != std::string::npos;
}

void complain(Observed& observed, std::string text) {
  observed.complaints.push_back(std::move(text));
}

// Each time that a text is there again.
std::vector<std::string> twice(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  std::vector<std::string> found;
  for (auto at = texts.begin(); (at = std::adjacent_find(at, texts.end())) != texts.end(); ++at)
    found.push_back(*at);
  return found;
}

std::vector<std::string> joined(std::vector<std::string> texts,
                                const std::vector<std::string>& more) {
  texts.insert(texts.end(), more.begin(), more.end());
  return texts;
}

bool has(const std::vector<std::string>& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

}  // namespace

Result<Trial> Trial::of(const Scenario& scenario, Lab& lab) {
  Trial trial(scenario, lab);
  TRY(lab.aim_at(Lab::Target::good));
  TRY_ASSIGN(trial.known_, scenario.prepare(lab));
  TRY(lab.save());
  trial.stored_before_ = stored_files(lab.start());
  trial.receipted_before_ = receipted(lab.start());
  TRY(trial.look_at_it_without_fault());
  return trial;
}

// The command as it should be, counted; then no command at all.
Result<> Trial::look_at_it_without_fault() {
  TRY(begin());
  // The program of enqueue has no shared libraries: what it opens is its own.
  const std::string more = scenario_.does == Scenario::Does::enqueue ? "open,openat" : "creat";
  TRY_ASSIGN(auto ended,
             lab_.offq_under(counting_calls(lab_.log(), more), scenario_.command(lab_)));
  if (!ended.exited_with(scenario_.exit)) {
    return core::fail(core::Errc::io,
                      fmt::format("without a fault: {}: {}", ended.text(), core::trim(ended.err)));
  }
  calls_ = counted_calls(lab_.log());
  Observed control{.ended = std::move(ended)};
  TRY(check_afterwards(control));
  done_ = control.outcome;
  if (scenario_.does == Scenario::Does::enqueue) {
    Observed nothing;
    TRY(begin());
    TRY(deliver_all(nothing));
    undone_ = nothing.outcome;
  }
  return {};
}

Result<> Trial::begin() {
  TRY(lab_.reset());
  if (scenario_.index == Scenario::Index::current) TRY(lab_.must({"status"}, {0, 1}));
  TRY(lab_.aim_at(scenario_.target));
  lab_.delivered();
  printed_.clear();
  canary_.clear();
  sent_first_.clear();
  sent_later_.clear();
  receipted_.clear();
  return {};
}

Result<Observed> Trial::run(const Fault& fault) {
  TRY(begin());
  Observed observed;
  TRY_ASSIGN(observed.ended,
             lab_.offq_under(with_fault(fault, lab_.log()), scenario_.command(lab_)));
  observed.hit = has_hit(fault, observed.ended, lab_.log());
  if (!observed.hit) return observed;
  may_leave_gap_ = scenario_.does == Scenario::Does::enqueue &&
                   (fault.lasts() || fault.kind == Fault::Kind::kill);
  check_end(fault, observed);
  check_files(observed);
  TRY(check_afterwards(observed));
  const bool is_done = observed.outcome == done_;
  const bool may_be_undone = scenario_.does == Scenario::Does::enqueue && printed_.empty();
  const bool must_be_undone = may_be_undone && said_no_;
  if (is_done ? must_be_undone : !(may_be_undone && observed.outcome == undone_)) {
    complain(observed, fmt::format("in the end the queue is\n      {}\n    instead of\n      {}",
                                   fmt::join(observed.outcome, "\n      "),
                                   fmt::join(must_be_undone ? undone_ : done_, "\n      ")));
  }
  return observed;
}

std::string Trial::by_hand(const Fault& fault) const {
  return fmt::format("{} offq {}", fmt::join(with_fault(fault, "strace.log"), " "),
                     fmt::join(scenario_.command(lab_), " "));
}

// --- how it ended ---

void Trial::check_end(const Fault& fault, Observed& observed) {
  const auto& ended = observed.ended;
  if (scenario_.does == Scenario::Does::enqueue) printed_ = whole_lines(ended.out);
  // An id that could not be printed: the operation is queued, and the message says so.
  const bool is_mute = has_cut_off(1, lab_.log());
  const bool is_speechless = has_cut_off(2, lab_.log());
  said_no_ = ended.how == Ended::How::exited && !ended.exited_with(scenario_.exit) && !is_mute;
  if (ended.how == Ended::How::hung) complain(observed, "it hangs");
  if (ended.how == Ended::How::killed && fault.kind != Fault::Kind::kill)
    complain(observed, "an error killed it");
  if (!said_no_) return;
  if (!is_right_exit(fault, ended))
    complain(observed, fmt::format("{} instead of {} or {}", ended.text(), scenario_.exit,
                                   fault.expected_exit()));
  if (!ended.err.starts_with("offq: ") && !is_speechless)
    complain(observed, "it does not say why it failed");
  if (scenario_.does != Scenario::Does::enqueue) return;
  if (!printed_.empty()) complain(observed, "it failed and printed an id");
  const auto stored = stored_files(lab_.queue());
  if (stored != stored_before_)
    complain(observed, fmt::format("it failed and left behind: {}", fmt::join(stored, ", ")));
}

void Trial::check_files(Observed& observed) {
  receipted_ = receipted(lab_.queue());
  sent_first_ = lab_.delivered();
  const auto before = files_of_operations(lab_.start());
  for (const auto& [id, count] : files_of_operations(lab_.queue())) {
    const auto at = before.find(id);
    if (count > std::max(1, at == before.end() ? 1 : at->second))
      complain(observed, fmt::format("{} has {} files", id, count));
  }
}

// --- what the next commands make of it ---

Result<> Trial::check_afterwards(Observed& observed) {
  // Where the fault did not let it be made there may be none.
  TRY_ASSIGN(const auto listed, check_list(observed));
  TRY(check_fsck(observed));
  TRY(check_verify(observed));
  TRY(repeat(observed));
  return deliver_all(observed);
}

Result<std::vector<Listed>> Trial::check_list(Observed& observed) {
  TRY_ASSIGN(const auto ended, lab_.offq({"list", "--json"}));
  if (!ended.exited_with(0))
    complain(observed, fmt::format("list: {}: {}", ended.text(), core::trim(ended.err)));
  auto list = parse_list(ended.out);
  std::vector<std::string> ids;
  std::vector<std::string> keys;
  for (const auto& listed : list) {
    ids.push_back(listed.id);
    if (!listed.key.empty() && listed.state == "pending") keys.push_back(listed.key);
  }
  for (const auto& id : twice(ids))
    complain(observed, "in two states: " + id);
  for (const auto& key : twice(keys))
    complain(observed, "pending twice: the key " + key);
  for (const auto& id : printed_)
    if (!has(ids, id)) complain(observed, "printed and lost: " + id);
  for (const auto& id : known_) {
    const bool may_go = std::ranges::none_of(
        done_, [&](const std::string& line) { return line.starts_with(id + ":"); });
    if (!may_go && !has(ids, id)) complain(observed, "lost: " + id);
  }
  return list;
}

Result<> Trial::check_fsck(Observed& observed) {
  TRY_ASSIGN(const auto found, lab_.offq({"fsck"}));
  constexpr int k_no_queue = 66;
  if (found.exited_with(0) || found.exited_with(k_no_queue)) return {};
  observed.needed_repair = true;
  TRY_ASSIGN(const auto repaired, lab_.offq({"fsck", "--repair"}));
  TRY_ASSIGN(const auto left, lab_.offq({"fsck"}));
  if (!repaired.exited_with(k_repaired) || !left.exited_with(0)) {
    complain(observed, fmt::format("fsck: {}, with --repair {}, then {}: {}", found.text(),
                                   repaired.text(), left.text(), core::trim(found.out)));
  }
  return {};
}

// Every number that was given out is accounted for, but for those of an enqueue that was killed, or
// that failed on a disk on which nothing could be put on record any more.
Result<> Trial::check_verify(Observed& observed) {
  constexpr int k_gaps = 65;
  constexpr int k_no_queue = 66;
  TRY_ASSIGN(const auto ended, lab_.offq({"verify"}));
  if (ended.exited_with(0) || ended.exited_with(k_no_queue)) return {};
  const bool is_without_fault = done_.empty();
  if (is_without_fault) has_gaps_ = ended.exited_with(k_gaps);
  if (ended.exited_with(k_gaps) && (has_gaps_ || may_leave_gap_)) return {};
  complain(observed, fmt::format("verify: {}: {}", ended.text(), core::trim(ended.out)));
  return {};
}

// What can be repeated is done when it has been.
Result<> Trial::repeat(Observed& observed) {
  if (scenario_.does != Scenario::Does::tend) return {};
  TRY_ASSIGN(const auto ended, lab_.offq(scenario_.command(lab_)));
  if (!ended.exited_with(0) && !ended.exited_with(scenario_.exit))
    complain(observed, fmt::format("again: {}: {}", ended.text(), core::trim(ended.err)));
  return {};
}

Result<> Trial::deliver_all(Observed& observed) {
  TRY(lab_.aim_at(Lab::Target::good));
  TRY_ASSIGN(const auto added, lab_.offq({"enqueue", "/canary", "--type", "t", "-d", "{}"}));
  canary_ = std::string(core::trim(added.out));
  if (!added.exited_with(0))
    complain(observed,
             fmt::format("the next enqueue: {}: {}", added.text(), core::trim(added.err)));
  TRY_ASSIGN(const auto synced, lab_.offq({"sync", "--force"}));
  // 1: something expired, as it should.
  if (!synced.exited_with(0) && !synced.exited_with(1))
    complain(observed, fmt::format("the next sync: {}: {}", synced.text(), core::trim(synced.err)));
  sent_later_ = lab_.delivered();
  TRY_ASSIGN(const auto list, check_list(observed));
  check_ledger(list, observed);
  check_outcome(list, observed);
  return {};
}

void Trial::check_ledger(const std::vector<Listed>& list, Observed& observed) {
  for (const auto& key : twice(sent_first_))
    complain(observed, "sent twice by one run: " + key);
  // The server may learn of the last requests of a run when that has ended: they count as sent
  // later. What it learns of three times was sent twice by one of the two runs.
  for (const auto& key : twice(twice(joined(sent_first_, sent_later_))))
    complain(observed, "sent twice afterwards: " + key);
  for (const auto& key : sent_later_)
    if (receipted_.contains(key))
      complain(observed, "sent again although it has a receipt: " + key);
  for (const auto& listed : list) {
    const bool was_sent = has(sent_first_, listed.id) || has(sent_later_, listed.id);
    const bool counts = !receipted_before_.contains(listed.id);
    if (listed.state == "synced" && counts && !was_sent)
      complain(observed, "synced, but never sent: " + listed.id);
    if (listed.state != "synced" && was_sent)
      complain(observed, fmt::format("sent, but {}: {}", listed.text(), listed.id));
  }
}

void Trial::check_outcome(const std::vector<Listed>& list, Observed& observed) {
  for (const auto& listed : list) {
    if (listed.id == canary_) {
      if (listed.state != "synced") complain(observed, "the next operation is " + listed.text());
      continue;
    }
    observed.outcome.push_back(
        fmt::format("{}: {}", is_known(listed.id) ? listed.id : "another", listed.text()));
  }
  std::ranges::sort(observed.outcome);
}

bool Trial::is_known(const std::string& id) const {
  return has(known_, id);
}

}  // namespace sweep
