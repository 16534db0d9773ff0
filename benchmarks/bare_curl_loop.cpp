// SPDX-License-Identifier: MIT
//
// usage: bare_curl_loop URL COUNT CONCURRENCY [1.1|2]
//
// What libcurl alone can do: the requests that a sync would send, with a key of their own each,
// over kept connections and the multi interface, and nothing written to any disk. Over plain http,
// 2 means HTTP/2 with prior knowledge. Exits with 1 unless every answer is a 2xx.

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>

#include <curl/curl.h>
#include <fmt/core.h>

namespace {

constexpr std::string_view k_body = R"({"metric":"loss","step":1,"value":0.25})";

std::size_t drop(char* /*bytes*/, std::size_t size, std::size_t count, void* /*context*/) {
  return size * count;
}

struct Slot {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
};

class Loop {
 public:
  Loop(std::string url, long count, std::string_view version)
      : url_(std::move(url)), count_(count), http2_(version == "2"), multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    for (auto& slot : slots_) {
      curl_multi_remove_handle(multi_, slot.easy);
      curl_easy_cleanup(slot.easy);
      curl_slist_free_all(slot.headers);
    }
    curl_multi_cleanup(multi_);
  }

  // How many got a 2xx. With prior knowledge the first request is alone: libcurl before 8.0 fails
  // requests that share a connection which is still being made.
  long run(int concurrency) {
    if (http2_) {
      begin(slots_.emplace_back(), CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
      drain();
    }
    for (int i = 0; i < concurrency && begun_ < count_; ++i)
      begin(slots_.emplace_back(), http2_ ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    refill_ = true;
    drain();
    return good_;
  }

 private:
  void begin(Slot& slot, long version) {
    if (slot.easy == nullptr) {
      slot.easy = curl_easy_init();
      curl_easy_setopt(slot.easy, CURLOPT_URL, url_.c_str());
      curl_easy_setopt(slot.easy, CURLOPT_POSTFIELDS, k_body.data());
      curl_easy_setopt(slot.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(k_body.size()));
      curl_easy_setopt(slot.easy, CURLOPT_WRITEFUNCTION, drop);
      curl_easy_setopt(slot.easy, CURLOPT_HTTP_VERSION, version);
      curl_easy_setopt(slot.easy, CURLOPT_PRIVATE, &slot);
      curl_easy_setopt(slot.easy, CURLOPT_NOSIGNAL, 1L);
    }
    curl_slist_free_all(slot.headers);
    slot.headers = curl_slist_append(nullptr, "Content-Type: application/json");
    slot.headers = curl_slist_append(
        slot.headers, fmt::format("Idempotency-Key: 01K0000000{:016}", begun_).c_str());
    curl_easy_setopt(slot.easy, CURLOPT_HTTPHEADER, slot.headers);
    curl_multi_add_handle(multi_, slot.easy);
    ++begun_;
  }

  void drain() {
    int running = 1;
    while (running > 0) {
      curl_multi_perform(multi_, &running);
      take_finished(running);
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
  }

  void take_finished(int& running) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result == CURLE_OK && status >= 200 && status < 300) ++good_;
      Slot* slot = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
      curl_multi_remove_handle(multi_, easy);
      if (!refill_ || begun_ >= count_) continue;
      begin(*slot, http2_ ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
      ++running;
    }
  }

  std::string url_;
  long count_;
  bool http2_;
  CURLM* multi_;
  std::deque<Slot> slots_;  // addresses stay
  bool refill_ = false;
  long begun_ = 0;
  long good_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: bare_curl_loop URL COUNT CONCURRENCY [1.1|2]\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const long count = std::atol(argv[2]);
  Loop loop(argv[1], count, argc > 4 ? argv[4] : "1.1");
  const long good = loop.run(std::atoi(argv[3]));
  if (good == count) return 0;
  fmt::print(stderr, "bare_curl_loop: {} of {} were answered with 2xx\n", good, count);
  return 1;
}
