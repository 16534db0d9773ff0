// SPDX-License-Identifier: MIT
#pragma once

// What the kernel says about itself and about mounted filesystems, as a parameter: a test brings a
// machine of its own. parse_mounts and mount_of only look at text.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::sys {

class Machine {
 public:
  Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  virtual ~Machine() = default;

  // A text of /proc or /sys, up to a megabyte of it; nullopt when there is none to be read.
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& path) const = 0;
  // Absolute and without symbolic links; of a path that is not there, as far as it is.
  [[nodiscard]] virtual std::string resolve(const std::string& path) const = 0;
};

class RealMachine final : public Machine {
 public:
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const override;
  [[nodiscard]] std::string resolve(const std::string& path) const override;
};

struct Mount {
  std::string point;
  std::string type;                  // "ext4", "tmpfs", "fuse.sshfs"
  std::string source;                // "/dev/vda1", "server:/export"
  std::string device;                // "254:1": below /sys/dev/block/
  std::vector<std::string> options;  // of the mount, then of the filesystem

  // The value of `name=value`, "" of a bare `name`; nullopt when it is not there.
  [[nodiscard]] std::optional<std::string> option(std::string_view name) const;
};

// The text of /proc/self/mountinfo; lines that are not understood are left out.
std::vector<Mount> parse_mounts(std::string_view mountinfo);

// Where an absolute path without symbolic links is; nullptr when no mount has it.
const Mount* mount_of(std::span<const Mount> mounts, std::string_view path);

}  // namespace core::sys
