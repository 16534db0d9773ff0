// SPDX-License-Identifier: MIT
#include "libcore/delivery/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ranges>
#include <tuple>
#include <utility>

namespace core::delivery {
namespace {

// Of how many small operations a probe is chosen.
constexpr std::uint64_t k_probes = 8;

// Of `count` candidates: the first one every other turn, between those the others in turn.
std::size_t choice(int turn, std::size_t count) {
  const auto index = static_cast<std::size_t>(turn);
  if (count == 1 || index % 2 == 0) return 0;
  return 1 + index / 2 % (count - 1);
}

double score(const queue::Order& order, Time now, const queue::Entry& entry) {
  const double hours =
      std::chrono::duration<double, std::ratio<3600>>(now - entry.created_at).count();
  double score = static_cast<double>(entry.priority);
  if (entry.critical) score += order.critical;
  score += order.recency / std::max(1.0, hours);
  if (entry.body_bytes < order.small_under) score += order.small_score;
  return score;
}

}  // namespace

bool Scheduler::goes_before(const queue::Entry& a, const queue::Entry& b) const {
  const auto& query = options_.query;
  const double of_a = score(query.order, query.now.wall, a);
  const double of_b = score(query.order, query.now.wall, b);
  return std::tuple(-of_a, a.id) < std::tuple(-of_b, b.id);
}

Result<> Scheduler::open() {
  lines_.clear();
  TRY(look());
  opened_at_version_ = version_;
  if (!options_.only.empty()) return open_selected();
  TRY_ASSIGN(const auto targets, index_.pending_targets());
  for (const auto& target : targets)
    lines_[target];
  TRY_ASSIGN(auto heads, index_.due_lane_heads(options_.query));
  for (auto& head : heads)
    lines_[queue::Index::target_of(head)].heads.push_back(std::move(head));
  for (auto& [target, line] : lines_) {
    std::ranges::sort(line.heads, [this](const queue::Entry& a, const queue::Entry& b) {
      return goes_before(a, b);
    });
  }
  return {};
}

Result<> Scheduler::open(const queue::Instant& now, const IdSet& under_way) {
  options_.query.now.wall = now.wall;
  options_.query.now.since_boot = now.since_boot;
  read_early_ = under_way;
  return open();
}

void Scheduler::add_head(queue::Entry entry) {
  auto& heads = lines_[queue::Index::target_of(entry)].heads;
  const auto at = std::upper_bound(
      heads.begin(), heads.end(), entry,
      [this](const queue::Entry& a, const queue::Entry& b) { return goes_before(a, b); });
  heads.insert(at, std::move(entry));
}

// Where the best one of the line is; nullptr: there is none.
std::deque<queue::Entry>* Scheduler::front_of(Line& line) const {
  if (line.heads.empty()) return line.waiting.empty() ? nullptr : &line.waiting;
  if (line.waiting.empty()) return &line.heads;
  return goes_before(line.heads.front(), line.waiting.front()) ? &line.heads : &line.waiting;
}

Result<> Scheduler::open_selected() {
  for (const auto& id : options_.only) {
    TRY_ASSIGN(auto entry, index_.find_due(options_.query, id));
    if (!entry) continue;
    auto& line = lines_[queue::Index::target_of(*entry)];
    line.waiting.push_back(*std::move(entry));
    line.is_read = true;
    line.version = opened_at_version_;
  }
  return {};
}

// A page of the best, and for a share of it the newest; what both have is skipped when it is
// sent, because it is no longer pending then.
Result<> Scheduler::refill(const std::string& target, Line& line, std::uint64_t count) {
  const bool first = !line.best_end;
  TRY(look());
  line.version = version_;
  TRY_ASSIGN(auto page, index_.due_page(options_.query, target, queue::DueOrder::best_first, count,
                                        line.best_end));
  line.is_read = !line.best_end;
  const auto fresh = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(count) * std::clamp(options_.fresh_share, 0.0, 1.0)));
  if (fresh > 0 && (first || line.newest_end)) {
    TRY_ASSIGN(auto newest, index_.due_page(options_.query, target, queue::DueOrder::newest_first,
                                            fresh, line.newest_end));
    for (auto& entry : newest) {
      read_early_.insert(entry.id);
      line.waiting.push_back(std::move(entry));
    }
  }
  for (auto& entry : page)
    line.waiting.push_back(std::move(entry));
  return {};
}

