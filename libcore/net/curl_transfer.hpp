// SPDX-License-Identifier: MIT
#pragma once

// One libcurl easy handle and everything it points to, reused from request to request. Internal
// to CurlHttp: nobody else includes this, since it brings curl.h along.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <curl/curl.h>

#include "libcore/codec/sha256.hpp"
#include "libcore/net/curl_http.hpp"
#include "libcore/net/url.hpp"

namespace core::net {

using Origins = std::set<std::string>;

class CurlTransfer {
 public:
  // Null when libcurl has no memory left.
  static std::unique_ptr<CurlTransfer> create(const CurlOptions& options);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;
  ~CurlTransfer() = default;

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  static CurlTransfer& of(CURL* easy);

  // Sets the handle up for this request. To the `shared` origins a connection stands that carries
  // many requests. Errors: those of CurlHttp::start.
  Result<> prepare(HttpRequest request, const Origins& shared);
  [[nodiscard]] std::string origin() const { return url_.origin(); }
  [[nodiscard]] bool is_prior_knowledge() const {
    return request_.http2 == Http2::prior_knowledge && url_.scheme == "http";
  }
  // What came of it, given libcurl's verdict. Empties the transfer for the next request.
  HttpExchange finish(CURLcode code);
  // Drops request and answer.
  void clear();

 private:
  enum class Sharing { unknown, proven };
  struct EasyCloser {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit CurlTransfer(CURL* easy) : easy_(easy) {}

  template <typename Value>
  void set(CURLoption option, Value value) {
    // Only unknown options and exhausted memory can fail here; the latter shows up in the result.
    static_cast<void>(curl_easy_setopt(easy_.get(), option, value));
  }
  void set_once(const CurlOptions& options);
  Result<> open_body();
  void set_method();
  void set_body();
  void set_headers();
  void set_version(Sharing sharing);
  [[nodiscard]] std::uint64_t body_size() const;
  [[nodiscard]] std::uint64_t fact(CURLINFO which) const;
  [[nodiscard]] std::uint64_t bytes_out() const;
  [[nodiscard]] bool is_whole() const;
  [[nodiscard]] bool is_answered(CURLcode code) const;
  [[nodiscard]] HttpError failure(CURLcode code) const;

  void take_header(std::string_view line);
  std::size_t take_body(std::string_view bytes);
  [[nodiscard]] bool is_as_announced(std::string_view bytes);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_write(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);

  std::unique_ptr<CURL, EasyCloser> easy_;
  HttpRequest request_;
  Url url_;
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::optional<codec::Sha256> digest_;  // of what was read of the file
  bool is_damaged_ = false;              // the file is not what it was
  std::uint64_t unread_ = 0;             // what is still to come of the file's announced size
  // The list that libcurl walks is laid over lines_, so that a warm transfer allocates nothing.
  std::vector<std::string> lines_;
  std::vector<curl_slist> nodes_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool head_complete_ = false;
};

}  // namespace core::net
