// SPDX-License-Identifier: MIT
#pragma once

// What the kernel tells of the network, as a parameter: a test brings a network of its own.

#include <optional>
#include <span>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/net/links.hpp"
#include "libcore/net/tcp_evidence.hpp"

namespace netwatch {

class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  // Readable when something has changed; -1 where the kernel tells nothing.
  [[nodiscard]] virtual int fd() const = 0;
  // Whether something has changed since the last call. Errors: io.
  virtual core::Result<bool> drain() = 0;
  // Errors: denied, io; later, when it changes too fast.
  [[nodiscard]] virtual core::Result<core::net::LinkSnapshot> read() const = 0;
  // At once, where an event may take a second.
  [[nodiscard]] virtual bool has_carrier(const std::string& interface) const = 0;
  // Errors: denied, io.
  [[nodiscard]] virtual core::Result<std::optional<core::net::TcpEvidence>> traffic(
      std::span<const core::net::Address> own) const = 0;
};

// The real one. Where the kernel refuses to tell of links, read() says why.
class SystemKernel final : public Kernel {
 public:
  SystemKernel() : links_(core::net::Links::open()) {}

  [[nodiscard]] int fd() const override { return links_ ? links_->fd() : -1; }
  core::Result<bool> drain() override {
    return links_ ? links_->drain() : core::Result<bool>(false);
  }
  [[nodiscard]] core::Result<core::net::LinkSnapshot> read() const override {
    if (!links_) return tl::unexpected<core::Error>(links_.error());
    return links_->read();
  }
  [[nodiscard]] bool has_carrier(const std::string& interface) const override {
    return core::net::has_carrier(interface);
  }
  [[nodiscard]] core::Result<std::optional<core::net::TcpEvidence>> traffic(
      std::span<const core::net::Address> own) const override {
    return core::net::read_tcp_evidence(own);
  }

 private:
  core::Result<core::net::Links> links_;
};

}  // namespace netwatch