Result<Scheduler::Place> Scheduler::best_place(
    const std::function<bool(const std::string& target)>& may_take) {
  Place best;
  for (auto& [target, line] : lines_) {
    if (line.waiting.empty() && line.heads.empty() && line.is_read) continue;
    if (!may_take(target)) continue;
    if (line.waiting.empty() && !line.is_read) TRY(refill(target, line, options_.page));
    auto* front = front_of(line);
    if (front == nullptr) continue;
    if (best.in != nullptr && !goes_before(front->front(), best.in->front())) continue;
    best = {.line = &line, .in = front};
  }
  return best;
}

bool Scheduler::may_have_changed(const Place& place) const {
  const bool is_head = place.in == &place.line->heads;
  return version_ != (is_head ? opened_at_version_ : place.line->version);
}

Result<std::optional<queue::Entry>> Scheduler::next(
    const std::function<bool(const std::string& target)>& may_take) {
  while (true) {
    TRY_ASSIGN(const Place best, best_place(may_take));
    if (best.in == nullptr) return std::nullopt;
    TRY_ASSIGN(auto entry, take(best));
    if (entry) return entry;
  }
}

// nullopt: it is no longer pending.
Result<std::optional<queue::Entry>> Scheduler::take(const Place& place) {
  queue::Entry entry = std::move(place.in->front());
  place.in->pop_front();
  if (!entry.is_batch_line() || !may_have_changed(place)) return entry;
  TRY_ASSIGN(auto current, index_.find(entry.id));
  if (current && current->state() == queue::State::pending) return current;
  return std::nullopt;
}

Result<std::vector<queue::Entry>> Scheduler::next_alike(
    const std::string& target, std::size_t limit,
    const std::function<bool(const queue::Entry&)>& alike) {
  auto& line = lines_[target];
  std::vector<queue::Entry> taken;
  std::vector<queue::Entry> others;  // in their order
  while (taken.size() < limit && others.size() < options_.page) {
    if (line.waiting.empty() && !line.is_read) {
      const auto missing = static_cast<std::uint64_t>(limit - taken.size());
      TRY(refill(target, line, std::max(options_.page, missing)));
    }
    auto* front = front_of(line);
    if (front == nullptr) break;
    const bool is_alike = alike(front->front());
    TRY_ASSIGN(auto entry, take({.line = &line, .in = front}));
    if (entry) (is_alike ? taken : others).push_back(*std::move(entry));
  }
  for (auto& other : std::views::reverse(others))
    put_back(std::move(other));
  return taken;
}

Result<> Scheduler::look() {
  TRY_ASSIGN(version_, index_.version_by_others());
  return {};
}

Result<std::optional<queue::Entry>> Scheduler::probe(
    const std::string& target, int turn, const std::function<bool(const queue::Entry&)>& may_be) {
  if (options_.only.empty()) {
    std::optional<queue::PageEnd> end;
    TRY_ASSIGN(auto page, index_.due_page(options_.query, target, queue::DueOrder::smallest_first,
                                          k_probes, end));
    std::erase_if(page, [&](const queue::Entry& entry) { return !may_be(entry); });
    if (!page.empty()) {
      auto& chosen = page[choice(turn, page.size())];
      read_early_.insert(chosen.id);
      return std::move(chosen);
    }
  }
  return next([&](const std::string& of) { return of == target; });
}

Result<> Scheduler::settled(const queue::Entry& settled) {
  if (!options_.only.empty()) return {};
  TRY_ASSIGN(auto freed, index_.freed_by(options_.query, settled));
  for (auto& entry : freed) {
    read_early_.insert(entry.id);
    add_head(std::move(entry));
  }
  return {};
}

void Scheduler::put_back(queue::Entry entry) {
  if (!entry.lane.empty()) return add_head(std::move(entry));
  auto& line = lines_[queue::Index::target_of(entry)];
  line.version = k_unknown;  // it was read before the others that wait
  line.waiting.push_front(std::move(entry));
}

}  // namespace core::delivery
