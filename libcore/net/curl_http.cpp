// SPDX-License-Identifier: MIT
#include "libcore/net/curl_http.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <curl/curl.h>
#include <fmt/core.h>

#include "libcore/net/curl_transfer.hpp"

namespace core::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr long k_kept_connections = 256;

// libcurl counts: the last one out cleans up.
class CurlLibrary {
 public:
  CurlLibrary() : code_(curl_global_init(CURL_GLOBAL_ALL)) {}
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  ~CurlLibrary() {
    if (is_ready()) curl_global_cleanup();
  }
  [[nodiscard]] bool is_ready() const { return code_ == CURLE_OK; }

 private:
  CURLcode code_;
};

struct MultiCloser {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

tl::unexpected<Error> curl_error(CURLMcode code) {
  return fail(Errc::io, fmt::format("libcurl: {}", curl_multi_strerror(code)));
}

}  // namespace

class CurlHttp::Engine {
 public:
  explicit Engine(CurlOptions options) : options_(std::move(options)), multi_(curl_multi_init()) {
    if (!is_ready()) return;
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, k_kept_connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options_.max_connections_per_host));
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { abandon(); }

  [[nodiscard]] bool is_ready() const { return library_.is_ready() && multi_ != nullptr; }
  [[nodiscard]] std::size_t in_flight() const { return active_.size(); }

  Result<> start(HttpRequest request) {
    auto transfer = idle_transfer();
    if (transfer == nullptr) return fail(Errc::io, "libcurl: out of memory");
    if (auto prepared = transfer->prepare(std::move(request), shared_); !prepared) {
      put_back(std::move(transfer));
      return prepared;
    }
    const auto code = curl_multi_add_handle(multi_.get(), transfer->easy());
    if (code != CURLM_OK) return curl_error(code);
    active_.push_back(std::move(transfer));
    return {};
  }

  Result<std::vector<HttpExchange>> wait(std::chrono::milliseconds patience) {
    const auto deadline = SteadyClock::now() + patience;
    std::vector<HttpExchange> done;
    while (!active_.empty()) {
      int running = 0;
      if (const auto code = curl_multi_perform(multi_.get(), &running); code != CURLM_OK) {
        return curl_error(code);
      }
      collect(done);
      const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
      if (!done.empty() || rest.count() <= 0) break;
      curl_waitfd wake{.fd = options_.wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
      errno = 0;
      int ready = 0;
      const auto code = curl_multi_poll(multi_.get(), &wake, options_.wake_fd < 0 ? 0 : 1,
                                        static_cast<int>(rest.count()), &ready);
      // libcurl takes a signal for a timeout; errno still knows.
      if (code == CURLM_OK && ready == 0 && errno == EINTR) break;
      if (code != CURLM_OK) return curl_error(code);
      if (wake.revents != 0) break;
    }
    return done;
  }

  void abandon() {
    for (auto& transfer : active_) {
      // A thread that waits for DNS is left to itself, not waited for.
      curl_easy_setopt(transfer->easy(), CURLOPT_QUICK_EXIT, 1L);
      curl_multi_remove_handle(multi_.get(), transfer->easy());
      curl_easy_setopt(transfer->easy(), CURLOPT_QUICK_EXIT, 0L);
      put_back(std::move(transfer));
    }
    active_.clear();
  }

 private:
  std::unique_ptr<CurlTransfer> idle_transfer() {
    if (idle_.empty()) return CurlTransfer::create(options_);
    auto transfer = std::move(idle_.back());
    idle_.pop_back();
    return transfer;
  }

  void put_back(std::unique_ptr<CurlTransfer> transfer) {
    transfer->clear();
    idle_.push_back(std::move(transfer));
  }

  void collect(std::vector<HttpExchange>& done) {
    int waiting = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &waiting)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const auto code = message->data.result;  // gone once the handle is removed
      curl_multi_remove_handle(multi_.get(), easy);
      if (CurlTransfer::of(easy).is_prior_knowledge()) note_sharing(CurlTransfer::of(easy), code);
      done.push_back(CurlTransfer::of(easy).finish(code));
      const auto at = std::ranges::find(active_, easy, &CurlTransfer::easy);
      std::swap(*at, active_.back());
      put_back(std::move(active_.back()));
      active_.pop_back();
    }
  }

  // After a failure the connection may be gone, and with it what was known.
  void note_sharing(const CurlTransfer& transfer, CURLcode code) {
    if (code == CURLE_OK) {
      shared_.insert(transfer.origin());
    } else {
      shared_.erase(transfer.origin());
    }
  }

  CurlLibrary library_;
  CurlOptions options_;
  std::unique_ptr<CURLM, MultiCloser> multi_;
  Origins shared_;  // with prior knowledge only
  std::vector<std::unique_ptr<CurlTransfer>> active_;
  std::vector<std::unique_ptr<CurlTransfer>> idle_;
};

CurlHttp::CurlHttp(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
CurlHttp::~CurlHttp() = default;

Result<std::unique_ptr<CurlHttp>> CurlHttp::create(const CurlOptions& options) {
  auto engine = std::make_unique<Engine>(options);
  if (!engine->is_ready()) return fail(Errc::unavailable, "cannot set up libcurl");
  return std::unique_ptr<CurlHttp>(new CurlHttp(std::move(engine)));
}

Result<> CurlHttp::start(HttpRequest request) {
  return engine_->start(std::move(request));
}

Result<std::vector<HttpExchange>> CurlHttp::wait(std::chrono::milliseconds patience) {
  return engine_->wait(patience);
}

std::size_t CurlHttp::in_flight() const {
  return engine_->in_flight();
}

void CurlHttp::abandon() {
  engine_->abandon();
}

}  // namespace core::net
