// SPDX-License-Identifier: MIT
#include "libcore/net/api_prober.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/core.h>

#include "libcore/net/probe_line.hpp"
#include "libcore/net/url.hpp"

namespace core::net {
namespace {

constexpr Duration k_grace = std::chrono::milliseconds{500};  // of a helper, on a slow machine
constexpr std::size_t k_most = 1024UL * 1024;                 // of what it may say

std::vector<std::string> arguments_for(const ProbeLimits& limits) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(limits.whole).count();
  std::vector<std::string> arguments{"--timeout", std::to_string(whole) + "ms"};
  if (limits.family) arguments.push_back(*limits.family == Family::v4 ? "-4" : "-6");
  if (!limits.interface.empty()) {
    arguments.insert(arguments.end(), {"--interface", limits.interface});
  }
  return arguments;
}

}  // namespace

Result<std::unique_ptr<ApiProber>> ApiProber::create(sys::Children& children, std::string program) {
  TRY_ASSIGN(auto set, sys::PollSet::create());
  return std::unique_ptr<ApiProber>(new ApiProber(children, std::move(program), std::move(set)));
}

ApiProber::~ApiProber() {
  forget_child();
}

// What is in URLs is nobody else's business: they go by standard input, not by the command line.
Result<> ApiProber::start(std::vector<ProbeTarget> targets, const ProbeLimits& limits,
                          StopAt /*stop*/, Duration now) {
  forget_child();
  targets_ = std::move(targets);
  results_.clear();
  received_.clear();
  is_told_.assign(targets_.size(), false);
  sys::Command command{.program = program_, .arguments = arguments_for(limits)};
  for (const auto& target : targets_) {
    results_.push_back({.kind = ProbeKind::api, .endpoint = target.name});
    command.input += target.path + "\n";
  }
  is_done_ = true;  // also when it cannot begin
  if (targets_.empty()) return {};
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return sys::io_error("run", program_, errno);
  answers_ = sys::Fd(ends[0]);
  const sys::Fd into(ends[1]);
  ::fcntl(answers_.get(), F_SETFL, O_NONBLOCK);
  command.output = into.get();
  TRY_ASSIGN(child_, children_.start(command));
  TRY(set_.add(answers_.get()));
  TRY(set_.add(children_.fd(*child_)));
  begun_ = now;
  kill_at_ = now + limits.whole + k_grace;
  is_done_ = false;
  return {};
}

void ApiProber::give_up() {
  if (is_done_) return;
  read_answers();
  fill_in(ProbeOutcome::not_sent, "not needed");
  forget_child();
  is_done_ = true;
}

std::optional<Duration> ApiProber::next() const {
  return is_done_ ? std::nullopt : std::optional(kill_at_);
}

void ApiProber::advance(Duration now) {
  std::erase_if(killed_, [this](auto id) { return children_.ended(id).has_value(); });
  if (is_done_) return;
  read_answers();
  const int end = children_.fd(*child_);
  if (children_.ended(*child_)) {
    set_.remove(end);
    child_.reset();
    read_answers();  // what it said at last
    fill_in(ProbeOutcome::not_sent, "the helper program has failed");
  } else if (now >= kill_at_) {
    fill_in(ProbeOutcome::timeout, "no answer in time");
  } else {
    return;
  }
  forget_child();
  is_done_ = true;
}

void ApiProber::read_answers() {
  std::array<char, 8192> buffer{};
  while (answers_.is_open()) {
    const auto size = ::read(answers_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size <= 0 || received_.size() > k_most) {
      set_.remove(answers_.get());
      answers_.reset();
      break;
    }
    received_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  std::size_t begin = 0;
  for (auto end = received_.find('\n'); end != std::string::npos;
       end = received_.find('\n', begin)) {
    take(std::string_view(received_).substr(begin, end - begin));
    begin = end + 1;
  }
  received_.erase(0, begin);
}

// Answers come in any order; the same URL may be asked twice.
void ApiProber::take(std::string_view line) {
  auto result = parse_probe_line(line);
  if (!result) return;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (is_told_[i] || targets_[i].path != result->endpoint) continue;
    is_told_[i] = true;
    result->endpoint = targets_[i].name;
    results_[i] = *std::move(result);
    return;
  }
}

void ApiProber::fill_in(ProbeOutcome outcome, std::string_view why) {
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (is_told_[i]) continue;
    results_[i].outcome = outcome;
    results_[i].message = why;
    if (outcome == ProbeOutcome::timeout) results_[i].elapsed = kill_at_ - k_grace - begun_;
  }
}

void ApiProber::forget_child() {
  if (answers_.is_open()) set_.remove(answers_.get());
  answers_.reset();
  if (!child_) return;
  set_.remove(children_.fd(*child_));
  children_.signal(*child_, sys::Children::Signal::kill);
  if (!children_.ended(*child_)) killed_.push_back(*child_);
  child_.reset();
}

}  // namespace core::net
