// SPDX-License-Identifier: MIT
#pragma once

// FakeHttp: an HttpClient that asks a function for its answers. It refuses what CurlHttp refuses
// and honours response_limit, so code tested with it meets no surprise on the network.

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "libcore/net/http.hpp"

namespace fakes {

class FakeHttp final : public core::net::HttpClient {
 public:
  using Answer = std::variant<core::net::HttpResponse, core::net::HttpError>;
  using Script = std::function<Answer(const core::net::HttpRequest&)>;

  explicit FakeHttp(Script script) : script_(std::move(script)) {}

  core::Result<> start(core::net::HttpRequest request) override;
  core::Result<std::vector<core::net::HttpExchange>> wait(
      std::chrono::milliseconds patience) override;
  [[nodiscard]] std::size_t in_flight() const override { return flying_.size(); }
  void abandon() override { flying_.clear(); }

  // Every request that was started, in order, abandoned ones included.
  [[nodiscard]] const std::vector<core::net::HttpRequest>& requests() const { return requests_; }

  // From now on answers stay back until release() lets that many go, the oldest first.
  void hold_answers() { released_ = 0; }
  void release(std::size_t count) { released_ += count; }
  void release_all() { released_ = k_all; }

 private:
  static constexpr std::size_t k_all = static_cast<std::size_t>(-1);

  Script script_;
  std::vector<core::net::HttpRequest> requests_;
  std::vector<core::net::HttpRequest> flying_;
  std::size_t released_ = k_all;
};

// Answers for scripts: a status with a body, and a failure.
FakeHttp::Answer answer(int status, std::string body = {},
                        std::vector<core::net::HeaderField> headers = {});
FakeHttp::Answer failure(core::net::HttpFailure failure, std::string message = "scripted");

}  // namespace fakes
