// SPDX-License-Identifier: MIT
#include "libcore/net/curl_transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <sys/types.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/net/curl_failure.hpp"
#include "libcore/net/request_check.hpp"

namespace core::net {
namespace {

constexpr std::size_t k_header_limit = 256UL * 1024;
constexpr std::uint64_t k_expect_from = 1024UL * 1024;  // libcurl's own threshold
constexpr std::uint64_t k_merged_below = 64UL * 1024;   // likewise
constexpr long k_upload_buffer = 256L * 1024;

bool has_header(const HttpRequest& request, std::string_view name) {
  return std::ranges::any_of(request.headers, [&](const HeaderField& field) {
    return equals_ignoring_case(field.first, name);
  });
}

bool is_framing(std::string_view name) {
  return equals_ignoring_case(name, "content-length") ||
         equals_ignoring_case(name, "transfer-encoding");
}

// Methods that mean something with a body: without one they say Content-Length: 0.
bool expects_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

std::unique_ptr<CurlTransfer> CurlTransfer::create(const CurlOptions& options) {
  CURL* easy = curl_easy_init();
  if (easy == nullptr) return nullptr;
  std::unique_ptr<CurlTransfer> transfer(new CurlTransfer(easy));
  transfer->set_once(options);
  return transfer;
}

CurlTransfer& CurlTransfer::of(CURL* easy) {
  void* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return *static_cast<CurlTransfer*>(self);
}

void CurlTransfer::set_once(const CurlOptions& options) {
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);  // url.cpp has removed the dot segments
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // or a timeout would wait for the resolver's thread
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_write);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_READFUNCTION, &CurlTransfer::on_read);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &CurlTransfer::on_seek);
  set(CURLOPT_SEEKDATA, this);
  set(CURLOPT_USERAGENT, "offkit/" OFFKIT_VERSION);
  if (!options.netrc_file.empty()) {
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
    set(CURLOPT_NETRC_FILE, options.netrc_file.c_str());
  }
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.ca_directory.empty()) set(CURLOPT_CAPATH, options.ca_directory.c_str());
}

// --- before ---

Result<> CurlTransfer::prepare(HttpRequest request, const Origins& shared) {
  TRY_ASSIGN(url_, check_request(request));
  request_ = std::move(request);
  TRY(open_body());
  set(CURLOPT_URL, url_.text().c_str());
  set_body();  // first: POSTFIELDS makes the method POST
  set_method();
  set_headers();
  set_version(shared.contains(url_.origin()) ? Sharing::proven : Sharing::unknown);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  set(CURLOPT_SSL_VERIFYPEER, request_.verify_tls ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, request_.verify_tls ? 2L : 0L);
  return {};
}

Result<> CurlTransfer::open_body() {
  const auto* body = std::get_if<BodyFile>(&request_.body);
  if (body == nullptr) return {};
  file_.reset(std::fopen(body->path.c_str(), "rbe"));
  unread_ = body->size;
  if (!body->sha256.empty()) digest_.emplace();
  if (file_ != nullptr) return {};
  const int error = errno;
  return fail(error == ENOENT ? Errc::not_found : Errc::io,
              fmt::format("cannot read the body: {}: {}", body->path,
                          std::generic_category().message(error)));
}

void CurlTransfer::set_method() {
  set(CURLOPT_HTTPGET, 1L);  // undoes NOBODY, UPLOAD and POST of the request before
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (std::holds_alternative<BodyFile>(request_.body)) {
    set(CURLOPT_UPLOAD, 1L);
  } else if (std::holds_alternative<std::string>(request_.body) || expects_body(request_.method)) {
    set(CURLOPT_POST, 1L);
  }
  set(CURLOPT_CUSTOMREQUEST, request_.method == "HEAD" ? nullptr : request_.method.c_str());
}

void CurlTransfer::set_body() {
  const auto* text = std::get_if<std::string>(&request_.body);
  set(CURLOPT_POSTFIELDS, text == nullptr ? "" : text->data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(text == nullptr ? 0 : text->size()));
  if (const auto* body = std::get_if<BodyFile>(&request_.body)) {
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body->size));
    set(CURLOPT_UPLOAD_BUFFERSIZE, k_upload_buffer);
  }
}

