// SPDX-License-Identifier: MIT
#include "libcore/sys/supervisor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>

#include <doctest/doctest.h>

#include "libcore/sys/fd.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fakes/text_streams.hpp"

using core::sys::Supervisor;

namespace {

fakes::MapEnvironment environment_with(const std::string& socket) {
  return fakes::MapEnvironment(std::map<std::string, std::string>{{"NOTIFY_SOCKET", socket}});
}

// A service manager's end of the socket. `name` begins with '@' for an abstract one.
core::sys::Fd listen_at(const std::string& name) {
  core::sys::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(name.size() < sizeof address.sun_path);
  std::ranges::copy(name, &address.sun_path[0]);
  if (name.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  return fd;
}

std::string heard(const core::sys::Fd& fd) {
  std::array<char, 256> buffer{};
  const auto size = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
  return size < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

}  // namespace

TEST_CASE("the service manager hears what it is told, at a path and at an abstract name") {
  const fakes::TempDir dir;
  for (const auto& name : {dir / "notify", "@offkit-test" + dir.path()}) {
    const auto manager = listen_at(name);
    const Supervisor supervisor(environment_with(name));
    supervisor.tell("READY=1\nSTATUS=watching");
    CHECK(heard(manager) == "READY=1\nSTATUS=watching");
    CHECK(heard(manager) == "nothing");
  }
}

TEST_CASE("without a service manager there is nobody to tell") {
  for (const auto& socket :
       {std::string(), std::string("/nobody/is/here"), std::string(200, 'x')}) {
    const Supervisor supervisor(environment_with(socket));
    supervisor.tell("READY=1");  // returns, whoever is there
  }
  const fakes::TempDir dir;
  const auto manager = listen_at(dir / "other");
  CHECK(heard(manager) == "nothing");
}
