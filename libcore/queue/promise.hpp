// SPDX-License-Identifier: MIT
#pragma once

// What a filesystem lets the queue promise. Pure: it looks at mounts and says what follows.

#include <span>
#include <string>
#include <string_view>

#include "libcore/sys/machine.hpp"

namespace core::queue {

// What a printed id survives.
enum class Survives {
  power_loss,  // kill -9, a crash of the machine, and power loss: the filesystem honours fsync
  kill,        // kill -9 only: memory, or a filesystem that was told not to sync
  elsewhere,  // kill -9; the rest is up to a server, a host or a program that is not seen from here
};

struct Promise {
  Survives survives = Survives::elsewhere;
  std::string filesystem;  // "ext4 on /dev/vda1"
  std::string why;         // "ext4 on /dev/vda1 honours fsync": the reason for what is promised
  std::string hint;        // what to do about it; empty when all is well
  std::string reserve{};   // "unless its host …": what nothing here can tell; empty: nothing
};

// Of the queue in the directory `path`, absolute and without symbolic links.
Promise promise_of(std::span<const sys::Mount> mounts, std::string_view path);

// One sentence: "Printed ids survive kill -9 and power loss: ext4 on /dev/vda1 honours fsync."
std::string sentence(const Promise& promise);

}  // namespace core::queue
