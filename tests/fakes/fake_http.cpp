// SPDX-License-Identifier: MIT
#include "tests/fakes/fake_http.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "libcore/net/request_check.hpp"

namespace fakes {
namespace {

using core::net::HttpExchange;
using core::net::HttpRequest;
using core::net::HttpResponse;

std::uint64_t size_of(const HttpRequest& request) {
  if (const auto* text = std::get_if<std::string>(&request.body)) return text->size();
  if (const auto* file = std::get_if<core::net::BodyFile>(&request.body)) return file->size;
  return 0;
}

HttpExchange exchange_of(const HttpRequest& request, FakeHttp::Answer answer) {
  HttpExchange exchange;
  exchange.tag = request.tag;
  exchange.bytes_out = size_of(request);
  if (auto* response = std::get_if<HttpResponse>(&answer)) {
    if (response->body.size() > request.response_limit.value) {
      response->body.resize(request.response_limit.value);
      response->truncated = true;
    }
    exchange.bytes_in = response->body.size();
  }
  exchange.result = std::move(answer);
  return exchange;
}

}  // namespace

core::Result<> FakeHttp::start(HttpRequest request) {
  TRY(core::net::check_request(request));
  const auto* file = std::get_if<core::net::BodyFile>(&request.body);
  if (file != nullptr && !std::filesystem::exists(file->path)) {
    return core::fail(core::Errc::not_found, "cannot read the body: " + file->path);
  }
  requests_.push_back(request);
  flying_.push_back(std::move(request));
  return {};
}

core::Result<std::vector<HttpExchange>> FakeHttp::wait(std::chrono::milliseconds /*patience*/) {
  const auto count = std::min(released_, flying_.size());
  if (released_ != k_all) released_ -= count;
  const auto end = std::next(flying_.begin(), static_cast<std::ptrdiff_t>(count));
  std::vector<HttpRequest> due(std::make_move_iterator(flying_.begin()),
                               std::make_move_iterator(end));
  flying_.erase(flying_.begin(), end);
  std::vector<HttpExchange> done;
  done.reserve(due.size());
  for (const auto& request : due)
    done.push_back(exchange_of(request, script_(request)));
  return done;
}

FakeHttp::Answer answer(int status, std::string body, std::vector<core::net::HeaderField> headers) {
  return HttpResponse{
      .status = status, .headers = std::move(headers), .body = std::move(body), .truncated = false};
}

FakeHttp::Answer failure(core::net::HttpFailure failure, std::string message) {
  return core::net::HttpError{.failure = failure, .message = std::move(message)};
}

}  // namespace fakes
