// SPDX-License-Identifier: MIT
#include "libcore/queue/promise.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace core::queue {
namespace {

constexpr std::string_view k_move = "put the queue on a disk of this machine: OFFQ_DIR, or -C";

struct Kind {
  std::string_view type;  // of a mount; "fuse." stands for all that begin so
  Survives survives = Survives::elsewhere;
  std::string_view why;
  std::string_view hint;
};

constexpr std::array k_kinds{
    Kind{"ext4", Survives::power_loss, "honours fsync", ""},
    Kind{"ext3", Survives::power_loss, "honours fsync", ""},
    Kind{"xfs", Survives::power_loss, "honours fsync", ""},
    Kind{"btrfs", Survives::power_loss, "honours fsync", ""},
    Kind{"f2fs", Survives::power_loss, "honours fsync", ""},
    Kind{"bcachefs", Survives::power_loss, "honours fsync", ""},
    Kind{"zfs", Survives::power_loss, "honours fsync unless its property sync is disabled", ""},
    Kind{"tmpfs", Survives::kill, "is memory", k_move},
    Kind{"ramfs", Survives::kill, "is memory", k_move},
    Kind{"ext2", Survives::elsewhere, "has no journal: a crash may damage it as a whole",
         "use ext4, xfs or btrfs"},
    Kind{"vfat", Survives::elsewhere,
         "has neither a journal nor owners and modes: a crash may damage it, and others may read "
         "it",
         "use ext4, xfs or btrfs"},
    Kind{"exfat", Survives::elsewhere,
         "has neither a journal nor owners and modes: a crash may damage it, and others may read "
         "it",
         "use ext4, xfs or btrfs"},
    Kind{"nfs", Survives::elsewhere, "is as safe as its server, and so are its locks", k_move},
    Kind{"nfs4", Survives::elsewhere, "is as safe as its server, and so are its locks", k_move},
    Kind{"cifs", Survives::elsewhere, "is as safe as its server, and so are its locks", k_move},
    Kind{"smb3", Survives::elsewhere, "is as safe as its server, and so are its locks", k_move},
    Kind{"ceph", Survives::elsewhere, "is as safe as its servers, and so are its locks", k_move},
    Kind{"9p", Survives::elsewhere, "is as safe as the host of this machine", k_move},
    Kind{"virtiofs", Survives::elsewhere, "is as safe as the host of this machine", k_move},
    Kind{"fuseblk", Survives::elsewhere, "is as safe as the program that serves it", k_move},
    Kind{"fuse", Survives::elsewhere, "is as safe as the program that serves it", k_move},
    Kind{"fuse.", Survives::elsewhere, "is as safe as the program that serves it", k_move}};

const Kind* kind_of(std::string_view type) {
  const auto* const found = std::ranges::find_if(k_kinds, [type](const Kind& kind) {
    return kind.type == type || (kind.type.ends_with('.') && type.starts_with(kind.type));
  });
  return found == k_kinds.end() ? nullptr : found;
}

std::string name_of(const sys::Mount& mount) {
  const bool says_where = mount.source.find('/') != std::string::npos;
  return says_where ? fmt::format("{} on {}", mount.type, mount.source) : mount.type;
}

// The option by which somebody asked for speed instead of safety; empty: none.
std::string_view careless_option(const sys::Mount& mount) {
  if (mount.option("nobarrier")) return "nobarrier";
  if (mount.option("barrier") == "0") return "barrier=0";
  if (mount.option("fsync_mode") == "nobarrier") return "fsync_mode=nobarrier";
  if (mount.type == "overlay" && mount.option("volatile")) return "volatile";
  return {};
}

Promise of_careless(const sys::Mount& mount, std::string_view option) {
  return {.survives = Survives::kill,
          .filesystem = name_of(mount),
          .why = fmt::format("{} is mounted with {}, so that fsync does not reach the disk",
                             name_of(mount), option),
          .hint = fmt::format("mount it without {}", option)};
}

Promise of_overlay(std::span<const sys::Mount> mounts, const sys::Mount& mount) {
  const auto upper = mount.option("upperdir");
  const auto* const below = upper ? sys::mount_of(mounts, *upper) : nullptr;
  // From inside a container the path of the upper directory means another one, or the overlay.
  const bool is_seen = below != nullptr && below->type != "overlay";
  if (is_seen && below->type == "tmpfs") {
    return {.survives = Survives::kill,
            .filesystem = "overlay over tmpfs",
            .why = "overlay writes to tmpfs, which is memory",
            .hint = std::string(k_move)};
  }
  return {.survives = Survives::elsewhere,
          .filesystem = "overlay",
          .why = "overlay is as safe as the filesystem below it, and goes with its container",
          .hint = "put the queue on a volume"};
}

}  // namespace

Promise promise_of(std::span<const sys::Mount> mounts, std::string_view path) {
  const auto* const mount = sys::mount_of(mounts, path);
  if (mount == nullptr) {
    return {.filesystem = "unknown",
            .why = "/proc/self/mountinfo does not say what filesystem this is",
            .hint = {}};
  }
  if (const auto option = careless_option(*mount); !option.empty()) {
    return of_careless(*mount, option);
  }
  if (mount->type == "overlay") return of_overlay(mounts, *mount);
  const auto* const kind = kind_of(mount->type);
  if (kind == nullptr) {
    return {.filesystem = name_of(*mount),
            .why = fmt::format("nothing is known here about {}", name_of(*mount)),
            .hint = "use ext4, xfs or btrfs"};
  }
  return {.survives = kind->survives,
          .filesystem = name_of(*mount),
          .why = fmt::format("{} {}", name_of(*mount), kind->why),
          .hint = std::string(kind->hint)};
}

std::string sentence(const Promise& promise) {
  switch (promise.survives) {
    case Survives::power_loss:
      return fmt::format("Printed ids survive kill -9 and power loss: {}{}.", promise.why,
                         promise.reserve);
    case Survives::kill:
      return fmt::format("Printed ids survive kill -9, but not a power loss or reboot: {}.",
                         promise.why);
    case Survives::elsewhere:
      return fmt::format(
          "Printed ids survive kill -9; whether a power loss, is not decided here: "
          "{}.",
          promise.why);
  }
  return {};
}

}  // namespace core::queue