void CurlTransfer::set_headers() {
  std::size_t used = 0;
  const auto next_line = [&]() -> std::string& {
    if (used == lines_.size()) lines_.emplace_back();
    lines_[used].clear();
    return lines_[used++];
  };
  for (const auto& [name, value] : request_.headers) {
    if (is_framing(name)) continue;
    auto& line = next_line();
    const auto trimmed = trim(value);
    line += name;
    line += trimmed.empty() ? ";" : ": ";  // "Name:" would mean: leave that header out
    line += trimmed;
  }
  if (!has_header(request_, "content-type")) next_line() = "Content-Type:";
  if (body_size() < k_expect_from && !has_header(request_, "expect")) next_line() = "Expect:";
  nodes_.assign(used, curl_slist{});
  for (std::size_t i = 0; i < used; ++i) {
    nodes_[i].data = lines_[i].data();
    nodes_[i].next = i + 1 < used ? &nodes_[i + 1] : nullptr;
  }
  set(CURLOPT_HTTPHEADER, nodes_.empty() ? nullptr : nodes_.data());
}

// Only over TLS does it pay to wait and see whether a first connection can be shared. With prior
// knowledge libcurl before 8.0 fails whatever shares a connection (curl#10643), but not when that
// is asked for as if it were negotiated: so those requests open connections, until one stands.
void CurlTransfer::set_version(Sharing sharing) {
  long version = CURL_HTTP_VERSION_1_1;
  if (request_.http2 != Http2::never && url_.scheme == "https") version = CURL_HTTP_VERSION_2TLS;
  if (is_prior_knowledge()) {
    version =
        sharing == Sharing::proven ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  }
  set(CURLOPT_HTTP_VERSION, version);
  set(CURLOPT_PIPEWAIT, version == CURL_HTTP_VERSION_2TLS ? 1L : 0L);
  set(CURLOPT_FRESH_CONNECT, version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE ? 1L : 0L);
}

std::uint64_t CurlTransfer::body_size() const {
  if (const auto* text = std::get_if<std::string>(&request_.body)) return text->size();
  if (const auto* body = std::get_if<BodyFile>(&request_.body)) return body->size;
  return 0;
}

// --- meanwhile ---

void CurlTransfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {  // a block begins; those of 1xx come before the final one
    response_.headers.clear();
    head_complete_ = false;
    return;
  }
  if (head_complete_) return;  // trailers are no headers (RFC 9110 6.5.1)
  const auto text = trim(line);
  if (text.empty()) {
    head_complete_ = true;
    return;
  }
  const bool folded = line.front() == ' ' || line.front() == '\t';
  if (folded && !response_.headers.empty()) {
    response_.headers.back().second += ' ';
    response_.headers.back().second += text;
    return;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return;
  response_.headers.emplace_back(trim(text.substr(0, colon)), trim(text.substr(colon + 1)));
}

std::size_t CurlTransfer::take_body(std::string_view bytes) {
  const std::size_t room = request_.response_limit.value - response_.body.size();
  response_.body += bytes.substr(0, room);
  if (bytes.size() <= room) return bytes.size();
  response_.truncated = true;
  return 0;  // ends the transfer with CURLE_WRITE_ERROR
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t /*size*/, std::size_t count,
                                    void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.header_bytes_ += count;
  if (transfer.header_bytes_ > k_header_limit) return 0;
  transfer.take_header({bytes, count});
  return count;
}

std::size_t CurlTransfer::on_write(char* bytes, std::size_t /*size*/, std::size_t count,
                                   void* self) {
  return static_cast<CurlTransfer*>(self)->take_body({bytes, count});
}

std::size_t CurlTransfer::on_read(char* buffer, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  // Never more than announced: libcurl would send it, and the server take it for a next request.
  const auto room = std::min<std::uint64_t>(size * count, transfer.unread_);
  if (room == 0 || transfer.file_ == nullptr) return 0;
  const std::size_t got = std::fread(buffer, 1, room, transfer.file_.get());
  // A file shorter than announced must not end as a request that merely takes too long.
  if (got == 0) return CURL_READFUNC_ABORT;
  transfer.unread_ -= got;
  return transfer.is_as_announced({buffer, got}) ? got : CURL_READFUNC_ABORT;
}

