// SPDX-License-Identifier: MIT
#include "libcore/sys/stray.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libcore/base/text.hpp"

namespace core::sys {
namespace {

// Of /proc/PID/stat, counted from the one after the name, which may hold anything.
constexpr std::size_t k_state = 0;
constexpr std::size_t k_started = 19;

constexpr Duration k_grace{std::chrono::seconds{2}};
constexpr Duration k_a_while{std::chrono::hours{1}};  // it has been killed
constexpr Duration k_step{std::chrono::milliseconds{20}};

std::string stat_of(int number) {
  const Fd fd(::open(("/proc/" + std::to_string(number) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return {};
  std::array<char, 1024> text{};
  const auto length = ::read(fd.get(), text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string{};
}

}  // namespace

std::optional<ProcessName> name_of_process(int number) {
  const auto text = stat_of(number);
  const auto name_end = text.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = split(std::string_view(text).substr(name_end + 2), ' ');
  if (fields.size() <= k_started || fields[k_state] == "Z" || fields[k_state] == "X") {
    return std::nullopt;
  }
  const auto started = parse_unsigned(fields[k_started]);
  if (!started) return std::nullopt;
  return ProcessName{.number = number, .started = *started};
}

std::optional<Stray> Stray::find(const ProcessName& name) {
  if (name.number <= 1) return std::nullopt;
  // First hold on to whoever has the number, then look who it is.
  Fd end(static_cast<int>(::syscall(SYS_pidfd_open, name.number, 0)));
  if (!end.is_open() || name_of_process(name.number) != name) return std::nullopt;
  return Stray(name.number, std::move(end));
}

bool Stray::has_ended() const {
  pollfd polled{.fd = end_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, 0) > 0;
}

void Stray::signal(Children::Signal signal) const {
  ::kill(-number_, signal == Children::Signal::kill ? SIGKILL : SIGTERM);
}

bool Stray::is_alone() const {
  return ::kill(-number_, 0) != 0 && errno == ESRCH;
}

StrayEnd::StrayEnd(Stray stray, PollSet& wakes, const Clock& clock)
    : stray_(std::move(stray)),
      wakes_(&wakes),
      clock_(&clock),
      deadline_(clock.since_boot() + k_grace),
      patience_(k_a_while) {
  stray_.signal(Children::Signal::terminate);
  // What nobody will tell of is looked at again and again.
  patience_ = wakes_->add(stray_.fd()) ? k_a_while : k_step;
}

bool StrayEnd::tend() {
  const Duration now = clock_->since_boot();
  if (!stray_.has_ended()) {
    if (now < deadline_) return false;
    stray_.signal(Children::Signal::kill);
    deadline_ = now + patience_;
    return false;
  }
  if (!killed_) {
    // Programs that it has started may not listen, or take their time.
    stray_.signal(Children::Signal::kill);
    wakes_->remove(stray_.fd());
    killed_ = now;
  }
  deadline_ = now + k_step;
  // Where nobody takes leave of orphans, as in some containers, the dead count for ever.
  return stray_.is_alone() || now - *killed_ >= k_grace;
}

}  // namespace core::sys
