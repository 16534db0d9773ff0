// SPDX-License-Identifier: MIT
#include "libcore/sys/limited_child.hpp"

#include <chrono>

namespace core::sys {
namespace {

constexpr Duration k_grace{std::chrono::seconds{2}};
constexpr Duration k_a_while{
    std::chrono::hours{1}};  // it has been killed: only its end is of interest

}  // namespace

Result<LimitedChild> LimitedChild::start(const Parts& parts, Command command,
                                         const Limits& limits) {
  TRY_ASSIGN(auto output, ChildOutput::open(limits.output));
  command.output = output.to();
  if (limits.keeps == Keeps::output_and_errors) command.errors = output.to();
  LimitedChild child(parts, std::move(output));
  TRY_ASSIGN(child.child_, parts.children.start(command));
  child.output_.started();
  for (const int fd : {parts.children.fd(child.child_), child.output_.fd()}) {
    // What is not told of here is seen by the next look all the same.
    static_cast<void>(parts.wakes.add(fd));
  }
  child.started_ = parts.clock.since_boot();
  child.deadline_ = child.started_ + limits.time;
  return child;
}

std::optional<Ended> LimitedChild::tend() {
  output_.read();
  const auto ended = children_->ended(child_);
  if (ended) {
    output_.read();  // what came between
  } else if (deadline_ <= clock_->since_boot()) {
    is_late_ |= asked_ == Asked::nothing;
    hurry();
  }
  return ended;
}

void LimitedChild::hurry() {
  const bool is_first = asked_ == Asked::nothing;
  asked_ = is_first ? Asked::to_end : Asked::killed;
  deadline_ = clock_->since_boot() + (is_first ? k_grace : k_a_while);
  children_->signal(child_, is_first ? Children::Signal::terminate : Children::Signal::kill);
}

}  // namespace core::sys