// Known when the last bytes are there, which are not sent then.
bool CurlTransfer::is_as_announced(std::string_view bytes) {
  if (!digest_) return true;
  digest_->update(bytes);
  if (unread_ > 0) return true;
  const auto* body = std::get_if<BodyFile>(&request_.body);
  is_damaged_ = body != nullptr && digest_->hex() != body->sha256;
  return !is_damaged_;
}

int CurlTransfer::on_seek(void* self, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const auto size = transfer.body_size();
  const auto from = static_cast<std::uint64_t>(offset);
  // From the beginning, or not at all: the digest is of the whole.
  const bool is_rewind = from == 0 || !transfer.digest_;
  if (transfer.file_ == nullptr || origin != SEEK_SET || from > size || !is_rewind ||
      fseeko(transfer.file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) {
    return CURL_SEEKFUNC_FAIL;
  }
  transfer.unread_ = size - from;
  if (transfer.digest_) transfer.digest_.emplace();
  return CURL_SEEKFUNC_OK;
}

// --- after ---

std::uint64_t CurlTransfer::fact(CURLINFO which) const {
  curl_off_t value = 0;
  curl_easy_getinfo(easy_.get(), which, &value);
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

// libcurl counts a small body twice when it goes out together with the head: as part of the
// request and as an upload.
std::uint64_t CurlTransfer::bytes_out() const {
  long head = 0;
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &head);
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  const auto request = static_cast<std::uint64_t>(head);
  const auto upload = fact(CURLINFO_SIZE_UPLOAD_T);
  const bool merged = std::holds_alternative<std::string>(request_.body) &&
                      upload < k_merged_below && upload < request &&
                      version < CURL_HTTP_VERSION_2_0;
  return merged ? request : request + upload;
}

bool CurlTransfer::is_whole() const {
  curl_off_t announced = -1;
  curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  return announced >= 0 && response_.body.size() == static_cast<std::uint64_t>(announced);
}

bool CurlTransfer::is_answered(CURLcode code) const {
  if (code == CURLE_OK) return response_.status > 0;
  if (response_.truncated) return true;
  // RFC 9113 8.1: a server may reset the stream behind its whole answer, when it does not care for
  // the rest of the request. libcurl 7.88 takes that for a failure.
  if (code == CURLE_HTTP2_STREAM && head_complete_) return is_whole();
  // A server that refuses an upload answers and hangs up before it has read everything.
  return code == CURLE_SEND_ERROR && head_complete_ && response_.status >= 300;
}

HttpError CurlTransfer::failure(CURLcode code) const {
  if (header_bytes_ > k_header_limit) {
    return {.failure = HttpFailure::protocol,
            .message = fmt::format("header block longer than {} KiB", k_header_limit / 1024)};
  }
  if (is_damaged_) {
    return {.failure = HttpFailure::refused,
            .message = "the body is damaged: it has other bytes than when it was enqueued"};
  }
  long os_error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
  const auto place = fmt::format("{}:{}", url_.host, url_.port);
  return explain_failure({
      .code = code == CURLE_OK ? CURLE_WEIRD_SERVER_REPLY : code,
      .request_began = fact(CURLINFO_PRETRANSFER_TIME_T) > 0,
      .os_error = static_cast<int>(os_error),
      .detail = error_text_.data(),
      .place = place,
      .timeout = request_.timeout,
  });
}

HttpExchange CurlTransfer::finish(CURLcode code) {
  long status = 0;
  long head_in = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_.get(), CURLINFO_HEADER_SIZE, &head_in);
  response_.status = static_cast<int>(status);
  HttpExchange exchange;
  exchange.tag = request_.tag;
  exchange.elapsed =
      std::chrono::microseconds{static_cast<std::int64_t>(fact(CURLINFO_TOTAL_TIME_T))};
  exchange.bytes_out = bytes_out();
  exchange.bytes_in = static_cast<std::uint64_t>(head_in) + fact(CURLINFO_SIZE_DOWNLOAD_T);
  if (is_answered(code)) {
    response_.truncated = response_.truncated || (code != CURLE_OK && !is_whole());
    exchange.result = std::move(response_);
  } else {
    exchange.result = failure(code);
  }
  clear();
  return exchange;
}

void CurlTransfer::clear() {
  request_ = {};
  response_ = {};
  file_.reset();
  digest_.reset();
  is_damaged_ = false;
  header_bytes_ = 0;
  head_complete_ = false;
  error_text_.front() = '\0';
}

}  // namespace core::net
