// SPDX-License-Identifier: MIT
#include "libcore/sys/machine.hpp"

#include <doctest/doctest.h>

using namespace core::sys;  // NOLINT(google-build-using-namespace): the subject

namespace {

constexpr const char* k_mountinfo =
    "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,data=ordered\n"
    "30 25 0:25 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1024k\n"
    "31 25 0:44 /sub /mnt/a\\040b rw master:1 propagate_from:2 - fuse.sshfs me@host:/x rw\n"
    "32 30 8:1 / /tmp rw - xfs /dev/sda1 rw,nobarrier\n"
    "not a mount\n"
    "33 25 0:45 / /cut - ext4\n";

std::string type_of(const std::vector<Mount>& mounts, std::string_view path) {
  const auto* const mount = mount_of(mounts, path);
  return mount == nullptr ? "none" : mount->type;
}

}  // namespace

TEST_CASE("mounts are read with their options, and what is no mount is left out") {
  const auto mounts = parse_mounts(k_mountinfo);

  REQUIRE(mounts.size() == 4);
  CHECK(mounts[0].device == "254:1");
  CHECK(mounts[0].source == "/dev/vda1");
  CHECK(mounts[0].option("data") == "ordered");
  CHECK(mounts[0].option("relatime") == "");
  CHECK(!mounts[0].option("ro"));
  CHECK(mounts[2].point == "/mnt/a b");
  CHECK(mounts[3].option("nobarrier") == "");
  CHECK(parse_mounts("").empty());
}

TEST_CASE("a path belongs to the nearest mount above it, and to the later of two") {
  const auto mounts = parse_mounts(k_mountinfo);

  CHECK(type_of(mounts, "/home/me/queue") == "ext4");
  CHECK(type_of(mounts, "/mnt/a b") == "fuse.sshfs");
  CHECK(type_of(mounts, "/mnt/a bc") == "ext4");
  CHECK(type_of(mounts, "/tmp/queue") == "xfs");
  CHECK(type_of({}, "/") == "none");
}

TEST_CASE("the machine resolves what is not there as far as it is") {
  const RealMachine machine;
  CHECK(machine.resolve("/proc/../no/such/./place") == "/no/such/place");
  CHECK(machine.read("/proc/self/mountinfo").has_value());
  CHECK(!machine.read("/no/such/file").has_value());
}
