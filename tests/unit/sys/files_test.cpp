// SPDX-License-Identifier: MIT
#include "libcore/sys/files.hpp"

#include <atomic>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include <doctest/doctest.h>
#include <pthread.h>

#include "tests/fakes/temp_dir.hpp"

using core::sys::RealFiles;
using core::sys::Sync;

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler has no other place
std::atomic<int> signals_seen{0};

// Holds the lock on a file that others append to, and disturbs the thread that made it: every
// system call in which that thread waits is interrupted, many times. Then it lets go.
class Disturbance {
 public:
  explicit Disturbance(const std::string& path)
      : lock_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    REQUIRE(::flock(lock_.get(), LOCK_EX) == 0);
    struct sigaction action{};
    action.sa_handler = [](int) { ++signals_seen; };
    ::sigaction(SIGUSR1, &action, &before_);
    signals_seen = 0;
    thread_ = std::thread([this, target = ::pthread_self()] {
      constexpr int k_enough = 200;
      for (int sent = 0; sent < k_enough; ++sent) {
        ::pthread_kill(target, SIGUSR1);
        while (signals_seen <= sent)
          std::this_thread::yield();
      }
      lock_.reset();
    });
  }
  Disturbance(const Disturbance&) = delete;
  Disturbance& operator=(const Disturbance&) = delete;
  ~Disturbance() {
    thread_.join();
    ::sigaction(SIGUSR1, &before_, nullptr);
  }

 private:
  core::sys::Fd lock_;
  struct sigaction before_{};
  std::thread thread_;
};

}  // namespace

TEST_CASE("a signal does not keep lines from being appended") {
#ifdef __SANITIZE_THREAD__
  MESSAGE("skipped: ThreadSanitizer keeps signals back from a thread that waits in flock");
  return;
#endif
  const fakes::TempDir dir;
  auto files = RealFiles::at(dir.path());
  REQUIRE(files.has_value());
  {
    const Disturbance disturbance(dir / "lines");
    CHECK(files->append("lines", "a\n", Sync::no).has_value());
  }
  {
    const Disturbance disturbance(dir / "count");
    CHECK(files->update("count", [](const std::string&) { return std::string("1"); }).has_value());
  }
  CHECK(fakes::read_text(dir / "lines") == "a\n");
  CHECK(fakes::read_text(dir / "count") == "1");
}

TEST_CASE("a small file is changed whole, and what would not fit is refused") {
  const fakes::TempDir dir;
  auto files = RealFiles::at(dir.path());
  REQUIRE(files.has_value());
  const auto become = [&](const std::string& text) {
    return files->update("count", [&](const std::string&) { return text; });
  };
  CHECK(become(std::string(4096, 'x')).has_value());
  CHECK(become("1").has_value());
  CHECK(fakes::read_text(dir / "count") == "1");
  CHECK_FALSE(become(std::string(4097, 'x')).has_value());
  CHECK(fakes::read_text(dir / "count") == "1");
}

TEST_CASE("a busy lock is waited for until it is free") {
  const fakes::TempDir dir;
  auto files = RealFiles::at(dir.path());
  REQUIRE(files.has_value());
  auto held = files->lock("lock", core::sys::Wait::no);
  REQUIRE(held.value().is_open());
  CHECK_FALSE(files->lock("lock", core::sys::Wait::no).value().is_open());

  std::atomic<bool> has_begun{false};
  std::thread releasing([&] {
    while (!has_begun)
      std::this_thread::yield();
    held->reset();
  });
  has_begun = true;
  CHECK(files->lock("lock", core::sys::Wait::yes).value().is_open());
  releasing.join();
}

TEST_CASE("what a user names is found behind a symbolic link, and nothing is no error") {
  const fakes::TempDir dir;
  fakes::write_text(dir / "real", "text");
  std::filesystem::create_symlink(dir / "real", dir / "link");
  const auto fd = core::sys::open_input(dir / "link");
  REQUIRE(fd.value().is_open());
  CHECK(core::sys::status_of(*fd, "link")->size == 4);
  CHECK_FALSE(core::sys::open_input(dir / "missing").value().is_open());
  CHECK_FALSE(core::sys::open_input(dir / "real/x").value().is_open());
}
