// SPDX-License-Identifier: MIT
#include "libcore/sys/wait.hpp"

#include <array>
#include <fstream>
#include <string>
#include <thread>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "libcore/sys/fd.hpp"
#include "libcore/sys/signal.hpp"

using core::sys::Fd;
using core::sys::Ready;
using core::sys::wait_for;
using namespace std::chrono_literals;

TEST_CASE("a wait ends when there is something to do, or when its time is over") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  CHECK(wait_for(reader.get(), POLLIN, 0ms).value() == Ready::no);
  CHECK(wait_for(writer.get(), POLLOUT, std::nullopt).value() == Ready::yes);

  REQUIRE(::write(writer.get(), "x", 1) == 1);
  CHECK(wait_for(reader.get(), POLLIN, std::nullopt).value() == Ready::yes);
  writer.reset();
  CHECK(wait_for(reader.get(), POLLIN, 30s).value() == Ready::yes);
  CHECK(wait_for(-1, POLLIN, 1ms).value() == Ready::no);
}

namespace {

// As the kernel says: 'S' while it waits.
char state_of_thread(int thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(stat, text);
  const auto at = text.rfind(") ");
  return at == std::string::npos ? '?' : text[at + 2];
}

// In a process of its own, for a signal that was noted stays noted.
int wait_while_another_thread_takes_a_signal() {
  core::sys::catch_interruptions();
  const int waiter = ::gettid();
  std::thread other([waiter] {
    while (state_of_thread(waiter) != 'S')
      std::this_thread::yield();
    ::raise(SIGTERM);
  });
  const auto waited = wait_for(-1, 0, 20s);
  other.join();
  return !waited && waited.error().code == core::Errc::terminated ? 0 : 1;
}

}  // namespace

TEST_CASE("a signal that comes to another thread ends a wait") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(wait_while_another_thread_takes_a_signal());
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
