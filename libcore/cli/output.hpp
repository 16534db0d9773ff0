// SPDX-License-Identifier: MIT
#pragma once

// Where text goes. Writing is buffered and never fails on the spot: the first error is remembered,
// later writes are dropped, and flush() reports it. A reader that went away (EPIPE) is no error;
// loops ask is_closed() and stop early.

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/result.hpp"

namespace core::cli {

class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  virtual void write(std::string_view text) = 0;
  // Errors: full, io; each failure is reported once. Success when the reader has gone.
  virtual Result<> flush() = 0;
  // Nobody will see what is written from now on.
  [[nodiscard]] virtual bool is_closed() const = 0;
  // Where it goes, for those who wait until its reader has gone; -1: no descriptor.
  [[nodiscard]] virtual int fd() const { return -1; }

  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    write(fmt::format(format, std::forward<Args>(args)...));
  }
};

// A file descriptor that outlives it. Flushes when 64 KiB are waiting, and in the destructor.
class FdOutput final : public Output {
 public:
  enum class Buffering { none, full };
  FdOutput(int fd, std::string name, Buffering buffering)
      : fd_(fd), name_(std::move(name)), buffering_(buffering) {}
  FdOutput(const FdOutput&) = delete;
  FdOutput& operator=(const FdOutput&) = delete;
  ~FdOutput() override;

  // What `other`, which outlives this, has been given is written before what comes here: for two
  // streams on one screen.
  void follow(FdOutput& other) { leader_ = &other; }

  void write(std::string_view text) override;
  Result<> flush() override;
  [[nodiscard]] bool is_closed() const override { return is_closed_; }
  [[nodiscard]] int fd() const override { return fd_; }

 private:
  void send();

  int fd_;
  std::string name_;
  Buffering buffering_;
  std::string waiting_;
  bool is_closed_ = false;
  FdOutput* leader_ = nullptr;
  Result<> outcome_;
};

}  // namespace core::cli
